"""What has been overtaken by events before it was sent is not told any more (R127)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from app.actions.exemption import exempt_from_digital
from app.actions.intervention import create_intervention
from app.actions.notification import PreferenceDraft, update_notification_preference
from app.store.work import COPENHAGEN
from tests.actions.desk import JOBCENTER_VIEWER, citizen_viewer, day

from .days import MEETING, OFFER, Calendar, send_all
from .gateway import Gateway
from .test_offer_reminder import call_off, offered
from .test_reminder import reachable

NEWS = "Der er nyt i Min Plan på Jobnet. Log ind på jobnet.dk for at se det."


async def in_the_evening(calendar: Calendar) -> UUID:
    """A citizen who wants SMS, at ten in the evening: what happens now waits for the morning."""
    citizen_id = await reachable(calendar)
    calendar.desk.hour = 22
    return citizen_id


@pytest.mark.rule("R127", "refused")
async def test_an_offer_that_is_cancelled_in_the_night_is_not_told_as_one(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    offer = await offered(calendar, citizen_id, "rør")
    await call_off(calendar, citizen_id, offer)
    [message] = await send_all(calendar, gateway, day(1), 9)
    assert message.startswith(NEWS)
    assert await calendar.outcomes("OFFER_GIVEN") == [("DROPPED", "cancelled")]
    # that the plan has changed is still told, once
    assert await calendar.outcomes("PLAN_CHANGED") == [("SENT", None)]


async def test_of_a_meeting_that_is_moved_again_and_again_the_last_place_is_told(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    await calendar.book(citizen_id)
    for hour in (12, 14):
        await calendar.book(citizen_id, starts_at=MEETING.starts_at.replace(hour=hour))
    [message] = await send_all(calendar, gateway, day(1), 9)
    assert message.startswith("En af dine aftaler er ændret eller aflyst.")
    assert await calendar.outcomes("MEETING_NEW") == [("DROPPED", "superseded")]
    assert await calendar.outcomes("MEETING_CHANGED") == [("DROPPED", "superseded"), ("SENT", None)]


async def test_two_meetings_are_not_told_for_each_other(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    await calendar.book(citizen_id)
    await calendar.book(citizen_id, external_id="M-2")
    assert len(await send_all(calendar, gateway, day(1), 9)) == 1
    assert await calendar.outcomes("MEETING_NEW") == [("SENT", None)] * 2


async def test_a_meeting_that_is_over_when_the_phones_may_ring_is_not_announced(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    early = datetime.combine(day(1), datetime.min.time(), COPENHAGEN).replace(hour=8)
    await calendar.book(citizen_id, starts_at=early, ends_at=early + timedelta(minutes=30))
    assert await send_all(calendar, gateway, day(1), 9) == []
    assert await calendar.outcomes("MEETING_NEW") == [("DROPPED", "past")]


@pytest.mark.rule("R115", "allowed")
async def test_who_becomes_exempt_in_the_night_gets_a_letter_instead_of_an_sms(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    await calendar.book(citizen_id)
    await calendar.desk.run(
        JOBCENTER_VIEWER,
        lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST"),
    )
    assert await send_all(calendar, gateway, day(1), 9) == []
    assert await calendar.outcomes("MEETING_NEW") == [("DROPPED", "exempt")]
    letters = await calendar.desk.pool.fetch("select version, status from letter_task")
    told = await calendar.desk.pool.fetchval(
        "select version from notice where event = 'MEETING_NEW'"
    )
    assert [tuple(letter) for letter in letters] == [(told, "OPEN")]


@pytest.mark.parametrize(
    ("evening", "morning"),
    [(date(2026, 3, 28), date(2026, 3, 29)), (date(2026, 10, 24), date(2026, 10, 25))],
)
async def test_on_the_days_when_the_clocks_change_phones_ring_from_nine_by_the_clock(
    calendar: Calendar, gateway: Gateway, evening: date, morning: date
) -> None:
    citizen_id = await reachable(calendar)
    calendar.desk.today, calendar.desk.hour = evening, 22
    await calendar.book(citizen_id, starts_at=MEETING.starts_at.replace(year=2027))
    assert await send_all(calendar, gateway, evening, 23) == []
    assert await send_all(calendar, gateway, morning, 8) == []
    assert len(await send_all(calendar, gateway, morning, 9)) == 1
    [due] = await calendar.desk.pool.fetch("select ready_at from delivery")
    assert due["ready_at"].astimezone(COPENHAGEN).hour == 9


async def test_a_notice_that_tells_of_something_else_too_is_not_dropped_with_its_offer(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    other = replace(OFFER, description="Du svejser rør.")
    told = await calendar.desk.run(
        JOBCENTER_VIEWER,
        lambda work: create_intervention(work, citizen_id, OFFER),
        lambda work: create_intervention(work, citizen_id, other),
    )
    await call_off(calendar, citizen_id, told.done.values["intervention_id"])
    assert len(await send_all(calendar, gateway, day(1), 9)) == 1
    assert await calendar.outcomes("OFFER_GIVEN") == [("SENT", None)]


async def test_a_number_that_is_about_to_be_verified_is_waited_for(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await in_the_evening(calendar)
    await calendar.book(citizen_id)
    calendar.desk.today, calendar.desk.hour = day(1), 9
    changed = await calendar.desk.run(
        citizen_viewer(citizen_id),
        lambda work: update_notification_preference(work, PreferenceDraft(sms_number="20301011")),
    )
    assert changed
    assert await send_all(calendar, gateway, day(1), 9) == []
    assert await calendar.outcomes("MEETING_NEW") == [("PENDING", "unverified")]
    # nobody entered the code in time
    assert await send_all(calendar, gateway, day(1), 10) == []
    assert await calendar.outcomes("MEETING_NEW") == [("DROPPED", "unverified")]
