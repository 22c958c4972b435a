"""Reminders: once each, on their day, and not of what has been overtaken (R124, R127)."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from app.actions.exemption import exempt_from_digital
from app.store.work import COPENHAGEN
from tests.actions.desk import JOBCENTER_VIEWER, day
from tests.actions.youths import STEP_1, send, youth

from .days import MEETING, Calendar, send_all
from .gateway import Gateway

MEETING_DAY = MEETING.starts_at.date()
EVE = MEETING_DAY - timedelta(days=1)


async def reachable(calendar: Calendar) -> UUID:
    """A citizen who wants SMS."""
    citizen_id = await calendar.desk.citizen()
    await calendar.wants_sms(citizen_id)
    return citizen_id


@pytest.mark.rule("R124", "allowed")
@pytest.mark.rule("R124", "refused")
async def test_a_meeting_is_reminded_of_once_on_the_day_before(calendar: Calendar) -> None:
    await calendar.book(await calendar.desk.citizen())
    assert await calendar.look(EVE - timedelta(days=1), 23) == []
    assert await calendar.look(EVE, 0) == ["MEETING_REMINDER"]
    assert await calendar.look(EVE, 0) == []
    assert await calendar.look(EVE, 23) == []
    assert await calendar.look(MEETING_DAY, 1) == []


async def test_another_agreement_is_reminded_of_as_a_meeting_is(calendar: Calendar) -> None:
    await calendar.invite(await calendar.desk.citizen())
    assert await calendar.look(EVE) == ["MEETING_REMINDER"]
    assert await calendar.look(EVE) == []


@pytest.mark.parametrize("status", ["CANCELLED"])
async def test_a_cancelled_meeting_is_not_reminded_of(calendar: Calendar, status: str) -> None:
    citizen_id = await calendar.desk.citizen()
    await calendar.book(citizen_id)
    await calendar.book(citizen_id, status=status)
    await calendar.invite(citizen_id)
    await calendar.invite(citizen_id, cancelled=True)
    assert await calendar.look(EVE) == []


async def test_after_a_day_without_workers_nobody_hears_of_a_meeting_that_is_today(
    calendar: Calendar,
) -> None:
    """The reminder says "tomorrow", so on the day itself it would be wrong."""
    await calendar.book(await calendar.desk.citizen())
    assert await calendar.look(MEETING_DAY, 8) == []
    assert await calendar.look(MEETING_DAY + timedelta(days=10)) == []


@pytest.mark.parametrize(
    ("starts_at", "eve"),
    [
        ("2026-03-29T00:30", date(2026, 3, 28)),
        ("2026-03-29T23:30", date(2026, 3, 28)),
        ("2026-03-30T00:00", date(2026, 3, 29)),
        ("2026-10-25T00:00", date(2026, 10, 24)),
        ("2026-10-25T02:30+01:00", date(2026, 10, 24)),
        ("2026-10-25T23:59", date(2026, 10, 24)),
        ("2026-10-26T00:00", date(2026, 10, 25)),
    ],
)
async def test_days_are_those_of_copenhagen_also_when_the_clocks_change(
    calendar: Calendar, starts_at: str, eve: date
) -> None:
    wall = datetime.fromisoformat(starts_at)
    await calendar.book(
        await calendar.desk.citizen(), starts_at=wall.replace(tzinfo=wall.tzinfo or COPENHAGEN)
    )
    one = timedelta(days=1)
    told = {d: await calendar.look(d, hour) for d, hour in ((eve - one, 23), (eve, 0))}
    assert told == {eve - one: [], eve: ["MEETING_REMINDER"]}
    assert await calendar.look(eve + one, 0) == []


@pytest.mark.rule("R127", "allowed")
@pytest.mark.rule("R127", "refused")
async def test_the_front_page_has_it_at_midnight_and_the_phone_at_nine(
    calendar: Calendar, gateway: Gateway
) -> None:
    await calendar.book(await reachable(calendar))
    await send_all(calendar, gateway, day(1), 12)
    assert await calendar.look(EVE, 0) == ["MEETING_REMINDER"]
    assert await send_all(calendar, gateway, EVE, 8) == []
    assert await send_all(calendar, gateway, EVE, 9) == [
        "Husk din aftale i morgen. Se den på jobnet.dk. Beskeden kan ikke besvares."
    ]
    assert await send_all(calendar, gateway, EVE, 10) == []


@pytest.mark.rule("R124", "refused")
async def test_a_reminder_of_a_meeting_cancelled_before_nine_is_dropped(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await reachable(calendar)
    await calendar.book(citizen_id)
    await send_all(calendar, gateway, day(1), 12)
    await calendar.look(EVE, 0)
    await calendar.book(citizen_id, status="CANCELLED")
    sent = await send_all(calendar, gateway, EVE, 12)
    assert [text for text in sent if text.startswith("Husk")] == []
    assert await calendar.outcomes("MEETING_REMINDER") == [("DROPPED", "past")]


async def test_a_moved_meeting_gets_its_own_reminder(calendar: Calendar, gateway: Gateway) -> None:
    citizen_id = await reachable(calendar)
    await calendar.book(citizen_id)
    await send_all(calendar, gateway, day(1), 12)
    await calendar.look(EVE, 0)
    later = MEETING.starts_at + timedelta(days=2)
    await calendar.book(citizen_id, starts_at=later)
    await send_all(calendar, gateway, EVE, 12)
    assert await calendar.outcomes("MEETING_REMINDER") == [("DROPPED", "past")]
    assert await calendar.look(later.date() - timedelta(days=1)) == ["MEETING_REMINDER"]
    assert await calendar.look(later.date() - timedelta(days=1)) == []
    await send_all(calendar, gateway, later.date() - timedelta(days=1), 13)
    assert await calendar.outcomes("MEETING_REMINDER") == [("DROPPED", "past"), ("SENT", None)]


async def test_one_message_stands_for_two_meetings_while_one_of_them_does(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await reachable(calendar)
    await calendar.book(citizen_id)
    await calendar.book(citizen_id, external_id="M-2")
    await send_all(calendar, gateway, day(1), 12)
    assert await calendar.look(EVE, 0) == ["MEETING_REMINDER"] * 2
    assert await calendar.waiting("MEETING_REMINDER") == 1
    await calendar.book(citizen_id, status="CANCELLED")
    sent = await send_all(calendar, gateway, EVE, 12)
    assert len([text for text in sent if "aftale i morgen" in text]) == 1


async def test_what_was_booked_after_the_message_was_sent_does_not_revive_an_old_one(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await reachable(calendar)
    await calendar.book(citizen_id)
    await calendar.look(EVE, 0)
    await send_all(calendar, gateway, EVE, 9)
    await calendar.book(citizen_id, external_id="M-2")
    await calendar.look(EVE, 10)
    await calendar.book(citizen_id, external_id="M-2", status="CANCELLED")
    await send_all(calendar, gateway, EVE, 13)
    assert await calendar.outcomes("MEETING_REMINDER") == [("SENT", None), ("DROPPED", "past")]


async def test_a_message_that_could_not_be_sent_the_day_before_is_dropped_on_the_day(
    calendar: Calendar, gateway: Gateway
) -> None:
    await calendar.book(await reachable(calendar))
    await send_all(calendar, gateway, day(1), 12)
    assert await calendar.look(EVE, 22) == ["MEETING_REMINDER"]
    assert await send_all(calendar, gateway, MEETING_DAY, 9) == []
    assert await calendar.outcomes("MEETING_REMINDER") == [("DROPPED", "past")]


async def test_a_deadline_is_reminded_of_two_days_before_and_once(calendar: Calendar) -> None:
    await youth(calendar.desk)
    assert await calendar.look(day(11), 23) == []
    assert await calendar.look(day(12), 0) == ["STEP_DEADLINE_REMINDER"]
    for later in (12, 13, 14, 15):
        assert await calendar.look(day(later)) == []


async def test_after_an_outage_a_deadline_is_reminded_of_until_it_has_passed(
    calendar: Calendar,
) -> None:
    await youth(calendar.desk)
    assert await calendar.look(day(14)) == ["STEP_DEADLINE_REMINDER"]
    other = await youth(calendar.desk)
    await calendar.put_off(other, 1, day(20))
    assert await calendar.look(day(21)) == []


async def test_a_step_that_was_sent_is_not_reminded_of(calendar: Calendar) -> None:
    citizen_id = await youth(calendar.desk)
    await send(calendar.desk, citizen_id, 1, STEP_1)
    assert await calendar.look(day(12)) == []


async def test_a_step_sent_before_nine_and_one_put_off_drop_their_reminder(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await youth(calendar.desk)
    await calendar.wants_sms(citizen_id)
    await calendar.look(day(12), 0)
    await calendar.put_off(citizen_id, 1, day(20))
    await send_all(calendar, gateway, day(12), 10)
    assert await calendar.outcomes("STEP_DEADLINE_REMINDER") == [("DROPPED", "past")]
    assert await calendar.look(day(18), 0) == ["STEP_DEADLINE_REMINDER"]
    await send(calendar.desk, citizen_id, 1, STEP_1)
    await send_all(calendar, gateway, day(18), 10)
    assert await calendar.outcomes("STEP_DEADLINE_REMINDER") == [("DROPPED", "past")] * 2


async def test_a_step_opened_today_with_a_near_deadline_is_reminded_of_tomorrow(
    calendar: Calendar,
) -> None:
    citizen_id = await youth(calendar.desk)
    await send(calendar.desk, citizen_id, 1, STEP_1)
    calendar.desk.today = day(3)
    await calendar.put_off(citizen_id, 2, day(5))
    assert await calendar.look(day(3), 13) == []
    assert await calendar.look(day(4)) == ["STEP_DEADLINE_REMINDER"]


@pytest.mark.rule("R124", "allowed")
async def test_an_offer_that_nobody_acknowledged_is_reminded_of_once_after_five_days(
    calendar: Calendar,
) -> None:
    await calendar.offer(await calendar.desk.citizen())
    assert await calendar.look(day(4), 23) == []
    assert await calendar.look(day(5), 0) == ["ACK_REMINDER"]
    for later in (5, 6, 20):
        assert await calendar.look(day(later)) == []


@pytest.mark.rule("R124", "refused")
async def test_an_acknowledged_offer_and_a_plan_without_one_are_not_reminded_of(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await reachable(calendar)
    await calendar.offer(citizen_id)
    await calendar.acknowledge(citizen_id)
    await calendar.book(await calendar.desk.citizen(), starts_at=MEETING.starts_at)
    assert "ACK_REMINDER" not in await calendar.look(day(5))
    # a later version without a new offer asks for no new receipt of the old one
    calendar.desk.today = day(6)
    await calendar.book(citizen_id, external_id="M-9")
    assert "ACK_REMINDER" not in await calendar.look(day(12))


async def test_a_receipt_before_nine_drops_the_reminder(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await reachable(calendar)
    await calendar.offer(citizen_id)
    await send_all(calendar, gateway, day(0), 13)
    await calendar.look(day(5), 0)
    await calendar.acknowledge(citizen_id)
    assert await send_all(calendar, gateway, day(5), 10) == []
    assert await calendar.outcomes("ACK_REMINDER") == [("DROPPED", "past")]


async def test_each_newer_offer_has_its_own_five_days(calendar: Calendar) -> None:
    citizen_id = await calendar.desk.citizen()
    await calendar.offer(citizen_id)
    calendar.desk.today = day(3)
    await calendar.offer(citizen_id, description="Du svejser rør.")
    assert await calendar.look(day(5)) == ["ACK_REMINDER"]
    assert await calendar.look(day(7)) == []
    assert await calendar.look(day(8)) == ["ACK_REMINDER"]
    assert await calendar.look(day(9)) == []


@pytest.mark.parametrize(
    ("days", "told"), [(15, ["ACK_REMINDER"]), (30, ["ACK_REMINDER"]), (31, [])]
)
async def test_after_an_outage_an_offer_is_reminded_of_once_unless_it_is_long_past(
    calendar: Calendar, days: int, told: list[str]
) -> None:
    citizen_id = await calendar.desk.citizen()
    await calendar.offer(citizen_id)
    await calendar.offer(citizen_id, description="Du svejser rør.")
    assert await calendar.look(day(days)) == told
    assert await calendar.look(day(days)) == []


@pytest.mark.rule("R115", "refused")
async def test_an_exempt_citizen_finds_it_on_the_front_page_and_gets_no_sms(
    calendar: Calendar,
) -> None:
    citizen_id = await reachable(calendar)
    await calendar.offer(citizen_id)
    await calendar.desk.run(
        JOBCENTER_VIEWER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST")
    )
    letters = await calendar.desk.value("select count(*) from letter_task")
    assert await calendar.look(day(5)) == ["ACK_REMINDER"]
    assert await calendar.outcomes("ACK_REMINDER") == []
    assert await calendar.desk.value("select count(*) from letter_task") == letters
