"""The end of a plan: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.closing import close_plan
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="The citizen leaves the employment effort.")
class ClosePlanInput:
    citizen_id: strawberry.ID
    export_to_kui: bool = strawberry.field(
        default=False,
        description="Stores what the “uddannelsesplan” is written from; demanded of whoever is "
        "under 25 and under KUI.",
    )
    expected_version: int | None = None


@strawberry.type
class ClosePlanPayload(PlanPayload):
    pass


ClosePlanResult = Annotated[
    ClosePlanPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ClosePlanResult"),
]


@strawberry.type
class ClosingMutation:
    @strawberry.mutation(
        description="Closes the plan in a last version that nobody is told of. It stays readable, "
        "and what is written later opens a new plan."
    )
    async def close_plan(
        self, info: Info[Any, Any], input: ClosePlanInput
    ) -> ClosePlanResult | None:
        async def act(work: Work) -> Done:
            return await close_plan(
                work,
                id_of(input.citizen_id, "citizen"),
                export_to_kui=input.export_to_kui,
                expected_version=input.expected_version,
            )

        return await perform(info, ClosePlanPayload, act)
