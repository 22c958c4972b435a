"""The citizen's receipt: input and mutation. It makes no version of the plan."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.acknowledgement import acknowledge_plan
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="The version that the citizen has read: the current one.")
class AcknowledgePlanInput:
    citizen_id: strawberry.ID
    version: int


@strawberry.type(description="`version` is the one acknowledged; the plan carries the receipt.")
class AcknowledgePlanPayload(PlanPayload):
    pass


AcknowledgePlanResult = Annotated[
    AcknowledgePlanPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("AcknowledgePlanResult"),
]


@strawberry.type
class AcknowledgementMutation:
    @strawberry.mutation(description="“Kvittér”: once for each version, by the citizen.")
    async def acknowledge_plan(
        self, info: Info[Any, Any], input: AcknowledgePlanInput
    ) -> AcknowledgePlanResult | None:
        async def act(work: Work) -> Done:
            return await acknowledge_plan(work, id_of(input.citizen_id, "citizen"), input.version)

        return await perform(info, AcknowledgePlanPayload, act)
