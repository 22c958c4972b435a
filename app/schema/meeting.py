"""Meetings that are booked (DOMAIN 5.9, future)."""

import strawberry

from app.domain import document as doc, popup
from app.domain.timeline_row import AGREEMENT_LABELS
from app.schema.enums import AuthorityEnum, MeetingMode, MeetingSource, MeetingStatus
from app.schema.fields import derived
from app.schema.popup import PopupField
from app.schema.scalars import Date, DateTime, Url


def _label(root: doc.Meeting) -> str:
    return AGREEMENT_LABELS[root["authority"]]


def _map_label(root: doc.Meeting) -> str | None:
    return popup.MAP_LINK_LABEL if root["map_url"] else None


def _popup(root: doc.Meeting) -> list[popup.PopupField]:
    return popup.meeting_fields(root)


@strawberry.type(description="A meeting from a booking or summons system.")
class Meeting:
    id: strawberry.ID
    authority: AuthorityEnum
    organisation: str
    external_id: str
    source: MeetingSource
    status: MeetingStatus
    starts_at: DateTime
    ends_at: DateTime
    starts_on: Date
    mode: MeetingMode
    place: str | None
    address: str | None
    map_url: Url | None
    caseworker: str
    caseworker_role: str | None
    description: str | None
    label: str = derived(_label, reads=("authority",))
    map_label: str | None = derived(_map_label, reads=("map_url",))
    popup: list[PopupField] = derived(
        _popup,
        reads=(
            *("starts_at", "ends_at", "mode", "place", "address", "caseworker"),
            *("caseworker_role", "description"),
        ),
    )
