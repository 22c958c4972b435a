"""Future meetings and other agreements from booking systems (R66, R67)."""

from dataclasses import replace
from datetime import datetime

from app.domain.meeting import MeetingDraft, OtherAgreementDraft
from app.rules import text
from app.rules.breach import Breach, Path, rule


@rule("R66")
def ends_after_start(
    starts_at: datetime, ends_at: datetime | None, path: Path = ("input", "endsAt")
) -> Breach | None:
    """A meeting ends no earlier than it starts; instants are compared, not clock faces.

    >>> from datetime import timedelta, timezone
    >>> summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    >>> ends_after_start(datetime(2026, 10, 25, 2, 30, tzinfo=summer),
    ...                  datetime(2026, 10, 25, 2, 15, tzinfo=winter))
    >>> ends_after_start(datetime(2026, 10, 25, 2, 30, tzinfo=winter),
    ...                  datetime(2026, 10, 25, 2, 15, tzinfo=winter)).code
    'INVALID_PERIOD'
    """
    return Breach("R66", path=path) if ends_at is not None and ends_at < starts_at else None


@rule("R67")
def comes_from_a_system(by_system: bool) -> Breach | None:
    """Only booking and summons systems write meetings and other agreements.

    >>> comes_from_a_system(by_system=False).code
    'FORBIDDEN'
    """
    return None if by_system else Breach("R67")


@rule("R67")
def is_unchanged(stored: MeetingDraft | OtherAgreementDraft | None, sent: object) -> bool:
    """A repeated import by external id that changes nothing: no version, no notice."""
    return stored == sent


@rule("R67")
def is_not_held(
    stored: MeetingDraft | None, sent: MeetingDraft, path: Path = ("input", "externalId")
) -> Breach | None:
    """A meeting that was held is history; sending it again as it was is no change of it."""
    if stored is None or stored.status != "HELD" or replace(sent, status="HELD") == stored:
        return None
    return Breach("R67", "MEETING_HELD", path)


@rule("R67")
def can_be_held(
    status: str, *, has_conversation: bool, path: Path = ("input", "meetingId")
) -> Breach | None:
    """A meeting is one conversation, and only one that was not cancelled.

    A meeting that its system reports as held can still get the conversation it was.

    >>> can_be_held("PLANNED", has_conversation=False)
    >>> can_be_held("HELD", has_conversation=True).code
    'MEETING_HELD'
    >>> can_be_held("CANCELLED", has_conversation=False).code
    'MEETING_CANCELLED'
    """
    if has_conversation:
        return Breach("R67", "MEETING_HELD", path)
    return Breach("R67", "MEETING_CANCELLED", path) if status == "CANCELLED" else None


def meeting(draft: MeetingDraft, path: Path = ("input",)) -> list[Breach | None]:
    """All rules for a meeting from a system."""
    return [
        ends_after_start(draft.starts_at, draft.ends_at, (*path, "endsAt")),
        *text.all_fit(draft, text.MEETING, path),
    ]


def other_agreement(draft: OtherAgreementDraft, path: Path = ("input",)) -> list[Breach | None]:
    """All rules for an event from a system."""
    return [
        ends_after_start(draft.starts_at, draft.ends_at, (*path, "endsAt")),
        *text.all_fit(draft, text.OTHER_AGREEMENT, path),
    ]
