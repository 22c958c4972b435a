"""The demo plans, asked through GraphQL, are what the worked examples say."""

from datetime import date, datetime, time

import pytest

from app.dev import demo as demo_loader
from app.dev.demo import load_demo_once
from app.dev.demo.examples import Example, day, example_file, moved
from app.domain.viewer import Role
from app.settings import Settings
from app.store.db import open_pool
from app.store.documents import Moment
from app.store.queries import queries
from app.store.work import COPENHAGEN
from tests.demo_view import EXAMPLES, Json, ids, plans, ref_by, ref_of_intervention, said, shown
from tests.world import World, open_world


def expected_view(example: Example) -> list[Json]:
    view: list[Json] = said(example.case["citizen_view"])
    return view


@pytest.mark.parametrize("number", EXAMPLES)
@pytest.mark.rule("R148", "allowed")
@pytest.mark.rule("R5", "allowed")
async def test_citizen_and_jobcenter_see_the_view_of_the_example(
    shared_demo: World, number: str
) -> None:
    example = EXAMPLES[number]
    shared_demo.at(day(example.case["today"]))
    found = await plans(shared_demo, example)
    expected = expected_view(example)
    view = shown(found["own"], example)
    rest = example.case.get("not_asserted_elements", [])
    assert view[: len(expected)] == expected
    assert [one["element"] for one in view[len(expected) :]] == rest
    assert not {one["element"] for one in view} & set(example.case["absent_elements"])
    if number != "O-1":  # what is saved and not sent is the citizen's alone; see below
        assert shown(found["as"], example) == view
    findings = [
        {"code": one["code"], "occupation": one["occupation"]["label"]}
        for one in found["own"]["jobGoalConsistency"]
    ]
    assert findings == example.case.get("consistency_findings", findings)
    assert found["own"]["hiddenPartsNotice"] is None


@pytest.mark.rule("R77", "allowed")
async def test_every_intervention_opens_as_the_pop_up_of_the_example(shared_demo: World) -> None:
    seen = []
    for example in EXAMPLES.values():
        shared_demo.at(day(example.case["today"]))
        stored = {one["id"]: one for one in example.interventions}
        for found in (await plans(shared_demo, example))["own"]["interventions"]:
            number = ref_of_intervention(found["description"]["description"], example)
            check_popup(found, stored[number])
            seen.append(number)
    written = [number for e in EXAMPLES.values() for number in e.data["interventions"]]
    assert sorted(seen) == sorted(written)


def check_popup(found: Json, stored: Json) -> None:
    fields = {field["label"]: field for field in found["popup"]}
    assert list(fields) == stored["popup_labels"]
    assert fields["Hvornår"]["value"] == stored["when"]["display"]
    assert fields["Hvorfor"]["value"] == stored["why"]
    assert found["title"] == stored["timeline_label"]
    assert found["attribution"] == stored["what"]["attribution"]
    elsewhere = ("hours_per_week", "code_list", "code", "agreed_with", "agreed_org")
    told = fields["Hvad er aftalt"]["value"]
    texts = [text for key, text in stored["what"].items() if key not in elsewhere]
    assert [text for text in texts if text not in told] == []
    is_aid = stored["kind"] == "AID"
    place = fields["Hvem" if is_aid else "Hvor"]
    labels = {label for key, label in stored["labels"].items() if key != "who"}
    assert {line["label"] for line in place["lines"]} == labels
    parts = stored["who" if is_aid else "where"].values()
    assert [part for part in parts if part not in place["value"]] == []
    if stored["latest_status"]:
        assert fields["Seneste status"]["value"] == stored["latest_status"]["text"]
    assert [link["text"] for link in found["goalLinks"]] == stored["goal_links"]
    assert found["origin"] == stored["origin"]
    assert (found["offer"] is None) == (stored["offer"] is None)
    if external_id := stored.get("external_id"):
        assert found["externalId"].startswith(external_id)


@pytest.mark.parametrize("popup", example_file()["agreements"], ids=lambda popup: popup["id"])
async def test_an_agreement_opens_as_the_pop_up_of_the_example(
    shared_demo: World, popup: Json
) -> None:
    example = EXAMPLES[popup["plan_id"]]
    shared_demo.at(day(example.case["today"]))
    plan = (await plans(shared_demo, example))["own"]
    data = example.data
    by_ref = {
        ref_by("agreement_text", one["agreementText"], data["conversations"]): one
        for one in plan["agreements"]
    } | {
        ref_by("external_id", one["externalId"], data["meetings"]): one for one in plan["meetings"]
    }
    fields = by_ref[popup["id"]]["popup"]
    assert [{"label": f["label"], "value": f["value"]} for f in fields] == popup["fields"]


