"""Job goals written as one list: who may, what they may say, and what stays linked to them."""

from uuid import UUID, uuid4

import pytest

from app.actions.education_goal import set_education_goals
from app.actions.intervention import create_intervention
from app.actions.job_goal import set_job_goals
from app.domain.goal import EducationGoalDraft, JobGoalDraft, SubGoalDraft
from app.domain.intervention import InterventionDraft
from app.domain.viewer import Viewer
from app.errors import BadUserInput, NotFound, RulesBroken, VersionConflict
from tests.actions.desk import (
    CLERK,
    COLLEAGUE,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    MUNICIPALITY,
    PLUMBER,
    STRANGER,
    WELDER,
    Desk,
    Outcome,
    day,
)

WELDING = JobGoalDraft("SHORT_TERM", 1, occupation_code=WELDER)
PLUMBING = JobGoalDraft("LONG_TERM", 2, occupation_code=PLUMBER)


async def write(
    desk: Desk,
    citizen_id: UUID,
    *goals: JobGoalDraft,
    viewer: Viewer = JOBCENTER_VIEWER,
    expected_version: int | None = None,
) -> Outcome:
    return await desk.run(
        viewer,
        lambda work: set_job_goals(work, citizen_id, goals, expected_version=expected_version),
    )


async def test_goals_are_stored_in_order_and_the_citizen_is_told_once(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    outcome = await write(desk, citizen_id, PLUMBING, WELDING)
    assert (outcome.versions, outcome.notices, outcome.warnings) == ({"FULL": 1, "FUND": 1}, 1, [])
    goals = (await desk.plan(citizen_id))["job_goals"]
    assert [goal["text"] for goal in goals] == ["Svejser", "VVS-montør"]
    assert {goal["confirmed_by"] for goal in goals} == {"Troels Agerskov"}
    assert [goal["shortage_status"] for goal in goals] == ["IN_SHORTAGE", "UNKNOWN"]


async def test_the_same_list_twice_a_day_changes_nothing_but_a_later_day_confirms_anew(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    goal = JobGoalDraft(
        "SHORT_TERM", 1, job_function_text="Kundebetjening", sub_goals=(SubGoalDraft("Øv kassen"),)
    )
    await write(desk, citizen_id, goal)
    before = (await desk.plan(citizen_id))["job_goals"]
    again = await write(desk, citizen_id, goal)
    assert (again.versions, again.notices) == ({}, 0)
    assert (await desk.plan(citizen_id))["job_goals"] == before
    desk.today = day(1)
    assert (await write(desk, citizen_id, goal)).versions["FULL"] == 2
    after = (await desk.plan(citizen_id))["job_goals"]
    assert after[0]["id"] == before[0]["id"]
    assert after[0]["confirmed_at"] > before[0]["confirmed_at"]


async def test_another_caseworker_confirms_all_goals(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await write(desk, citizen_id, WELDING)
    await write(desk, citizen_id, WELDING, PLUMBING, viewer=COLLEAGUE)
    goals = (await desk.plan(citizen_id))["job_goals"]
    assert {goal["confirmed_by"] for goal in goals} == {"Asta Møllegård"}


async def test_a_kept_goal_keeps_its_links_and_a_removed_one_loses_them(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await write(desk, citizen_id, WELDING, PLUMBING)
    stored = (await desk.plan(citizen_id))["job_goals"]
    draft = InterventionDraft(
        kind="MENTOR",
        start_date=day(10),
        description="En mentor to timer om ugen.",
        why="Du vil have en at spørge.",
        place="Kantinen",
        goal_ids=tuple(goal["id"] for goal in stored),
    )
    await desk.run(JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, draft))
    kept = JobGoalDraft("SHORT_TERM", 1, occupation_code=CLERK, goal_id=stored[0]["id"])
    outcome = await write(desk, citizen_id, kept)
    assert outcome.warnings == ["OUTSIDE_SHORTAGE_AREA"]
    plan = await desk.plan(citizen_id)
    assert [goal["id"] for goal in plan["job_goals"]] == [stored[0]["id"]]
    links = plan["interventions"][0]["goal_links"]
    assert [(link["goal_id"], link["text"]) for link in links] == [
        (stored[0]["id"], "Kontormedhjælper")
    ]


async def test_sub_goals_are_replaced_with_their_goal(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    goal = JobGoalDraft("SHORT_TERM", 1, job_function_text="Køkken")
    for texts in (("Ring", "Mød op"), ("Mød op",), ("Spørg", "Ring", "Mød op")):
        subs = tuple(SubGoalDraft(text, target_date=day(9)) for text in texts)
        await write(
            desk,
            citizen_id,
            JobGoalDraft("SHORT_TERM", 1, job_function_text="Køkken", sub_goals=subs),
        )
        stored = (await desk.plan(citizen_id))["job_goals"][0]["sub_goals"]
        assert tuple(sub["text"] for sub in stored) == texts
    await write(desk, citizen_id, goal)
    assert (await desk.plan(citizen_id))["job_goals"][0]["sub_goals"] == []


async def test_all_breaches_are_answered_at_once_and_nothing_is_stored(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    bad = JobGoalDraft(
        "LONG_TERM",
        2,
        occupation_code=WELDER,
        job_function_text="Kundebetjening" * 20,
        long_term_description="Fleksjob",
        sub_goals=(SubGoalDraft("Ring"),),
    )
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id, bad)
    assert {breach.rule for breach in refused.value.breaches} == {
        *("R18", "R38", "R40", "R41", "R44", "R80"),
    }
    assert await desk.value("select count(*) from plan") == 0


async def test_the_responsible_fund_writes_goals_and_the_jobcenter_after_it(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await write(desk, citizen_id, WELDING, viewer=FUND_VIEWER)
    fund_plan = await desk.plan(citizen_id, FUND_VIEWER)
    assert [goal["confirmed_by"] for goal in fund_plan["job_goals"]] == ["Merete Hvidklint"]
    later = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    with pytest.raises(RulesBroken) as refused:
        await write(desk, later, WELDING, viewer=FUND_VIEWER)
    assert [breach.rule for breach in refused.value.breaches] == ["R19"]


async def test_a_group_without_job_goals_gets_none(desk: Desk) -> None:
    citizen_id = await desk.citizen("EDU_BENEFIT_EDU_READY")
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id, WELDING)
    assert [breach.rule for breach in refused.value.breaches] == ["R4"]


async def test_the_last_job_goal_stays_where_the_group_needs_one(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await write(desk, citizen_id, WELDING)
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id)
    assert [breach.code for breach in refused.value.breaches] == ["JOB_GOAL_REQUIRED"]
    assert len((await desk.plan(citizen_id))["job_goals"]) == 1
    softer = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    await write(desk, softer, WELDING)
    removed = await write(desk, softer)
    assert (removed.versions["FULL"], removed.warnings) == (2, ["JOB_GOAL_REQUIRED"])


async def test_no_goals_where_there_is_no_plan_open_none(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(NotFound, match="no plan yet"):
        await write(desk, citizen_id)
    with pytest.raises(NotFound, match="no plan yet"):
        await desk.run(JOBCENTER_VIEWER, lambda work: set_education_goals(work, citizen_id, []))
    assert await desk.value("select count(*) from plan") == 0


async def test_a_goal_shows_the_shortage_status_of_the_day_it_was_confirmed(desk: Desk) -> None:
    await desk.value("delete from shortage_area")
    await desk.value(
        "insert into shortage_area (region, occupation_code, in_shortage, valid_from, valid_to)"
        " select region, $2, s, f, t from municipality,"
        " (values (true, $3::date, $4::date), (false, $4::date + 1, null)) v (s, f, t)"
        " where code = $1",
        *(MUNICIPALITY, WELDER, day(-60), day(10)),
    )
    citizen_id = await desk.citizen()

    async def status() -> str:
        found: str = (await desk.plan(citizen_id))["job_goals"][0]["shortage_status"]
        return found

    # a period with an end counts while it lasts, and the one after it not yet
    assert (await write(desk, citizen_id, WELDING)).warnings == []
    assert await status() == "IN_SHORTAGE"
    desk.today = day(10)
    await write(desk, citizen_id, WELDING)
    assert await status() == "IN_SHORTAGE"
    desk.today = day(11)
    assert await status() == "IN_SHORTAGE"
    assert (await write(desk, citizen_id, WELDING)).warnings == ["OUTSIDE_SHORTAGE_AREA"]
    assert await status() == "NOT_IN_SHORTAGE"


async def test_a_combi_plan_gets_both_sorts_of_goals_in_one_operation(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT_EDU_ORDER")
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id, WELDING)
    assert [breach.rule for breach in refused.value.breaches] == ["R45"]
    smith = EducationGoalDraft("Smed", 1)
    outcome = await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_job_goals(work, citizen_id, [WELDING]),
        lambda work: set_education_goals(work, citizen_id, [smith]),
    )
    assert (outcome.versions["FULL"], outcome.notices) == (1, 1)


async def test_free_text_from_before_the_citizen_became_obliged_must_be_replaced(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    free = JobGoalDraft("SHORT_TERM", 1, job_function_text="Køkken")
    await write(desk, citizen_id, free)
    await desk.move(citizen_id, "CASH_BENEFIT_JOB_READY", since=day(0))
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id, free)
    assert {breach.rule for breach in refused.value.breaches} == {"R38"}
    await write(desk, citizen_id, WELDING)
    assert (await desk.plan(citizen_id))["job_goals"][0]["occupation"]["code"] == WELDER


async def test_input_that_names_nothing_is_refused_with_its_path(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    with pytest.raises(BadUserInput) as unknown:
        await write(desk, citizen_id, WELDING, JobGoalDraft("SHORT_TERM", 2, "0000"))
    assert unknown.value.path == ("input", "jobGoals", 1, "occupationCode")
    blank = JobGoalDraft("SHORT_TERM", 1, WELDER, sub_goals=(SubGoalDraft(" "),))
    with pytest.raises(BadUserInput) as empty:
        await write(desk, citizen_id, blank)
    assert empty.value.path == ("input", "jobGoals", 0, "subGoals", 0, "text")
    some = str(uuid4())
    with pytest.raises(NotFound):
        await write(desk, citizen_id, JobGoalDraft("SHORT_TERM", 1, WELDER, goal_id=some))
    with pytest.raises(BadUserInput) as twice:
        await write(
            desk,
            citizen_id,
            *(JobGoalDraft("SHORT_TERM", n, WELDER, goal_id=some) for n in (1, 2)),
        )
    assert twice.value.path == ("input", "jobGoals", 1, "id")


async def test_goals_of_another_plan_and_citizens_out_of_reach_do_not_exist(desk: Desk) -> None:
    mine, other = await desk.citizen(), await desk.citizen()
    await write(desk, other, WELDING)
    foreign = (await desk.plan(other))["job_goals"][0]["id"]
    with pytest.raises(NotFound):
        await write(desk, mine, JobGoalDraft("SHORT_TERM", 1, WELDER, goal_id=foreign))
    with pytest.raises(NotFound):
        await write(desk, mine, WELDING, viewer=STRANGER)
    assert (await desk.plan(other))["job_goals"][0]["id"] == foreign


async def test_a_plan_that_moved_on_is_a_conflict(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await write(desk, citizen_id, WELDING, expected_version=0)
    with pytest.raises(VersionConflict) as conflict:
        await write(desk, citizen_id, PLUMBING, expected_version=0)
    assert conflict.value.current_version == 1
