"""The plan description: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.description import set_plan_description
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="“For at nå mit mål, har vi aftalt”, or a comment to the youth.")
class SetPlanDescriptionInput:
    citizen_id: strawberry.ID
    text: str | None = strawberry.field(
        default=None, description="Null or blank removes the description."
    )
    covers_rehabilitation_part: bool = strawberry.field(
        default=False,
        description="Whether it holds the “indsatsdel”, so that no other document is needed.",
    )
    expected_version: int | None = None


@strawberry.type
class SetPlanDescriptionPayload(PlanPayload):
    pass


SetPlanDescriptionResult = Annotated[
    SetPlanDescriptionPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetPlanDescriptionResult"),
]


@strawberry.type
class DescriptionMutation:
    @strawberry.mutation(description="Writes or removes the description; the citizen is told.")
    async def set_plan_description(
        self, info: Info[Any, Any], input: SetPlanDescriptionInput
    ) -> SetPlanDescriptionResult | None:
        async def act(work: Work) -> Done:
            return await set_plan_description(
                work,
                id_of(input.citizen_id, "citizen"),
                input.text,
                covers_rehabilitation_part=input.covers_rehabilitation_part,
                expected_version=input.expected_version,
            )

        return await perform(info, SetPlanDescriptionPayload, act)
