"""Changes of target group: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.target_group import set_target_group
from app.schema.enums import PlanType
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="The target group that a citizen comes into.")
class SetTargetGroupInput:
    citizen_id: strawberry.ID
    target_group: str
    plan_type: PlanType | None = strawberry.field(
        default=None, description="One that the group lists; its default unless given."
    )
    valid_from: Date | None = strawberry.field(
        default=None, description="Today or earlier; today unless given."
    )
    expected_version: int | None = None


@strawberry.type
class SetTargetGroupPayload(PlanPayload):
    pass


SetTargetGroupResult = Annotated[
    SetTargetGroupPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetTargetGroupResult"),
]


@strawberry.type
class TargetGroupMutation:
    @strawberry.mutation(
        description="Changes the target group; the plan follows with everything in it, and what "
        "the new composition lacks is hidden. The citizen is told."
    )
    async def set_target_group(
        self, info: Info[Any, Any], input: SetTargetGroupInput
    ) -> SetTargetGroupResult | None:
        async def act(work: Work) -> Done:
            return await set_target_group(
                work,
                id_of(input.citizen_id, "citizen"),
                input.target_group,
                plan_type=input.plan_type.value if input.plan_type else None,
                valid_from=input.valid_from,
                expected_version=input.expected_version,
            )

        return await perform(info, SetTargetGroupPayload, act)
