"""Meetings from booking systems: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.citizen import citizen_of
from app.actions.meeting import upsert_meeting
from app.domain.authority import Authority
from app.domain.meeting import MeetingDraft
from app.schema.enums import AuthorityEnum, MeetingMode, MeetingSource, MeetingStatus
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import DateTime, id_of
from app.store.work import Done, Work


@strawberry.input(
    description="A meeting under the booking system's own id. The citizen is named by id or by "
    "civil registration number, one of them."
)
class UpsertMeetingInput:
    citizen_id: strawberry.ID | None = None
    civil_registration_number: str | None = None
    external_id: str
    authority: AuthorityEnum
    organisation_code: str | None = strawberry.field(
        default=None, description="Of the office; the citizen's own jobcenter or fund unless given."
    )
    source: MeetingSource
    status: MeetingStatus = MeetingStatus.PLANNED
    starts_at: DateTime
    ends_at: DateTime
    mode: MeetingMode
    caseworker_name: str
    caseworker_role: str | None = None
    place: str | None = None
    address: str | None = None
    map_url: str | None = None
    description: str | None = None


@strawberry.type
class UpsertMeetingPayload:
    meeting_id: strawberry.ID
    warnings: list[Warning]


UpsertMeetingResult = Annotated[
    UpsertMeetingPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("UpsertMeetingResult"),
]


@strawberry.type
class MeetingMutation:
    @strawberry.mutation(
        description="Registers, moves or cancels a meeting; the same input again changes nothing."
    )
    async def upsert_meeting(
        self, info: Info[Any, Any], input: UpsertMeetingInput
    ) -> UpsertMeetingResult | None:
        async def act(work: Work) -> Done:
            known = id_of(input.citizen_id, "citizen") if input.citizen_id else None
            citizen_id = await citizen_of(work, known, input.civil_registration_number)
            return await upsert_meeting(
                work, citizen_id, _draft(input), organisation_code=input.organisation_code
            )

        return await perform(info, UpsertMeetingPayload, act)


def _draft(given: UpsertMeetingInput) -> MeetingDraft:
    return MeetingDraft(
        external_id=given.external_id,
        authority=Authority(given.authority),
        source=given.source.value,
        status=given.status.value,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        mode=given.mode.value,
        caseworker_name=given.caseworker_name,
        place=given.place,
        address=given.address,
        map_url=given.map_url,
        caseworker_role=given.caseworker_role,
        description=given.description,
    )
