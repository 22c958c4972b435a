"""The texts: complete, the same in both languages, equal to what the plan shows, and discreet."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from app import texts
from app.channels import gsm7
from app.texts import LANGUAGES, Language
from app.texts.message import mail_about, sms_about

DB = Path(__file__).parents[1] / "db"
BOTH = pytest.mark.parametrize("language", LANGUAGES)


def rows(name: str) -> list[dict[str, str]]:
    with (DB / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def label(row: dict[str, str]) -> str:
    """What a code is called: the second column of every code list."""
    return list(row.values())[1]


def examples() -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads((DB / "demo" / "examples.json").read_text("utf-8"))
    return decoded


def shown(element: str) -> Iterator[dict[str, Any]]:
    """Every occurrence of an element in the citizens' views of the examples."""
    cases = examples()
    for case in cases["plans"] + cases["derived_plans"] + cases["own_cases"]:
        yield from (view for view in case.get("citizen_view", []) if view["element"] == element)


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


EVENTS = rows("notification_events")
EVENT_CODES = [row["event"] for row in EVENTS]


def outgoing(language: Language) -> Iterator[str]:
    """Everything that leaves the house: SMS, subjects and bodies."""
    for event in EVENT_CODES:
        yield sms_about([event], language)
        yield from mail_about([event], language)
    yield sms_about(EVENT_CODES, language)
    yield from mail_about(EVENT_CODES, language)


def test_there_are_texts_for_exactly_the_events_of_the_code_list() -> None:
    assert sorted(texts.notice_events()) == sorted(EVENT_CODES)
    assert len(EVENT_CODES) == 12


@BOTH
@pytest.mark.parametrize("event", EVENT_CODES)
def test_every_event_has_every_text(event: str, language: Language) -> None:
    subject, body = mail_about([event], language)
    assert all((texts.front_page(event, language), sms_about([event], language), subject, body))


@pytest.mark.parametrize("row", EVENTS, ids=EVENT_CODES)
def test_the_danish_notices_are_those_of_the_code_list(row: dict[str, str]) -> None:
    assert texts.front_page(row["event"]) == row["front_page_da"]
    if row["sms_da"].startswith("sms."):
        assert texts.text_key(row["event"], "sms") == row["sms_da"].removeprefix("sms.")
    else:
        assert sms_about([row["event"]]) == row["sms_da"].strip('"')
    subject = re.match(r'subject "(.+?)"', row["email_da"])
    if subject is None:
        assert texts.text_key(row["event"], "mail") == row["email_da"].removeprefix("mail.")
    else:
        assert mail_about([row["event"]]).subject == subject[1]


def test_both_languages_have_the_same_keys_and_the_same_gaps_to_fill() -> None:
    def gaps(text: str) -> set[str | None]:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}

    danish, english = (dict(leaves(texts.load(language))) for language in LANGUAGES)
    assert danish.keys() == english.keys()
    assert {key: gaps(text) for key, text in danish.items()} == {
        key: gaps(text) for key, text in english.items()
    }


@BOTH
def test_no_text_is_empty_or_has_stray_spaces(language: Language) -> None:
    for key, text in leaves(texts.load(language)):
        assert text and text == " ".join(text.split()), key


@BOTH
def test_a_message_about_everything_lists_each_thing_once_in_one_sms(language: Language) -> None:
    together = sms_about([*EVENT_CODES, *EVENT_CODES], language)
    keys = dict.fromkeys(texts.text_key(event, "sms") for event in EVENT_CODES)
    assert gsm7.parts(together) == 1
    assert together == gsm7.normalise(together)
    for channel, message in (("sms", together), ("mail", mail_about(EVENT_CODES, language).body)):
        for key in keys:
            assert message.count(texts.text(f"news.{channel}.{key}", language)) >= 1


@BOTH
def test_one_kind_of_news_however_often_has_its_own_words(language: Language) -> None:
    assert sms_about(["OFFER_GIVEN", "PLAN_CHANGED"], language) == texts.text(
        "sms.plan_changed", language
    )


@BOTH
@pytest.mark.parametrize("event", EVENT_CODES)
def test_every_sms_is_one_part_of_plain_gsm7(event: str, language: Language) -> None:
    text = sms_about([event], language)
    assert text == gsm7.normalise(text)
    assert gsm7.septets(text) <= 160
    assert gsm7.parts(text) == 1


def forbidden() -> Iterator[str]:
    """Words that would tell what a notice is about (R125)."""
    for name in ("intervention_kinds", "education_schemes"):
        for row in rows(name):
            yield from (label(row), row["timeline_label"])
    for name in ("municipalities", "unemployment_funds_sample"):
        yield from (label(row) for row in rows(name))
    yield from ("kursus", "praktik", "mentor", "løntilskud", "fleksjob", "uddannelse", "tilbud")
    yield from ("skole", "virksomhed", "jobmål", "job", "sygdom", "helbred", "læge", "indsats")
    yield from ("jobcenter", "a-kasse", "a-kassen", "kommune", "kommunen", "sagsbehandler", "cpr")
    yield from ("course", "internship", "education", "offer", "school", "company", "health")
    yield from ("job centre", "fund", "municipality", "caseworker", "goal", "disease", "doctor")
    cases = examples()
    for case in cases["plans"] + cases["derived_plans"] + cases["own_cases"]:
        yield from (case["citizen"]["given_name"], case["citizen"]["surname"])
    yield from (caseworker["name"] for caseworker in cases["caseworkers"])


@BOTH
@pytest.mark.rule("R125", "refused")
def test_sms_and_mail_tell_only_that_something_is_new(language: Language) -> None:
    words = {word.casefold() for word in forbidden() if len(word) > 2}
    pattern = re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in sorted(words))})\b")
    for text in outgoing(language):
        found = pattern.search(text.casefold())
        assert found is None, f"{found} in {text!r}"


