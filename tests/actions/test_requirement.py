"""Job search requirements: who issues them, and how one takes the place of another."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.actions.requirement import issue_job_search_requirement
from app.domain.requirement import AreaDraft, RequirementDraft
from app.domain.viewer import Viewer
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import (
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    PLUMBER,
    STRANGER,
    WELDER,
    Desk,
    Outcome,
    day,
)

DRAFT = RequirementDraft(
    day(0),
    occupation_codes=(WELDER, PLUMBER, WELDER),
    areas=(AreaDraft("101"), AreaDraft("461", "Odense og omegn"), AreaDraft(label="Fyn")),
    agreement_text="Du søger på værksteder.",
    other_expectations="To job om ugen.",
    expected_count=2,
)


async def issue(
    desk: Desk,
    citizen_id: UUID,
    draft: RequirementDraft = DRAFT,
    viewer: Viewer = JOBCENTER_VIEWER,
) -> Outcome:
    return await desk.run(
        viewer, lambda work: issue_job_search_requirement(work, citizen_id, draft)
    )


async def periods(desk: Desk, citizen_id: UUID) -> list[tuple[date, date | None]]:
    stored: list[dict[str, Any]] = (await desk.plan(citizen_id))["requirements"]
    return [
        (
            date.fromisoformat(item["valid_from"]),
            item["valid_to"] and date.fromisoformat(item["valid_to"]),
        )
        for item in stored
    ]


async def test_a_requirement_is_issued_and_told_as_a_new_agreement(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    outcome = await issue(desk, citizen_id)
    assert outcome.notices == 1
    assert await desk.value("select event from notice") == "AGREEMENT_NEW"
    stored = (await desk.plan(citizen_id))["requirements"][0]
    assert stored["id"] == str(outcome.done.values["requirement_id"])
    assert stored["issuer"] == "JOBCENTER"
    assert [item["label"] for item in stored["occupations"]] == ["Svejser", "VVS-montør"]
    assert [area["label"] for area in stored["geographic_areas"]] == [
        "København",
        "Odense og omegn",
        "Fyn",
    ]


@pytest.mark.rule("R21", "allowed")
@pytest.mark.rule("R21", "refused")
async def test_the_fund_issues_for_dagpenge_in_the_whole_period_and_the_jobcenter_never(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await issue(desk, citizen_id, viewer=FUND_VIEWER)
    assert (await desk.plan(citizen_id, FUND_VIEWER))["requirements"][0]["issuer"] == (
        "UNEMPLOYMENT_FUND"
    )
    with pytest.raises(RulesBroken) as refused:
        await issue(desk, citizen_id)
    assert [breach.code for breach in refused.value.breaches] == ["WRONG_ISSUER"]


async def test_everything_a_requirement_lacks_is_named_at_once(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    with pytest.raises(RulesBroken) as refused:
        await issue(desk, citizen_id, RequirementDraft(day(0), valid_to=day(-1)), FUND_VIEWER)
    assert [breach.rule for breach in refused.value.breaches] == ["R70", "R71", "R75"]
    resting = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    with pytest.raises(RulesBroken) as refused:
        await issue(desk, resting, replace(DRAFT, agreement_text="x" * 1501))
    assert [breach.rule for breach in refused.value.breaches] == ["R72", "R80"]
    assert await desk.value("select count(*) from plan") == 0


async def test_a_new_one_ends_the_old_one_the_day_before_it_starts(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await issue(desk, citizen_id)
    await issue(desk, citizen_id, replace(DRAFT, valid_from=day(10)))
    assert await periods(desk, citizen_id) == [(day(10), None), (day(0), day(9))]


async def test_one_replaced_on_its_own_first_day_has_an_empty_period(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    for _ in range(3):
        newest = await issue(desk, citizen_id)
    assert await periods(desk, citizen_id) == [
        (day(0), None),
        *[(day(0), day(-1))] * 2,
    ]
    stored = (await desk.plan(citizen_id))["requirements"]
    assert stored[0]["id"] == str(newest.done.values["requirement_id"])
    assert [item["is_current"] for item in stored] == [True, False, False]


async def test_what_was_to_begin_later_is_replaced_too(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await issue(desk, citizen_id)
    await issue(desk, citizen_id, replace(DRAFT, valid_from=day(30)))
    await issue(desk, citizen_id, replace(DRAFT, valid_from=day(5), valid_to=day(20)))
    assert await periods(desk, citizen_id) == [
        (day(30), None),
        (day(5), day(20)),
        (day(0), day(4)),
    ]
    await issue(desk, citizen_id, replace(DRAFT, valid_from=day(6)))
    assert await periods(desk, citizen_id) == [
        (day(30), day(29)),
        (day(6), None),
        (day(5), day(5)),
        (day(0), day(4)),
    ]


async def test_none_starts_before_the_one_in_force(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await issue(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await issue(desk, citizen_id, replace(DRAFT, valid_from=day(-1)))
    assert [breach.path for breach in refused.value.breaches] == [("input", "validFrom")]


async def test_two_requirements_of_a_plan_cannot_overlap_in_the_database(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await issue(desk, citizen_id)
    copy = (
        "insert into job_search_requirement (plan_id, issuer, organisation_id, caseworker_id,"
        " valid_from) select plan_id, issuer, organisation_id, caseworker_id, $1"
        " from job_search_requirement"
    )
    with pytest.raises(Exception, match="conflicting key value violates exclusion constraint"):
        await desk.value(copy, day(400))


async def test_codes_and_areas_that_do_not_exist_are_refused_with_their_path(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    wrong: list[tuple[dict[str, Any], tuple[str | int, ...]]] = [
        ({"occupation_codes": (WELDER, "0000")}, ("occupationCodes", 1)),
        ({"areas": (AreaDraft("999"),)}, ("geographicAreas", 0, "municipalityCode")),
        ({"areas": (AreaDraft(label=" "),)}, ("geographicAreas", 0, "label")),
        ({"industries": (" ",)}, ("industries", 0)),
        ({"expected_count": -1}, ("expectedCount",)),
    ]
    for change, path in wrong:
        with pytest.raises(BadUserInput) as refused:
            await issue(desk, citizen_id, replace(DRAFT, **change))
        assert refused.value.path == ("input", *path)
    assert await desk.value("select count(*) from plan") == 0


async def test_a_citizen_out_of_reach_and_a_hidden_plan_do_not_exist(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    with pytest.raises(NotFound):
        await issue(desk, citizen_id, viewer=STRANGER)
    await desk.move(citizen_id, "RESOURCE_PROGRAMME", since=day(0))
    with pytest.raises(NotFound):
        await issue(desk, citizen_id, viewer=FUND_VIEWER)
