"""Passes of the calendar: at once, one after another, and when something fails."""

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

import pytest

from app.actions.closing import close_plan
from app.actions.schedule import JOBS
from app.domain.policy import Policy
from app.store.db import open_pool
from app.workers.schedule import Scheduler
from tests.actions.desk import JOBCENTER_VIEWER

from .days import MEETING, Calendar

EVE = MEETING.starts_at.date() - timedelta(days=1)


async def test_a_closed_plan_reminds_of_nothing(calendar: Calendar) -> None:
    citizen_id = await calendar.desk.citizen()
    await calendar.offer(citizen_id)
    await calendar.book(citizen_id)
    await calendar.desk.run(JOBCENTER_VIEWER, lambda work: close_plan(work, citizen_id))
    assert await calendar.look(EVE) == []


async def test_two_workers_at_once_remind_each_citizen_once(calendar: Calendar) -> None:
    for number in range(12):
        await calendar.book(await calendar.desk.citizen(), external_id=f"M-{number}")
    calendar.desk.today = EVE
    told = await calendar.events()
    await asyncio.gather(*(calendar.scheduler().do_due() for _ in range(3)))
    assert (await calendar.events())[len(told) :] == ["MEETING_REMINDER"] * 12
    assert sum(bool(published.notices) for published in calendar.published) == 12


async def booked(calendar: Calendar) -> list[UUID]:
    """Three citizens with a meeting tomorrow."""
    citizens = [await calendar.desk.citizen() for _ in range(3)]
    for number, citizen_id in enumerate(citizens):
        await calendar.book(citizen_id, external_id=f"M-{number}")
    calendar.desk.today = EVE
    return citizens


async def test_whom_somebody_writes_about_is_left_to_the_next_pass(
    calendar: Calendar, caplog: pytest.LogCaptureFixture
) -> None:
    """At once, not after a pause, and without holding up the others for long."""
    citizens = await booked(calendar)
    scheduler = calendar.scheduler()
    loop = asyncio.get_running_loop()
    async with calendar.desk.pool.acquire() as holding, holding.transaction():
        await holding.execute("select from citizen where citizen_id = $1 for update", citizens[1])
        began = loop.time()
        with caplog.at_level(logging.WARNING, "minplan.schedule"):
            await scheduler.do_due()
        assert loop.time() - began < 4
    assert caplog.records == []
    assert (await calendar.events()).count("MEETING_REMINDER") == 2
    await scheduler.do_due()
    assert (await calendar.events()).count("MEETING_REMINDER") == 3


async def test_what_fails_holds_up_nothing_else_and_is_tried_again(
    calendar: Calendar, caplog: pytest.LogCaptureFixture
) -> None:
    citizens = await booked(calendar)
    await calendar.desk.pool.execute(
        f"alter table scheduled_event add constraint broken check (citizen_id <> '{citizens[1]}')"
    )
    scheduler = calendar.scheduler()
    with caplog.at_level(logging.WARNING, "minplan.schedule"):
        await scheduler.do_due()
    await calendar.desk.pool.execute("alter table scheduled_event drop constraint broken")
    assert (await calendar.events()).count("MEETING_REMINDER") == 2
    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("MEETING_REMINDER about ")
    assert line.endswith(" failed and is tried again: CheckViolationError")
    assert "Signe" not in line
    await scheduler.do_due()
    assert (await calendar.events()).count("MEETING_REMINDER") == 2
    calendar.hour += 1
    await scheduler.do_due()
    assert (await calendar.events()).count("MEETING_REMINDER") == 3


async def test_a_database_that_is_away_is_waited_for(
    calendar: Calendar, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await calendar.book(await calendar.desk.citizen())
    calendar.desk.today = EVE
    async with open_pool(database_url) as pool:
        away = Scheduler(pool, calendar.clock, Policy(), calendar.announce)
    with caplog.at_level(logging.WARNING, "minplan.schedule"):
        await away.do_due()  # its pool is closed
    assert {record.getMessage() for record in caplog.records} == {
        f"{job.kind} must wait: InterfaceError" for job in JOBS
    }
    assert await calendar.look(EVE) == ["MEETING_REMINDER"]
