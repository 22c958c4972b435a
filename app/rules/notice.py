"""Which notice an operation causes, on which channels, and when it is sent (R122-R127)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.intervention import InterventionKind
from app.domain.meeting import MeetingDraft, OtherAgreementDraft
from app.domain.notice import Channel, NoticeEvent, NotificationPreference
from app.rules.breach import Breach, Path, rule

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
START_HOUR: Final = 9
END_HOUR: Final = 22
_ORDER: Final = (
    NoticeEvent.OFFER_GIVEN,
    *(event for event in NoticeEvent if event is not NoticeEvent.OFFER_GIVEN),
)

Told: TypeAlias = tuple[NoticeEvent, UUID | None]
"""An event, and the one thing that it is about, if that may yet be cancelled or moved."""


@rule("R122", "R124")
def told_event(events: Iterable[Told]) -> Told:
    """The one event of an operation that caused several: an offer first, then the table's order.

    With what it is about: None unless all of them are about that one thing, because a notice that
    tells of something else, too, must not be dropped with it. `events` is not empty.

    >>> told_event([(NoticeEvent.OFFER_GIVEN, UUID(int=1))])
    (<NoticeEvent.OFFER_GIVEN: 'OFFER_GIVEN'>, UUID('00000000-0000-0000-0000-000000000001'))
    >>> told_event([(NoticeEvent.PLAN_CHANGED, None), (NoticeEvent.OFFER_GIVEN, UUID(int=1))])
    (<NoticeEvent.OFFER_GIVEN: 'OFFER_GIVEN'>, None)
    """
    pairs = list(events)
    event = min((event for event, _ in pairs), key=_ORDER.index)
    subjects = {subject for _, subject in pairs}
    return event, subjects.pop() if len(subjects) == 1 else None


@rule("R124")
def event_of_new_intervention(kind: InterventionKind, scheme: str | None = None) -> NoticeEvent:
    """A new offer is told as an offer, any other new intervention as an agreement."""
    return NoticeEvent.OFFER_GIVEN if kind.is_offer(scheme) else NoticeEvent.AGREEMENT_NEW


@rule("R124", "R126")
def event_of_meeting(stored: MeetingDraft | None, sent: MeetingDraft) -> NoticeEvent | None:
    """A new, moved or cancelled meeting; another change of it is a change of the plan.

    None for an import without change, and for a meeting that is over or was never told.
    """
    was_on = stored is not None and stored.status != "CANCELLED"
    if sent.status == "HELD":
        return None
    if sent.status == "CANCELLED":
        return NoticeEvent.MEETING_CHANGED if was_on else None
    if stored is None or not was_on:
        return NoticeEvent.MEETING_NEW
    if _when_and_where(stored) != _when_and_where(sent):
        return NoticeEvent.MEETING_CHANGED
    return None if replace(stored, status=sent.status) == sent else NoticeEvent.PLAN_CHANGED


@rule("R124", "R126")
def event_of_other_agreement(
    stored: OtherAgreementDraft | None, sent: OtherAgreementDraft
) -> NoticeEvent | None:
    """As for meetings: new, moved or cancelled, or another change; None for no change."""
    was_on = stored is not None and not stored.cancelled
    if sent.cancelled:
        return NoticeEvent.MEETING_CHANGED if was_on else None
    if stored is None or not was_on:
        return NoticeEvent.MEETING_NEW
    if (stored.starts_at, stored.ends_at, stored.place) != (
        sent.starts_at,
        sent.ends_at,
        sent.place,
    ):
        return NoticeEvent.MEETING_CHANGED
    return None if stored == sent else NoticeEvent.PLAN_CHANGED


def _when_and_where(meeting: MeetingDraft) -> tuple[object, ...]:
    return meeting.starts_at, meeting.ends_at, meeting.mode, meeting.place, meeting.address


@rule("R123")
def channels_for(
    preference: NotificationPreference | None, exempt: bool = False
) -> tuple[Channel, ...]:
    """The front page always; SMS and e-mail where subscribed and verified.

    An exempt citizen gets no SMS and no e-mail but a letter task (R115).

    >>> channels_for(NotificationPreference(sms=True, sms_number="00113337", sms_verified=True))
    (<Channel.FRONT_PAGE: 'FRONT_PAGE'>, <Channel.SMS: 'SMS'>)
    >>> channels_for(NotificationPreference(sms=True, sms_number="00113337"))
    (<Channel.FRONT_PAGE: 'FRONT_PAGE'>,)
    """
    channels = [Channel.FRONT_PAGE]
    if preference is not None and not exempt:
        channels += [
            channel
            for channel in (Channel.SMS, Channel.EMAIL)
            if preference.is_on(channel)
            and preference.address(channel)
            and preference.is_verified(channel)
        ]
    return tuple(channels)


@rule("R123")
def has_somewhere_to_send(
    preference: NotificationPreference, path: Path = ("input",)
) -> list[Breach]:
    """A channel is subscribed only with its number or address, which then cannot be removed.

    >>> [b.path for b in has_somewhere_to_send(NotificationPreference(sms=True, email=True))]
    [('input', 'smsNumber'), ('input', 'emailAddress')]
    """
    missing = {
        "smsNumber": preference.sms and not preference.sms_number,
        "emailAddress": preference.email and not preference.email_address,
    }
    return [Breach("R123", path=(*path, field)) for field, absent in missing.items() if absent]


@rule("R126")
def causes_notice(changed_for_citizen: bool, by_citizen: bool) -> bool:
    """Whether a version is told: it changes something the citizen sees, and the citizen did not."""
    return changed_for_citizen and not by_citizen


@rule("R127")
def next_send_time(
    now: datetime, start_hour: int = START_HOUR, end_hour: int = END_HOUR
) -> datetime:
    """The first instant from `now` (with offset) inside the send window, in UTC.

    The window is from `start_hour` to just before `end_hour` on the clock of Copenhagen.

    >>> next_send_time(datetime(2026, 3, 28, 20, 59, tzinfo=UTC)).isoformat()
    '2026-03-28T20:59:00+00:00'
    >>> next_send_time(datetime(2026, 3, 28, 21, 0, tzinfo=UTC)).isoformat()
    '2026-03-29T07:00:00+00:00'
    """
    local = now.astimezone(COPENHAGEN)
    if start_hour <= local.hour < end_hour:
        return now.astimezone(UTC)
    days = 1 if local.hour >= end_hour else 0
    opening = datetime.combine(
        local.date() + timedelta(days=days), time(start_hour), tzinfo=COPENHAGEN
    )
    return opening.astimezone(UTC)
