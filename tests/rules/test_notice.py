"""Which notice, on which channel, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, strategies as st

from app.domain.meeting import MeetingDraft
from app.domain.notice import Channel, NoticeEvent, NotificationPreference
from app.rules.meeting import is_unchanged, meeting
from app.rules.notice import (
    causes_notice,
    channels_for,
    event_of_meeting,
    event_of_new_intervention,
    next_send_time,
    told_event,
)

from .code_lists import JOBCENTER, KINDS

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
INSTANTS = st.integers(0, 15 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
SPRING_NIGHT = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
AUTUMN_NIGHT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
BOOKED = MeetingDraft(
    external_id="BOOK-1",
    authority=JOBCENTER,
    source="SUMMONS",
    status="PLANNED",
    starts_at=datetime(2026, 3, 10, 12, 30, tzinfo=UTC),
    ends_at=datetime(2026, 3, 10, 13, 0, tzinfo=UTC),
    mode="IN_PERSON",
    caseworker_name="Asta Møllegård",
    place="Jobcenter København",
)


@given(INSTANTS)
@example(SPRING_NIGHT)
@example(AUTUMN_NIGHT)
@pytest.mark.rule("R127", "allowed")
def test_messages_go_out_between_9_and_22_on_the_clock_of_copenhagen(now: datetime) -> None:
    sent = next_send_time(now)
    assert 9 <= sent.astimezone(COPENHAGEN).hour < 22
    assert now <= sent < now + timedelta(hours=13)


@given(INSTANTS, st.integers(-12, 14))
def test_the_window_does_not_depend_on_the_offset_the_time_came_with(
    now: datetime, hours: int
) -> None:
    assert next_send_time(now.astimezone(timezone(timedelta(hours=hours)))) == next_send_time(now)


@given(INSTANTS)
def test_a_message_in_the_window_waits_for_nothing_and_no_instant_is_passed_over(
    now: datetime,
) -> None:
    sent = next_send_time(now)
    assert next_send_time(sent) == sent
    if sent > now:
        local = sent.astimezone(COPENHAGEN)
        assert (local.hour, local.minute, local.second, local.microsecond) == (9, 0, 0, 0)


def test_the_window_opens_an_hour_earlier_in_utc_after_the_clocks_go_forward() -> None:
    saturday_night = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)
    assert next_send_time(saturday_night) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert next_send_time(AUTUMN_NIGHT) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)


@pytest.mark.rule("R127", "refused")
def test_22_is_outside_and_9_inside_the_window() -> None:
    nine, ten = (datetime(2026, 1, 5, h, tzinfo=COPENHAGEN) for h in (9, 22))
    assert next_send_time(nine) == nine
    assert next_send_time(ten) == nine + timedelta(days=1)
    assert next_send_time(ten - timedelta(microseconds=1)) == ten - timedelta(microseconds=1)


@given(st.lists(st.sampled_from(NoticeEvent), min_size=1))
@pytest.mark.rule("R122", "allowed")
@pytest.mark.rule("R124", "allowed")
def test_one_operation_causes_one_notice_and_an_offer_comes_first(
    events: list[NoticeEvent],
) -> None:
    chosen, _ = told_event((event, None) for event in events)
    assert chosen in events
    assert (NoticeEvent.OFFER_GIVEN in events) == (chosen is NoticeEvent.OFFER_GIVEN)
    assert (chosen, None) == told_event((event, None) for event in reversed(events))


def test_a_new_offer_is_told_as_an_offer_and_other_interventions_as_agreements() -> None:
    assert event_of_new_intervention(KINDS["COURSE"]) is NoticeEvent.OFFER_GIVEN
    assert event_of_new_intervention(KINDS["MENTOR"]) is NoticeEvent.AGREEMENT_NEW
    six_week = event_of_new_intervention(KINDS["EDUCATION"], "SIX_WEEK_JOB_TRAINING")
    assert six_week is NoticeEvent.AGREEMENT_NEW


@pytest.mark.rule("R124", "allowed")
def test_a_meeting_is_told_when_it_is_new_moved_or_cancelled() -> None:
    moved = replace(BOOKED, status="CHANGED", ends_at=BOOKED.ends_at + timedelta(hours=1))
    cancelled = replace(BOOKED, status="CANCELLED")
    described = replace(BOOKED, description="Husk dit cv.")
    assert event_of_meeting(None, BOOKED) is NoticeEvent.MEETING_NEW
    assert event_of_meeting(BOOKED, moved) is NoticeEvent.MEETING_CHANGED
    assert event_of_meeting(BOOKED, cancelled) is NoticeEvent.MEETING_CHANGED
    assert event_of_meeting(cancelled, BOOKED) is NoticeEvent.MEETING_NEW
    assert event_of_meeting(BOOKED, described) is NoticeEvent.PLAN_CHANGED


@pytest.mark.rule("R124", "refused")
@pytest.mark.rule("R126", "refused")
def test_a_repeated_a_held_and_a_never_told_meeting_are_not_told() -> None:
    cancelled, held = (replace(BOOKED, status=status) for status in ("CANCELLED", "HELD"))
    assert is_unchanged(BOOKED, replace(BOOKED))
    assert event_of_meeting(BOOKED, replace(BOOKED, status="CHANGED")) is None
    for stored, sent in [(BOOKED, BOOKED), (BOOKED, held), (None, cancelled), (None, held)]:
        assert event_of_meeting(stored, sent) is None
    assert event_of_meeting(cancelled, cancelled) is None


@pytest.mark.rule("R66", "refused")
def test_a_meeting_that_ends_before_it_starts_is_refused() -> None:
    backwards = replace(BOOKED, ends_at=BOOKED.starts_at - timedelta(minutes=1))
    assert [b.code for b in meeting(backwards) if b] == ["INVALID_PERIOD"]


@pytest.mark.rule("R123", "allowed")
@pytest.mark.rule("R123", "refused")
def test_channels_need_a_subscription_and_somewhere_to_send() -> None:
    both = NotificationPreference(True, "00113337", True, "ida@borger.example", True, True)
    assert channels_for(None) == (Channel.FRONT_PAGE,)
    assert channels_for(both) == tuple(Channel)
    assert channels_for(both, exempt=True) == (Channel.FRONT_PAGE,)
    nowhere = NotificationPreference(sms=True, email=True)
    assert channels_for(nowhere) == (Channel.FRONT_PAGE,)


@pytest.mark.rule("R126", "allowed")
@pytest.mark.rule("R126", "refused")
@pytest.mark.rule("R122", "refused")
def test_only_what_the_citizen_sees_and_did_not_do_is_told() -> None:
    assert causes_notice(changed_for_citizen=True, by_citizen=False)
    assert not causes_notice(changed_for_citizen=False, by_citizen=False)
    assert not causes_notice(changed_for_citizen=True, by_citizen=True)
