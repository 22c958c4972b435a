"""Membership of an unemployment fund: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.membership import set_membership
from app.domain.authority import Insurance
from app.domain.membership import MembershipPeriod
from app.schema.enums import InsuranceKind
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="A membership; one that overlaps ends where this one begins.")
class SetMembershipInput:
    citizen_id: strawberry.ID
    fund_code: str
    insurance: InsuranceKind
    from_: Date = strawberry.field(name="from")
    to: Date | None = strawberry.field(
        default=None, description="Exclusive; null while the membership runs."
    )


@strawberry.type
class SetMembershipPayload:
    citizen_id: strawberry.ID
    warnings: list[Warning]


SetMembershipResult = Annotated[
    SetMembershipPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetMembershipResult"),
]


@strawberry.type
class MembershipMutation:
    @strawberry.mutation(
        description="Sets the membership of a fund; the fund of before loses its access at once."
    )
    async def set_membership(
        self, info: Info[Any, Any], input: SetMembershipInput
    ) -> SetMembershipResult | None:
        async def act(work: Work) -> Done:
            membership = MembershipPeriod(
                input.fund_code, Insurance(input.insurance), input.from_, input.to
            )
            return await set_membership(work, id_of(input.citizen_id, "citizen"), membership)

        return await perform(info, SetMembershipPayload, act)
