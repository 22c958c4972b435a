"""The plan's education goals: written as one list (R46-R48, R95)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.actions.common import (
    refuse_to_open_for_nothing,
    refuse_twice,
    required,
    written,
)
from app.domain.goal import EducationGoalDraft
from app.domain.notice import NoticeEvent
from app.errors import NotFound
from app.rules.breach import Path
from app.rules.education_goal import education_goals
from app.store.cases import caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

_PATH: Path = ("input", "educationGoals")


async def set_education_goals(
    work: Work,
    citizen_id: UUID,
    goals: Sequence[EducationGoalDraft],
    *,
    expected_version: int | None = None,
) -> Done:
    """Replaces all education goals of the plan; the citizen is told if that changes anything.

    A goal continues a stored one by its id, or without an id by the same name. Raises `NotFound`
    for a citizen or goal out of reach and for no goals where there is no plan, `RulesBroken` with
    all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    goals = _tidy(goals)
    work.check(education_goals(goals, case.target_group, _PATH))
    refuse_to_open_for_nothing(work, case, goals)
    plan_id = await plan_of(work, case)
    ids = await _continued(work, plan_id, goals)
    caseworker_id = await caseworker_of(work)
    await work.execute("remove_education_goals_except", plan_id, [kept for kept in ids if kept])
    for kept, goal in zip(ids, goals, strict=True):
        await work.fetchval(
            "write_education_goal",
            *(kept, plan_id, goal.education_name, goal.education_code, goal.priority),
            *(caseworker_id, work.now, work.today),
        )
    work.touch(
        plan_id,
        citizen_id,
        *("education_goals", "interventions"),
        trigger="GOALS",
        event=NoticeEvent.PLAN_CHANGED,
    )
    work.watch(plan_id, case, writes_goals=True)
    return Done(citizen_id, plan_id)


def _tidy(goals: Sequence[EducationGoalDraft]) -> list[EducationGoalDraft]:
    """The goals without blank texts; raises `BadUserInput` for one without a name."""
    refuse_twice((goal.goal_id, (*_PATH, i, "id")) for i, goal in enumerate(goals))
    return [
        replace(
            goal,
            education_name=required(goal.education_name, (*_PATH, i, "educationName")),
            education_code=written(goal.education_code),
        )
        for i, goal in enumerate(goals)
    ]


async def _continued(
    work: Work, plan_id: UUID, goals: Sequence[EducationGoalDraft]
) -> list[UUID | None]:
    """For each goal the id of the stored one that it continues, None for a new one."""
    stored = await work.fetch("education_goals_of_plan", plan_id)
    named = {UUID(goal.goal_id) for goal in goals if goal.goal_id}
    if not named <= {row["education_goal_id"] for row in stored}:
        raise NotFound("There is no such education goal.")
    same: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in stored:
        if row["education_goal_id"] not in named:
            same[row["education_name"]].append(row["education_goal_id"])
    found: list[UUID | None] = []
    for goal in goals:
        alike = same[goal.education_name]
        if goal.goal_id:
            found.append(UUID(goal.goal_id))
        else:
            found.append(alike.pop(0) if alike else None)
    return found
