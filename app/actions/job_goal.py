"""The plan's job goals: written as one list, confirmed by the caseworker who writes it (R50)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.actions.common import (
    refuse_hidden_plan,
    refuse_to_open_for_nothing,
    refuse_twice,
    refuse_unknown_occupations,
    required,
    shortage_of,
    written,
)
from app.domain.goal import JobGoalDraft
from app.domain.notice import NoticeEvent
from app.domain.target_group import ElementCode
from app.errors import NotFound
from app.rules.breach import Path
from app.rules.job_goal import job_goals
from app.rules.plan import has_element
from app.rules.responsibility import is_responsible
from app.store.cases import authority_of, caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

_PATH: Path = ("input", "jobGoals")


async def set_job_goals(
    work: Work,
    citizen_id: UUID,
    goals: Sequence[JobGoalDraft],
    *,
    expected_version: int | None = None,
) -> Done:
    """Replaces all job goals of the plan; the citizen is told if that changes anything.

    A goal that names the id of a stored one continues it, with the interventions that are linked
    to it; without an id, one that says the same does. Raises `NotFound` for a citizen, plan or
    goal out of reach and for no goals where there is no plan, `BadUserInput` for an unknown
    occupation, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    refuse_hidden_plan(work, case)
    goals = _tidy(goals)
    codes = [(goal.occupation_code, (*_PATH, i, "occupationCode")) for i, goal in enumerate(goals)]
    await refuse_unknown_occupations(work, codes)
    shortage = await shortage_of(work, citizen_id, [code for code, _ in codes])
    group = case.target_group
    work.check(
        is_responsible(authority_of(work.viewer.role), case.responsible, ("input",)),
        has_element(group, ElementCode.JOB_GOALS, _PATH) if goals else None,
        job_goals(goals, group, shortage, _PATH),
    )
    refuse_to_open_for_nothing(work, case, goals)
    plan_id = await plan_of(work, case)
    ids = await _continued(work, plan_id, goals)
    caseworker_id = await caseworker_of(work)
    await work.execute("remove_job_goals_except", plan_id, [kept for kept in ids if kept])
    for kept, goal in zip(ids, goals, strict=True):
        goal_id = await work.fetchval(
            "write_job_goal",
            *(kept, plan_id, goal.occupation_code, goal.job_function_text, goal.term),
            *(goal.long_term_description, goal.priority, goal.outside_shortage_reason),
            *(caseworker_id, work.now, work.today),
            shortage.get(goal.occupation_code or "", "UNKNOWN"),
        )
        await work.execute(
            "write_sub_goals",
            goal_id,
            [sub.text for sub in goal.sub_goals],
            [sub.target_date for sub in goal.sub_goals],
            [sub.done_on for sub in goal.sub_goals],
        )
    work.touch(
        plan_id,
        citizen_id,
        *("job_goals", "interventions"),  # interventions show the texts of the goals they serve
        trigger="GOALS",
        event=NoticeEvent.PLAN_CHANGED,
    )
    work.watch(plan_id, case, writes_goals=True)
    return Done(citizen_id, plan_id)


def _tidy(goals: Sequence[JobGoalDraft]) -> list[JobGoalDraft]:
    """The goals without blank texts; raises `BadUserInput` for a sub-goal that says nothing."""
    refuse_twice((goal.goal_id, (*_PATH, i, "id")) for i, goal in enumerate(goals))
    return [
        replace(
            goal,
            job_function_text=written(goal.job_function_text),
            long_term_description=written(goal.long_term_description),
            outside_shortage_reason=written(goal.outside_shortage_reason),
            sub_goals=tuple(
                replace(sub, text=required(sub.text, (*_PATH, i, "subGoals", j, "text")))
                for j, sub in enumerate(goal.sub_goals)
            ),
        )
        for i, goal in enumerate(goals)
    ]


async def _continued(work: Work, plan_id: UUID, goals: Sequence[JobGoalDraft]) -> list[UUID | None]:
    """For each goal the id of the stored one that it continues, None for a new one."""
    stored = await work.fetch("job_goals_of_plan", plan_id)
    named = {UUID(goal.goal_id) for goal in goals if goal.goal_id}
    if not named <= {row["job_goal_id"] for row in stored}:
        raise NotFound("There is no such job goal.")
    same: defaultdict[tuple[str | None, ...], list[UUID]] = defaultdict(list)
    for row in stored:
        if row["job_goal_id"] not in named:
            key = (row["occupation_code"], row["job_function_text"], row["term"])
            same[key].append(row["job_goal_id"])
    found: list[UUID | None] = []
    for goal in goals:
        alike = same[goal.occupation_code, goal.job_function_text, goal.term]
        if goal.goal_id:
            found.append(UUID(goal.goal_id))
        else:
            found.append(alike.pop(0) if alike else None)
    return found
