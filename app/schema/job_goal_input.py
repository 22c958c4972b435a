"""Job goals: inputs and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.job_goal import set_job_goals
from app.domain.goal import JobGoalDraft, SubGoalDraft
from app.schema.enums import GoalTerm
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="“Delmål”.")
class SubGoalInput:
    text: str
    target_date: Date | None = None
    done_on: Date | None = None


@strawberry.input(description="“Jobmål”: an occupation or a job function, one of them.")
class JobGoalInput:
    id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The goal of the plan that this one continues; links to it stay.",
    )
    occupation_code: str | None = None
    job_function_text: str | None = None
    term: GoalTerm
    priority: int = strawberry.field(description="1 is the first; each number once.")
    long_term_description: str | None = None
    outside_shortage_reason: str | None = None
    sub_goals: list[SubGoalInput] = strawberry.field(default_factory=list)


@strawberry.input(description="All job goals of the plan.")
class SetJobGoalsInput:
    citizen_id: strawberry.ID
    job_goals: list[JobGoalInput]
    expected_version: int | None = None


@strawberry.type
class SetJobGoalsPayload(PlanPayload):
    pass


SetJobGoalsResult = Annotated[
    SetJobGoalsPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetJobGoalsResult"),
]


@strawberry.type
class JobGoalMutation:
    @strawberry.mutation(
        description="Replaces the job goals of the plan and confirms them; the citizen is told."
    )
    async def set_job_goals(
        self, info: Info[Any, Any], input: SetJobGoalsInput
    ) -> SetJobGoalsResult | None:
        async def act(work: Work) -> Done:
            return await set_job_goals(
                work,
                id_of(input.citizen_id, "citizen"),
                [_draft(goal) for goal in input.job_goals],
                expected_version=input.expected_version,
            )

        return await perform(info, SetJobGoalsPayload, act)


def _draft(goal: JobGoalInput) -> JobGoalDraft:
    return JobGoalDraft(
        term=goal.term,
        priority=goal.priority,
        occupation_code=goal.occupation_code,
        job_function_text=goal.job_function_text,
        long_term_description=goal.long_term_description,
        sub_goals=tuple(SubGoalDraft(s.text, s.target_date, s.done_on) for s in goal.sub_goals),
        outside_shortage_reason=goal.outside_shortage_reason,
        goal_id=None if goal.id is None else str(id_of(goal.id, "job goal")),
    )