@BOTH
def test_sms_and_mail_hold_no_link_no_number_and_nothing_to_fill_in(language: Language) -> None:
    for text in outgoing(language):
        assert not re.search(r"https?:|www\.|[0-9{}@]", text)


@BOTH
def test_a_one_time_code_is_all_that_its_message_tells(language: Language) -> None:
    sms = texts.text("sms.contact_code", language).format(code="012345")
    body = texts.text("mail.contact_code.body", language).format(code="012345")
    assert sms == gsm7.normalise(sms)
    assert gsm7.parts(sms) == 1
    for text in (sms, body):
        assert re.findall(r"[0-9]+", text) == ["012345", "10"]
        assert not re.search(r"https?:|www\.|[{}@]", text)
    assert not re.search(r"[0-9{}]", texts.text("mail.contact_code.subject", language))


@BOTH
@pytest.mark.rule("R125", "allowed")
def test_every_sms_and_mail_says_where_to_look_and_that_nobody_reads_replies(
    language: Language,
) -> None:
    reply = {"da": "Beskeden kan ikke besvares.", "en": "You cannot reply to this message."}
    for event in EVENT_CODES:
        for text in (sms_about([event], language), mail_about([event], language).body):
            assert "jobnet.dk" in text and text.endswith(reply[language])


@pytest.mark.rule("R10", "allowed")
def test_element_headings_are_those_of_the_code_list() -> None:
    for row in rows("plan_elements"):
        if row["code"] == "PLAN_DESCRIPTION":
            headings = [texts.description_heading("AGREED_PATH")]
            headings.append(texts.description_heading("CASEWORKER_COMMENT"))
            assert " / ".join(headings) == label(row)
        elif row["code"] != "EDUCATION_STEP":
            assert texts.element_heading(row["code"]) == label(row)


def test_step_headings_are_those_of_the_code_list() -> None:
    for row in rows("education_steps"):
        assert texts.step_heading(int(row["step"])) == row["heading"]


def test_application_answers_are_those_of_the_code_list() -> None:
    listed = {row["code"]: label(row) for row in rows("application_answers")}
    assert texts.section("application_answer") == listed


def test_the_examples_show_these_headings() -> None:
    for element in texts.section("element"):
        assert all(view["heading"] == texts.element_heading(element) for view in shown(element))
    variants = set(texts.section("plan_description").values())
    assert {view["heading"] for view in shown("PLAN_DESCRIPTION")} == variants


def test_the_examples_show_these_education_steps() -> None:
    for view in shown("EDUCATION_STEP"):
        step = f"education_step.{view['step']}"
        assert view["heading"] == texts.step_heading(view["step"])
        assert view["intro"] == texts.step_intro(view["step"])
        labels = texts.section(step)
        names = {"send_label": "send", "help_link": "help_link", "film_link": "film_link"}
        names |= {"reason_label": "reason", "reason_add": "add_reason"}
        assert {name: view.get(name) for name in names} == {
            name: labels.get(key) for name, key in names.items()
        }
        assert view.get("save_label", "GEM") == texts.text("education_step.save")
        for number, goal in enumerate(view.get("goals", []), start=1):
            name = goal["label"].rpartition(": ")[2]
            form = texts.text("education_step.goal")
            assert goal["label"] == form.format(priority=number, goal=name)
            assert goal.get("add_button") == labels.get("add_proposal")
        for application in view.get("applications", []):
            assert application["sent_question"] == labels["sent_question"]
            assert application["sent_label"] == labels["sent_yes"]
            assert application["answer_label"] == labels["answer"]


def test_the_examples_show_these_timeline_and_contract_texts() -> None:
    timeline = texts.section("timeline")
    for view in shown("TIMELINE"):
        assert view["views"] == [timeline["view_timeline"], timeline["view_list"]]
        assert view["today_link"] == timeline["today"]
        assert view["hint"] == timeline["hint"]
        assert view["footer_link"] == timeline["calendar"]
        for row in view["rows"]:
            if row["kind"] == "AGREEMENT":
                assert row["label"] == timeline[f"agreement_{row['authority']}"]
            elif row["kind"] == "JOB_SEARCH_REQUIREMENT":
                assert row["label"] == timeline[f"requirement_{row['issuer']}"]
    for view in shown("CONTRACT"):
        assert view["text"] == texts.text("contract.text")
        assert view["download_label"] == texts.text("contract.download")


def test_the_examples_show_these_labels_in_pop_ups() -> None:
    cases = examples()
    known = set(texts.section("intervention").values())
    for intervention in cases["interventions"] + cases["supporting_interventions"]:
        assert set(intervention["popup_labels"]) | set(intervention["labels"].values()) <= known
    known = set(texts.section("agreement").values())
    for agreement in cases["agreements"]:
        assert {field["label"] for field in agreement["fields"]} <= known


@pytest.mark.rule("R89", "allowed")
def test_the_notice_of_hidden_parts_is_constant() -> None:
    notice = texts.text("plan.hidden_parts_notice")
    assert notice == "Der kan være oplysninger i planen, som du ikke kan se"


@pytest.mark.parametrize("key", ["", "nothing", "timeline", "timeline.hint.more", "element.X"])
@pytest.mark.rule("R10", "refused")
def test_an_unknown_key_is_an_error_and_never_an_empty_text(key: str) -> None:
    with pytest.raises(KeyError):
        texts.text(key)


def test_nobody_can_change_a_text_at_run_time() -> None:
    with pytest.raises(TypeError):
        texts.load()["timeline"]["hint"] = "x"
