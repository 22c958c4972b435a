"""Notices to the citizen: events in the order of DOMAIN section 9, channels, preferences."""

from dataclasses import dataclass
from enum import StrEnum


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


class Channel(StrEnum):
    FRONT_PAGE = "FRONT_PAGE"
    SMS = "SMS"
    EMAIL = "EMAIL"


@dataclass(frozen=True, slots=True)
class NotificationPreference:
    """Subscribed channels and where to send; both off by default."""

    sms: bool = False
    sms_number: str | None = None
    email: bool = False
    email_address: str | None = None
