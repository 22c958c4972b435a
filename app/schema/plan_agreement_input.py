"""Whether the citizen agrees with the plan: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.acknowledgement import set_plan_agreement
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="What the citizen thinks of the plan; it is in force either way.")
class SetPlanAgreementInput:
    citizen_id: strawberry.ID
    agrees: bool | None = strawberry.field(default=None, description="Null: not said.")
    comment: str | None = strawberry.field(default=None, description="At most 1500 characters.")
    expected_version: int | None = None


@strawberry.type
class SetPlanAgreementPayload(PlanPayload):
    pass


SetPlanAgreementResult = Annotated[
    SetPlanAgreementPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetPlanAgreementResult"),
]


@strawberry.type
class PlanAgreementMutation:
    @strawberry.mutation(
        description="Notes it, by the citizen or by staff, who are to tell the citizen so."
    )
    async def set_plan_agreement(
        self, info: Info[Any, Any], input: SetPlanAgreementInput
    ) -> SetPlanAgreementResult | None:
        async def act(work: Work) -> Done:
            return await set_plan_agreement(
                work,
                id_of(input.citizen_id, "citizen"),
                input.agrees,
                input.comment,
                expected_version=input.expected_version,
            )

        return await perform(info, SetPlanAgreementPayload, act)
