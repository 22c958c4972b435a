"""Changes of target group: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.holistic import set_holistic
from app.actions.target_group import set_target_group
from app.schema.enums import PlanType
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, DateTime, id_of
from app.store.work import Done, Work


@strawberry.input(description="The plan serves as the citizen's “helhedsorienteret plan”.")
class HolisticInput:
    consent_at: DateTime | None = strawberry.field(
        default=None, description="When the citizen said yes: without that it is refused."
    )


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
    holistic: strawberry.Maybe[HolisticInput | None] = strawberry.field(
        default=None, description="Null takes it off; left out it stays as it is."
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
            citizen_id = id_of(input.citizen_id, "citizen")
            done = await set_target_group(
                work,
                citizen_id,
                input.target_group,
                plan_type=input.plan_type.value if input.plan_type else None,
                valid_from=input.valid_from,
                expected_version=input.expected_version,
            )
            if input.holistic is not None:
                wanted = input.holistic.value
                await set_holistic(
                    work,
                    citizen_id,
                    holistic=wanted is not None,
                    consented_at=wanted.consent_at if wanted else None,
                )
            return done

        return await perform(info, SetTargetGroupPayload, act)
