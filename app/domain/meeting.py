"""Future meetings and other agreements as booking systems send them (DOMAIN 5.9, 5.10)."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.authority import Authority


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """Times carry an offset.

    source: SUMMONS or SELF_BOOKING; status: PLANNED, CHANGED, CANCELLED or HELD.
    """

    external_id: str
    authority: Authority
    source: str
    status: str
    starts_at: datetime
    ends_at: datetime
    mode: str
    caseworker_name: str
    place: str | None = None
    address: str | None = None
    map_url: str | None = None
    caseworker_role: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class OtherAgreementDraft:
    """Participation in an event. kind: JOB_FAIR, JOB_CAFE or OTHER."""

    external_id: str
    organiser: Authority
    title: str
    kind: str
    starts_at: datetime
    ends_at: datetime | None = None
    place: str | None = None
    description: str | None = None
    cancelled: bool = False
