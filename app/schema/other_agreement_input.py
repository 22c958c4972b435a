"""Events from booking systems: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.citizen import citizen_of
from app.actions.other_agreement import upsert_other_agreement
from app.domain.authority import Authority
from app.domain.meeting import OtherAgreementDraft
from app.schema.enums import AuthorityEnum, OtherAgreementKind
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import DateTime, id_of
from app.store.work import Done, Work


@strawberry.input(
    description="An event under the booking system's own id. The citizen is named by id or by "
    "civil registration number, one of them."
)
class UpsertOtherAgreementInput:
    citizen_id: strawberry.ID | None = None
    civil_registration_number: str | None = None
    external_id: str
    organiser: AuthorityEnum
    title: str
    kind: OtherAgreementKind
    starts_at: DateTime
    ends_at: DateTime | None = None
    place: str | None = None
    description: str | None = None
    cancelled: bool = False


@strawberry.type
class UpsertOtherAgreementPayload:
    other_agreement_id: strawberry.ID
    warnings: list[Warning]


UpsertOtherAgreementResult = Annotated[
    UpsertOtherAgreementPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("UpsertOtherAgreementResult"),
]


@strawberry.type
class OtherAgreementMutation:
    @strawberry.mutation(
        description="Registers, moves or cancels an event; the same input again changes nothing."
    )
    async def upsert_other_agreement(
        self, info: Info[Any, Any], input: UpsertOtherAgreementInput
    ) -> UpsertOtherAgreementResult | None:
        async def act(work: Work) -> Done:
            known = id_of(input.citizen_id, "citizen") if input.citizen_id else None
            citizen_id = await citizen_of(work, known, input.civil_registration_number)
            draft = OtherAgreementDraft(
                external_id=input.external_id,
                organiser=Authority(input.organiser),
                title=input.title,
                kind=input.kind.value,
                starts_at=input.starts_at,
                ends_at=input.ends_at,
                place=input.place,
                description=input.description,
                cancelled=input.cancelled,
            )
            return await upsert_other_agreement(work, citizen_id, draft)

        return await perform(info, UpsertOtherAgreementPayload, act)
