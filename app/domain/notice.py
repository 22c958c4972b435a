"""Notices to the citizen: events in the order of DOMAIN section 9, channels, preferences."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NoticeEvent(StrEnum):
    """What a notice is about; keys of the notice texts."""

    CONVERSATION_REGISTERED = "CONVERSATION_REGISTERED"
    OFFER_GIVEN = "OFFER_GIVEN"
    AGREEMENT_NEW = "AGREEMENT_NEW"
    PLAN_CHANGED = "PLAN_CHANGED"
    MEETING_NEW = "MEETING_NEW"
    MEETING_CHANGED = "MEETING_CHANGED"
    MEETING_REMINDER = "MEETING_REMINDER"
    STEP_OPENED = "STEP_OPENED"
    STEP_DEADLINE_REMINDER = "STEP_DEADLINE_REMINDER"
    STAFF_REPLY = "STAFF_REPLY"
    ACK_REMINDER = "ACK_REMINDER"
    RESPONSIBILITY_CHANGED = "RESPONSIBILITY_CHANGED"


TOLD_WITHOUT_VERSION: Final = frozenset(
    {
        NoticeEvent.MEETING_REMINDER,
        NoticeEvent.STEP_DEADLINE_REMINDER,
        NoticeEvent.ACK_REMINDER,
        NoticeEvent.RESPONSIBILITY_CHANGED,
    }
)
"""What the citizen is told although no document changes: who is responsible stands in none."""


class Channel(StrEnum):
    FRONT_PAGE = "FRONT_PAGE"
    SMS = "SMS"
    EMAIL = "EMAIL"


@dataclass(frozen=True, slots=True)
class NotificationPreference:
    """Subscribed channels and where to send; both off by default.

    sms_verified, email_verified: the citizen has shown to receive at this number or address.
    """

    sms: bool = False
    sms_number: str | None = None
    email: bool = False
    email_address: str | None = None
    sms_verified: bool = False
    email_verified: bool = False

    def is_on(self, channel: Channel) -> bool:
        return self.sms if channel is Channel.SMS else self.email

    def address(self, channel: Channel) -> str | None:
        return self.sms_number if channel is Channel.SMS else self.email_address

    def is_verified(self, channel: Channel) -> bool:
        return self.sms_verified if channel is Channel.SMS else self.email_verified
