"""The citizen's facts: input and mutation of the systems of the authorities."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe
from strawberry.types import Info

from app.actions.citizen import upsert_citizen
from app.domain.absent import ABSENT
from app.domain.citizen import CitizenDraft, ExemptionFact, PersonName
from app.schema.exemption_enums import RegisterExemptionKind
from app.schema.given import absent_or
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input
class PersonNameInput:
    given: str
    middle: str | None = None
    surname: str


@strawberry.input(description="An exemption known from a register; `to` is exclusive.")
class RegisterExemptionInput:
    kind: RegisterExemptionKind
    from_: Date = strawberry.field(name="from")
    to: Date | None = None


@strawberry.input(
    description="What is left out stays as it is; null clears. A new citizen needs name, "
    "municipality and target group."
)
class UpsertCitizenInput:
    civil_registration_number: str
    citizen_id: strawberry.ID | None = strawberry.field(
        default=None, description="Names a known citizen whose number is to be corrected."
    )
    name: Maybe[PersonNameInput] = None
    municipality_code: Maybe[str] = None
    target_group: Maybe[str] = None
    contact_course_start: Maybe[Date] = strawberry.field(
        default=None,
        description="First day of the contact course; today for a new citizen unless given.",
    )
    first_benefit_date: Maybe[Date | None] = None
    right_and_duty: Maybe[bool] = None
    has_vocational_education: Maybe[bool | None] = None
    has_dependent_children: Maybe[bool | None] = None
    under_kui: Maybe[bool] = None
    registration_open: Maybe[bool] = None
    phone: Maybe[str | None] = None
    email: Maybe[str | None] = None
    digital_exemptions: Maybe[list[RegisterExemptionInput]] = strawberry.field(
        default=None, description="All that the registers know; an empty list ends them."
    )


@strawberry.type
class UpsertCitizenPayload:
    citizen_id: strawberry.ID
    warnings: list[Warning]


UpsertCitizenResult = Annotated[
    UpsertCitizenPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("UpsertCitizenResult"),
]


@strawberry.type
class CitizenMutation:
    @strawberry.mutation(
        description="Registers a citizen or changes facts; the same input again changes nothing."
    )
    async def upsert_citizen(
        self, info: Info[Any, Any], input: UpsertCitizenInput
    ) -> UpsertCitizenResult | None:
        async def act(work: Work) -> Done:
            return await upsert_citizen(work, _draft(input))

        return await perform(info, UpsertCitizenPayload, act)


def _draft(given: UpsertCitizenInput) -> CitizenDraft:
    name, exemptions = absent_or(given.name), absent_or(given.digital_exemptions)
    return CitizenDraft(
        civil_registration_number=given.civil_registration_number,
        citizen_id=id_of(given.citizen_id, "citizen") if given.citizen_id else None,
        name=ABSENT if name is ABSENT else PersonName(name.given, name.surname, name.middle),
        municipality_code=absent_or(given.municipality_code),
        target_group=absent_or(given.target_group),
        contact_course_start=absent_or(given.contact_course_start),
        first_benefit_date=absent_or(given.first_benefit_date),
        right_and_duty=absent_or(given.right_and_duty),
        has_vocational_education=absent_or(given.has_vocational_education),
        has_dependent_children=absent_or(given.has_dependent_children),
        under_kui=absent_or(given.under_kui),
        registration_open=absent_or(given.registration_open),
        phone=absent_or(given.phone),
        email=absent_or(given.email),
        digital_exemptions=ABSENT
        if exemptions is ABSENT
        else tuple(ExemptionFact(e.kind.value, e.from_, e.to) for e in exemptions),
    )
