"""Education goals written as one list."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from app.actions.education import open_education_step
from app.actions.education_goal import set_education_goals
from app.domain.education import OpenStepDraft
from app.domain.goal import EducationGoalDraft
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, Desk, Outcome, day

SMITH, BAKER = EducationGoalDraft("Smed", 1), EducationGoalDraft("Bager", 2)


async def write(desk: Desk, citizen_id: UUID, goals: Sequence[EducationGoalDraft]) -> Outcome:
    return await desk.run(
        JOBCENTER_VIEWER, lambda work: set_education_goals(work, citizen_id, goals)
    )


async def test_goals_are_stored_in_order_and_repeating_them_changes_nothing(desk: Desk) -> None:
    citizen_id = await desk.citizen("EDU_BENEFIT_EDU_READY")
    outcome = await write(desk, citizen_id, [BAKER, SMITH])
    assert (outcome.versions["FULL"], outcome.notices) == (1, 1)
    goals = (await desk.plan(citizen_id))["education_goals"]
    assert [goal["education_name"] for goal in goals] == ["Smed", "Bager"]
    assert {goal["agreed_by"] for goal in goals} == {"Troels Agerskov"}
    assert (await write(desk, citizen_id, [SMITH, BAKER])).versions == {}


async def test_a_goal_is_kept_by_its_id_under_another_name(desk: Desk) -> None:
    citizen_id = await desk.citizen("EDU_BENEFIT_EDU_READY")
    await write(desk, citizen_id, [SMITH])
    kept = (await desk.plan(citizen_id))["education_goals"][0]["id"]
    await write(desk, citizen_id, [EducationGoalDraft("Klejnsmed", 1, "KS", kept), BAKER])
    goals = (await desk.plan(citizen_id))["education_goals"]
    assert [(goal["id"] == kept, goal["education_name"]) for goal in goals] == [
        (True, "Klejnsmed"),
        (False, "Bager"),
    ]


async def test_job_track_and_groups_without_education_goals_get_none(desk: Desk) -> None:
    for group, rule in (("EDU_BENEFIT_JOB_TRACK", "R48"), ("CASH_BENEFIT_JOB_READY", "R4")):
        citizen_id = await desk.citizen(group)
        with pytest.raises(RulesBroken) as refused:
            await write(desk, citizen_id, [EducationGoalDraft("Smed" * 60, 2)])
        assert {breach.rule for breach in refused.value.breaches} == {rule, "R47", "R80"}
    assert await desk.value("select count(*) from plan") == 0


async def test_an_optional_group_has_goals_or_none(desk: Desk) -> None:
    citizen_id = await desk.citizen("RESOURCE_PROGRAMME")
    await write(desk, citizen_id, [SMITH])
    await write(desk, citizen_id, [])
    assert (await desk.plan(citizen_id))["education_goals"] == []


async def test_from_step_2_the_last_goal_stays(desk: Desk) -> None:
    citizen_id = await desk.citizen("EDU_BENEFIT_EDU_READY")
    opening = OpenStepDraft(2, day(14))
    with pytest.raises(RulesBroken) as refused:
        await desk.run(
            JOBCENTER_VIEWER, lambda work: open_education_step(work, citizen_id, opening)
        )
    assert [breach.rule for breach in refused.value.breaches] == ["R46"]
    await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_education_goals(work, citizen_id, [SMITH]),
        lambda work: open_education_step(work, citizen_id, opening),
    )
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id, [])
    assert [breach.rule for breach in refused.value.breaches] == ["R46"]


async def test_a_goal_without_a_name_or_of_no_plan_is_refused(desk: Desk) -> None:
    citizen_id = await desk.citizen("EDU_BENEFIT_EDU_READY")
    with pytest.raises(BadUserInput) as blank:
        await write(desk, citizen_id, [EducationGoalDraft(" ", 1)])
    assert blank.value.path == ("input", "educationGoals", 0, "educationName")
    with pytest.raises(NotFound):
        await write(desk, citizen_id, [EducationGoalDraft("Smed", 1, goal_id=str(uuid4()))])
