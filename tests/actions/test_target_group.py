"""A change of target group: the plan follows, hidden parts come back, the fund sees at once."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.actions.description import set_plan_description
from app.actions.job_goal import set_job_goals
from app.actions.requirement import issue_job_search_requirement
from app.actions.target_group import set_target_group
from app.domain.goal import JobGoalDraft
from app.domain.requirement import AreaDraft, RequirementDraft
from app.errors import BadUserInput, NotFound, RulesBroken, VersionConflict
from tests.actions.desk import (
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    STRANGER,
    TODAY,
    WELDER,
    Desk,
    Outcome,
    day,
)
from tests.actions.register import Act, published, registered


def moves(citizen_id: UUID, group: str, **options: Any) -> Act:
    return lambda work: set_target_group(work, citizen_id, group, **options)


async def move(desk: Desk, citizen_id: UUID, group: str, **options: Any) -> Outcome:
    return await desk.run(JOBCENTER_VIEWER, moves(citizen_id, group, **options))


async def periods(desk: Desk) -> list[tuple[str, str, date, date | None]]:
    rows = await desk.pool.fetch(
        "select target_group, plan_type, valid_from, valid_to from target_group_period order by 3"
    )
    return [tuple(row) for row in rows]


async def test_what_the_new_composition_lacks_is_hidden_and_comes_back(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_plan_description(work, citizen_id, "Vi tager det roligt."),
    )
    moved = await move(desk, citizen_id, "CASH_BENEFIT_JOB_READY")
    assert (moved.versions, moved.notices) == ({"FULL": 2, "FUND": 2}, 1)
    plan = await desk.plan(citizen_id)
    assert (plan["target_group"], plan["description"]) == ("CASH_BENEFIT_JOB_READY", None)
    back = await move(desk, citizen_id, "CASH_BENEFIT_ACTIVITY_READY")
    assert back.versions["FULL"] == 3
    assert (await desk.plan(citizen_id))["description"]["text"] == "Vi tager det roligt."


async def test_a_change_closes_the_period_and_one_on_the_same_day_replaces_it(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_JOB_READY")
    await move(desk, citizen_id, "FLEXJOB_REFERRED", plan_type="JOB_PLAN")
    await move(desk, citizen_id, "FLEXJOB_REFERRED", plan_type="OTHER_INTERVENTIONS_PLAN")
    assert await periods(desk) == [
        ("CASH_BENEFIT_JOB_READY", "JOB_PLAN", day(-30), TODAY),
        ("FLEXJOB_REFERRED", "OTHER_INTERVENTIONS_PLAN", TODAY, None),
    ]


async def test_the_same_group_again_changes_nothing(desk: Desk) -> None:
    citizen_id = await desk.citizen("FLEXJOB_REFERRED")
    await move(desk, citizen_id, "FLEXJOB_REFERRED", plan_type="JOB_PLAN")
    again = await move(desk, citizen_id, "FLEXJOB_REFERRED")
    assert (again.versions, again.notices) == ({}, 0)
    assert (await desk.plan(citizen_id))["type"] == "JOB_PLAN"


async def test_the_first_change_opens_the_plan_also_when_nothing_changes(desk: Desk) -> None:
    citizen_id = await desk.citizen("REHABILITEE")
    opened = await move(desk, citizen_id, "REHABILITEE")
    # a fund's document begins with something it may see
    assert (opened.versions, opened.notices) == ({"FULL": 1}, 0)


@pytest.mark.parametrize(
    ("group", "options", "code", "field"),
    [
        ("ADULT_PUPIL", {"plan_type": "JOB_PLAN"}, "INVALID_PLAN_TYPE", "planType"),
        ("TEMP_LABOUR_MARKET_BENEFIT", {}, "INVALID_TARGET_GROUP", "targetGroup"),
        ("REHABILITEE", {"valid_from": day(1)}, "INVALID_PERIOD", "validFrom"),
        ("REHABILITEE", {"valid_from": day(-31)}, "INVALID_PERIOD", "validFrom"),
    ],
)
async def test_a_change_out_of_the_rules_is_refused_and_leaves_nothing(
    desk: Desk, group: str, options: dict[str, Any], code: str, field: str
) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_JOB_READY")
    before = await periods(desk)
    with pytest.raises(RulesBroken) as refused:
        await move(desk, citizen_id, group, **options)
    assert [(b.code, b.path) for b in refused.value.breaches] == [(code, ("input", field))]
    assert await periods(desk) == before
    assert await desk.value("select count(*) from plan") == 0


async def test_unknown_groups_strangers_and_old_versions_are_refused(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_JOB_READY")
    with pytest.raises(BadUserInput):
        await move(desk, citizen_id, "NO_SUCH_GROUP")
    with pytest.raises(NotFound):
        await desk.run(STRANGER, moves(citizen_id, "REHABILITEE"))
    await published(desk, citizen_id)
    with pytest.raises(VersionConflict):
        await move(desk, citizen_id, "REHABILITEE", expected_version=7)


async def test_requirements_end_with_their_issuer_and_stay_with_the_same(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_JOB_READY")
    draft = RequirementDraft(
        day(-3), occupation_codes=(WELDER,), areas=(AreaDraft("101"),), other_expectations="To."
    )
    await desk.run(
        JOBCENTER_VIEWER, lambda work: issue_job_search_requirement(work, citizen_id, draft)
    )
    await move(desk, citizen_id, "TRANSITION_BENEFIT_JOB_READY")
    assert (await desk.plan(citizen_id))["requirements"][0]["valid_to"] is None
    await move(desk, citizen_id, "CASH_BENEFIT_ACTIVITY_READY")
    assert (await desk.plan(citizen_id))["requirements"][0]["valid_to"] == TODAY.isoformat()


async def test_the_fund_sees_the_plan_of_a_visible_type_only(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    assert await desk.plan(citizen_id, FUND_VIEWER) is not None
    await move(desk, citizen_id, "RESOURCE_PROGRAMME")
    assert await desk.plan(citizen_id, FUND_VIEWER) is None
    await move(desk, citizen_id, "UNEMPLOYMENT_BENEFIT")
    assert await desk.plan(citizen_id, FUND_VIEWER) is not None


async def test_becoming_obliged_without_a_sought_job_is_a_task_and_a_warning(desk: Desk) -> None:
    citizen_id = await registered(desk, target_group="CASH_BENEFIT_ACTIVITY_READY")
    moved = await move(desk, citizen_id, "CASH_BENEFIT_JOB_READY")
    assert "MISSING_SOUGHT_JOB" in moved.warnings
    assert await desk.value("select array_agg(kind) from inbox_item") == ["MISSING_SOUGHT_JOB"]
    with_job = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    assert (
        "MISSING_SOUGHT_JOB" not in (await move(desk, with_job, "CASH_BENEFIT_JOB_READY")).warnings
    )


async def test_free_text_goals_stay_and_warn_when_the_citizen_becomes_obliged(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    goals = [JobGoalDraft("SHORT_TERM", 1, job_function_text="Noget med mennesker")]
    await desk.run(JOBCENTER_VIEWER, lambda work: set_job_goals(work, citizen_id, goals))
    moved = await move(desk, citizen_id, "CASH_BENEFIT_JOB_READY")
    assert "FREE_TEXT_NOT_ALLOWED" in moved.warnings
    assert (await desk.plan(citizen_id))["job_goals"][0]["text"] == "Noget med mennesker"


async def test_goals_written_before_a_change_in_the_same_operation_meet_the_new_group(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    goals = [JobGoalDraft("SHORT_TERM", 1, job_function_text="Noget med mennesker")]
    with pytest.raises(RulesBroken) as refused:
        await desk.run(
            JOBCENTER_VIEWER,
            lambda work: set_job_goals(work, citizen_id, goals),
            moves(citizen_id, "CASH_BENEFIT_JOB_READY"),
        )
    assert [b.rule for b in refused.value.breaches] == ["R133"]
    assert await desk.value("select count(*) from plan") == 0
