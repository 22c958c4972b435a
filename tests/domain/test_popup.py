"""What opens behind a row: pop-ups of interventions, agreements and meetings."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.domain.document import Intervention
from app.domain.popup import (
    AID_FORMS,
    MEETING_MODES,
    PopupField,
    agreement_fields,
    attribution,
    form_display,
    hours_display,
    intervention_status,
    is_current,
    meeting_fields,
    popup_fields,
    when_display,
)
from app.texts import section

from .example_parts import (
    agreement_popups,
    code_list,
    example_interventions,
    intervention,
    requirements as example_requirements,
)
from .example_plans import plan_document


def pairs(fields: list[PopupField]) -> list[dict[str, str]]:
    return [{"label": field["label"], "value": field["value"]} for field in fields]


def lines(item: Intervention, label: str) -> dict[str | None, str]:
    field = next(field for field in popup_fields(item) if field["label"] == label)
    return {line["label"]: line["value"] for line in field["lines"]}


@pytest.mark.parametrize("number", example_interventions())
@pytest.mark.rule("R77", "allowed")
def test_a_pop_up_has_the_fields_and_lines_of_the_worked_example(number: str) -> None:
    item, expected = intervention(number), example_interventions()[number]
    fields = {field["label"]: field["value"] for field in popup_fields(item)}
    assert list(fields) == expected["popup_labels"]
    assert fields["Hvornår"] == when_display(item) == expected["when"]["display"]
    assert fields["Hvorfor"] == expected["why"]
    assert attribution(item) == expected["what"]["attribution"]
    assert hours_display(item) == expected["what"].get("hours_display")
    assert form_display(item) == expected["what"].get("form_display")
    if expected["latest_status"]:
        assert fields["Seneste status"] == expected["latest_status"]["text"]


@pytest.mark.parametrize("number", example_interventions())
def test_a_pop_up_tells_everything_that_was_agreed(number: str) -> None:
    what: dict[str, Any] = example_interventions()[number]["what"]
    told = popup_fields(intervention(number))[0]["value"]
    shown_elsewhere = ("hours_per_week", "code_list", "code", "agreed_with", "agreed_org")
    wanted = [what[key] for key in what if key not in shown_elsewhere]
    assert [value for value in wanted if value not in told] == []


@pytest.mark.parametrize("number", example_interventions())
@pytest.mark.rule("R77", "allowed")
def test_the_place_of_an_intervention_carries_the_labels_of_its_kind(number: str) -> None:
    expected = example_interventions()[number]
    is_aid = expected["kind"] == "AID"
    shown = lines(intervention(number), "Hvem" if is_aid else "Hvor")
    labels = expected["labels"]
    if is_aid:
        assert list(shown) == [labels["contact"], labels["phone"], labels["provider"]]
    else:
        assert set(shown) == set(labels.values())


@pytest.mark.rule("R77", "refused")
@pytest.mark.rule("R86", "allowed")
def test_a_flex_job_does_not_show_the_address_of_the_company() -> None:
    item: Intervention = {**intervention("B2-5"), "company_address": "Guldhejreallé 12, 6600 Vejen"}
    assert "Virksomhedens adresse" not in lines(item, "Hvor")


def test_an_aid_says_who_helps_and_what_it_is_lent_for() -> None:
    item = intervention("B2-6")
    assert lines(item, "Hvem") == {
        "Kontaktperson": "Jytte Hasselbo",
        "Tlf": "00119022",
        "Udbyder": "Skumsprøjt Hjælpemiddeldepot, Skumsprøjtsvej 2, 6600 Vejen",
    }
    assert pairs(popup_fields(item))[0]["value"].startswith("Udlån til: Arbejdsredskaber - It-")


def test_the_first_line_is_not_said_twice() -> None:
    item: Intervention = {**intervention("B2-3"), "headline": "FVU-kursus i læsning"}
    assert popup_fields(item)[0]["value"].count("FVU-kursus i læsning") == 1
    assert popup_fields({**item, "headline": "Dansk"})[0]["lines"][0]["value"] == "Dansk"


@pytest.mark.rule("R65", "allowed")
def test_an_agreement_of_the_past_shows_the_four_fields_of_the_example() -> None:
    held = next(item for item in plan_document("B1-3")["agreements"] if item["id"] == "B3-1")
    assert pairs(agreement_fields(held)) == agreement_popups()["B3-1"]["fields"]


@pytest.mark.rule("R66", "allowed")
def test_a_future_meeting_shows_the_five_fields_of_the_example() -> None:
    planned = plan_document("B1-3")["meetings"][0]
    assert pairs(meeting_fields(planned)) == agreement_popups()["B3-2"]["fields"]


@pytest.mark.rule("R66", "refused")
def test_a_meeting_without_place_role_and_description_leaves_them_out() -> None:
    planned = plan_document("B1-3")["meetings"][0]
    fields = meeting_fields(
        {**planned, "place": None, "caseworker_role": None, "description": None, "mode": "PHONE"}
    )
    assert pairs(fields)[1:] == [
        {"label": "Hvordan", "value": "Telefonisk"},
        {"label": "Med hvem", "value": "Asta Møllegård"},
    ]
    with_address = meeting_fields({**planned, "address": "Gyldenløvesgade 11, 1600 København V"})
    assert with_address[2]["value"] == "Jobcenter København, Gyldenløvesgade 11, 1600 København V"


def test_the_labels_and_codes_are_those_of_the_texts_and_code_lists() -> None:
    modes = {code: row["danish"] for code, row in code_list("meeting_modes").items()}
    forms = {code: row["danish"] for code, row in code_list("aid_forms").items()}
    assert (modes, forms) == (MEETING_MODES, AID_FORMS)
    known = set(section("intervention").values()) | set(section("agreement").values())
    shown = [*popup_fields(intervention("S-5")), *popup_fields(intervention("S-11"))]
    shown += meeting_fields(plan_document("B1-3")["meetings"][0])
    shown += agreement_fields(plan_document("B1-3")["agreements"][0])
    used = {field["label"] for field in shown}
    used |= {line["label"] for field in shown for line in field["lines"] if line["label"]}
    assert used - known == {"Udlån til"}


@pytest.mark.parametrize(
    ("today", "status"),
    [
        ("2019-12-31", "PLANNED"),
        ("2020-01-01", "ONGOING"),
        ("2020-03-31", "ONGOING"),
        ("2020-04-01", "ENDED"),
    ],
)
def test_an_intervention_goes_on_from_its_first_to_its_last_day(today: str, status: str) -> None:
    assert intervention_status(intervention("B2-1"), today) == status
    cancelled: Intervention = {
        **intervention("B2-1"),
        "cancelled_at": "2019-12-01T08:00:00+01:00",
    }
    assert intervention_status(cancelled, today) == "CANCELLED"


@given(today=st.dates().map(str))
def test_an_open_end_never_ends(today: str) -> None:
    expected = "ONGOING" if today >= "2024-09-16" else "PLANNED"
    assert intervention_status(intervention("S-19"), today) == expected


def test_a_requirement_holds_on_both_its_days() -> None:
    requirement = example_requirements("B1-1")[0]
    requirement["valid_to"] = "2019-12-01"
    days = ["2019-10-19", "2019-10-20", "2019-12-01", "2019-12-02"]
    assert [is_current(requirement, day) for day in days] == [False, True, True, False]
    assert is_current({**requirement, "valid_to": None}, "2030-01-01")
