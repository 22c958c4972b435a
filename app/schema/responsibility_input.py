"""Responsibility for the contact course: input and mutation."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.responsibility import set_responsibility
from app.domain.authority import Authority, Basis, ResponsibilityPeriod
from app.domain.responsibility import AssignedPeriod
from app.schema.enums import AuthorityEnum, ResponsibilityBasis
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="A period of responsibility; `to` is exclusive, null for the last.")
class ResponsibilityPeriodInput:
    authority: AuthorityEnum
    organisation_code: str = strawberry.field(
        description="Municipality code of a jobcenter, code of a fund."
    )
    from_: Date = strawberry.field(name="from")
    to: Date | None = None
    basis: ResponsibilityBasis
    counted_hours: float | None = strawberry.field(
        default=None, description="Hours of unemployment counted so far."
    )
    expected_transition_date: Date | None = None


@strawberry.input(
    description="All periods from the first one's start on: each begins where the one before "
    "ends, and the last one runs."
)
class SetResponsibilityInput:
    citizen_id: strawberry.ID
    periods: list[ResponsibilityPeriodInput]


@strawberry.type
class SetResponsibilityPayload:
    citizen_id: strawberry.ID
    warnings: list[Warning]


SetResponsibilityResult = Annotated[
    SetResponsibilityPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetResponsibilityResult"),
]


@strawberry.type
class ResponsibilityMutation:
    @strawberry.mutation(
        description="Sets who is responsible and when; it is not worked out any more after that."
    )
    async def set_responsibility(
        self, info: Info[Any, Any], input: SetResponsibilityInput
    ) -> SetResponsibilityResult | None:
        async def act(work: Work) -> Done:
            return await set_responsibility(
                work, id_of(input.citizen_id, "citizen"), [_period(p) for p in input.periods]
            )

        return await perform(info, SetResponsibilityPayload, act)


def _period(given: ResponsibilityPeriodInput) -> AssignedPeriod:
    hours = given.counted_hours
    return AssignedPeriod(
        ResponsibilityPeriod(
            Authority(given.authority),
            given.organisation_code,
            Basis(given.basis),
            given.from_,
            given.to,
        ),
        derived=False,
        counted_hours=None if hours is None else Decimal(str(round(hours, 2))),
        expected_transition_date=given.expected_transition_date,
    )
