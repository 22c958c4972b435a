"""A held conversation as a caseworker registers it (DOMAIN 5.9)."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.absent import ABSENT, Absent
from app.domain.authority import Authority


@dataclass(frozen=True, slots=True)
class InterventionStatusDraft:
    """The latest status of an intervention, told in the conversation (R82)."""

    intervention_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ConversationDraft:
    """held_at: with offset. mode: IN_PERSON, PHONE, DIGITAL, LETTER or OTHER.

    agreement_text: an empty one leaves the latest agreement as it is.
    meeting_id: the booked meeting that this conversation was, if any.
    """

    authority: Authority
    held_at: datetime
    mode: str
    agreement_text: str = ""
    meeting_id: str | None = None
    statuses: tuple[InterventionStatusDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectionDraft:
    """What is corrected of an agreement; what is `ABSENT` stays.

    hidden_from_fund: of the jobcenter's conversations only.
    """

    agreement_text: str | Absent = ABSENT
    hidden_from_fund: bool | Absent = ABSENT
