"""Education goals: inputs and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.education_goal import set_education_goals
from app.domain.goal import EducationGoalDraft
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="“Uddannelsesmål”.")
class EducationGoalInput:
    id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The goal of the plan that this one continues; links to it stay.",
    )
    education_name: str
    education_code: str | None = None
    priority: int = strawberry.field(description="1 is the first; each number once.")


@strawberry.input(description="All education goals of the plan.")
class SetEducationGoalsInput:
    citizen_id: strawberry.ID
    education_goals: list[EducationGoalInput]
    expected_version: int | None = None


@strawberry.type
class SetEducationGoalsPayload(PlanPayload):
    pass


SetEducationGoalsResult = Annotated[
    SetEducationGoalsPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetEducationGoalsResult"),
]


@strawberry.type
class EducationGoalMutation:
    @strawberry.mutation(
        description="Replaces the education goals of the plan; the citizen is told."
    )
    async def set_education_goals(
        self, info: Info[Any, Any], input: SetEducationGoalsInput
    ) -> SetEducationGoalsResult | None:
        async def act(work: Work) -> Done:
            return await set_education_goals(
                work,
                id_of(input.citizen_id, "citizen"),
                [
                    EducationGoalDraft(
                        goal.education_name,
                        goal.priority,
                        goal.education_code,
                        None if goal.id is None else str(id_of(goal.id, "education goal")),
                    )
                    for goal in input.education_goals
                ],
                expected_version=input.expected_version,
            )

        return await perform(info, SetEducationGoalsPayload, act)