async def test_a_citizen_exempt_from_digital_post_gets_letters_and_signs(demo: World) -> None:
    example = EXAMPLES["O-3"]
    demo.at(day(example.case["today"]))
    citizen_id = str((await ids(demo))["O-3"][0])
    jobcenter = demo.token(Role.JOBCENTER, organisation="101")
    asked = await demo.ask(
        jobcenter,
        "query($id: ID!) { inbox(first: 10) { edges { node { kind citizenId } } }"
        " citizen(id: $id) { now: plan { version acknowledgement { version } }"
        " before: plan(version: 1) { acknowledgement { version method by note } } } }",
        id=citizen_id,
    )
    (signed,) = example.case["acknowledgements"]
    wanted = {key: signed[key] for key in ("version", "method", "by", "note")}
    assert asked["citizen"]["before"]["acknowledgement"] == wanted
    assert asked["citizen"]["now"] == {"version": 2, "acknowledgement": None}
    letters = [one["node"] for one in asked["inbox"]["edges"]]
    assert letters == [{"kind": "LETTER_TASK", "citizenId": citizen_id}]
    own = demo.token(Role.CITIZEN, citizen=citizen_id)
    told = await demo.ask(
        own, "{ notifications(first: 10) { edges { node { version deliveries { channel } } } } }"
    )
    notices = [one["node"] for one in told["notifications"]["edges"]]
    assert notices == [{"version": 2, "deliveries": []}, {"version": 1, "deliveries": []}]
    acknowledge = (
        "mutation($id: ID!) { acknowledgePlan(input: { citizenId: $id, version: 2 }) { __typename"
        " ... on RuleBreaches { breaches { code } } } }"
    )
    first = await demo.ask(own, acknowledge, id=citizen_id)
    assert first["acknowledgePlan"] == {"__typename": "AcknowledgePlanPayload"}
    again = await demo.ask(own, acknowledge, id=citizen_id)
    assert again["acknowledgePlan"]["breaches"] == [{"code": "ALREADY_ACKNOWLEDGED"}]


async def test_every_stored_document_is_what_the_tables_say(shared_demo: World) -> None:
    assert shared_demo.api.pool is not None
    for _, plan_id in (await ids(shared_demo)).values():
        rows = await shared_demo.api.pool.fetch(queries()["rebuild_documents"], plan_id)
        stale = {row["audience"]: row["stale"] for row in rows}
        assert stale["FULL"] == [] and stale.get("FUND", []) == []


async def test_versions_are_the_publications_of_the_example(shared_demo: World) -> None:
    assert shared_demo.api.pool is not None
    for number, (_, plan_id) in (await ids(shared_demo)).items():
        rows = await shared_demo.api.pool.fetch(
            queries()["list_versions"], plan_id, "FULL", None, 100
        )
        wanted = [
            (one["published_on"], one["published_by"], one["organisation"])
            for one in EXAMPLES[number].data["publications"]
        ]
        found = [
            (row["published_at"].date().isoformat(), row["published_by"], row["organisation"])
            for row in reversed(rows)
        ]
        # beside them: what a youth sent, a handover, and what came before the present group
        others = {"B1-7": 1, "D-6": 2, "O-1": 1, "O-2": 3}.get(number, 0)
        assert len(found) == len(wanted) + others
        left = iter(found)
        assert all(one in left for one in wanted), number


async def test_the_demo_moves_to_today_and_is_loaded_once(settings: Settings) -> None:
    today = date(2026, 3, 2)
    moved_settings = settings.model_copy(update={"today": today})
    assert settings.database_url
    await load_demo_once(moved_settings, settings.database_url)
    later = settings.model_copy(update={"today": date(2026, 3, 5)})
    await load_demo_once(later, settings.database_url)
    async with open_world(moved_settings) as world:
        found = await ids(world)
        assert set(found) == set(EXAMPLES)
        for number in ("B1-1", "B1-3", "O-2", "O-3"):
            example = EXAMPLES[number]
            by = today - day(example.case["today"])
            view = shown((await plans(world, example))["own"], example)
            for element, written in zip(view, example.case["citizen_view"], strict=False):
                shifted = said(moved(written, by))
                assert element.get("rows") == shifted.get("rows")
                assert element.get("text") == shifted.get("text")
                assert element.get("deadline") == shifted.get("deadline")


@pytest.mark.parametrize("hour", [0, 12])
async def test_what_the_demo_tells_was_told_at_an_instant_of_its_own_and_not_later_than_now(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, hour: int
) -> None:
    """Also where it is loaded early in the day, before most of its last day has happened."""
    now = datetime.combine(date(2026, 3, 2), time(hour, 1), COPENHAGEN)
    monkeypatch.setattr(demo_loader, "clock_of", lambda _: lambda: Moment(now, now.date()))
    assert settings.database_url
    await load_demo_once(settings, settings.database_url)
    async with open_pool(settings.database_url, size=1) as pool:
        doubled = await pool.fetchval(
            "select count(*) from (select from plan_version group by plan_id, audience,"
            " published_at having count(*) > 1) x"
        )
        times = await pool.fetch(
            "select d.accepted_at, d.settled_at, d.due_at, a.begun_at, n.created_at"
            " from delivery d join delivery_attempt a using (delivery_id)"
            " join delivery_notice x using (delivery_id) join notice n using (notice_id)"
        )
        latest = await pool.fetchval("select max(published_at) from plan_version")
    assert doubled == 0
    assert times and all(len(set(row.values())) == 1 for row in times)
    assert max(row["created_at"] for row in times) <= latest <= now


def test_every_example_has_a_civil_registration_number_of_its_own() -> None:
    numbers = {example.civil_registration_number for example in EXAMPLES.values()}
    assert len(numbers) == len(EXAMPLES)
