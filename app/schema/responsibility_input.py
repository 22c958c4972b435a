"""Responsibility for the contact course: input and mutation."""

import math
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.responsibility import feed_transition, set_responsibility
from app.domain.authority import Authority, Basis, ResponsibilityPeriod
from app.domain.responsibility import AssignedPeriod
from app.errors import BadUserInput
from app.rules.transition import TransitionFacts
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
    description="Either `periods`, or what is known of the fund's three months: then who is "
    "responsible is worked out by it, and followed as memberships and groups change."
)
class SetResponsibilityInput:
    citizen_id: strawberry.ID
    periods: list[ResponsibilityPeriodInput] | None = strawberry.field(
        default=None,
        description="All periods from the first one's start on: each begins where the one before "
        "ends, and the last one runs. A fund's last one with hours or a date ends by them.",
    )
    counted_hours: float | None = strawberry.field(
        default=None, description="Hours of unemployment counted so far in this contact course."
    )
    counted_on: Date | None = strawberry.field(
        default=None, description="They are those up to the day before this; by default today."
    )
    transition_date: Date | None = strawberry.field(
        default=None, description="First day of the jobcenter; it wins over counted hours."
    )


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
        description="Sets who is responsible and when; periods that are set are not worked out "
        "any more. Hours and dates of the transition are."
    )
    async def set_responsibility(
        self, info: Info[Any, Any], input: SetResponsibilityInput
    ) -> SetResponsibilityResult | None:
        async def act(work: Work) -> Done:
            citizen_id = id_of(input.citizen_id, "citizen")
            facts = TransitionFacts(
                _hours(input.counted_hours), input.counted_on, input.transition_date
            )
            if input.periods is None:
                return await feed_transition(work, citizen_id, facts)
            if facts != TransitionFacts():
                raise BadUserInput("Give either periods or hours and days.", path=("input",))
            return await set_responsibility(work, citizen_id, [_period(p) for p in input.periods])

        return await perform(info, SetResponsibilityPayload, act)


def _period(given: ResponsibilityPeriodInput) -> AssignedPeriod:
    return AssignedPeriod(
        ResponsibilityPeriod(
            Authority(given.authority),
            given.organisation_code,
            Basis(given.basis),
            given.from_,
            given.to,
        ),
        derived=False,
        counted_hours=_hours(given.counted_hours),
        expected_transition_date=given.expected_transition_date,
    )


def _hours(given: float | None) -> Decimal | None:
    if given is None:
        return None
    if not math.isfinite(given):
        raise BadUserInput("There are no such hours.", path=("input",))
    return Decimal(str(round(given, 2)))
