"""The worker as it runs: Valkey or its own timer wake its calendar, and it tells the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from app.domain.viewer import Role
from app.settings import load_settings
from app.store.documents import Moment
from app.workers import main
from app.workers.main import work
from tests.schema.test_live import NOTICES, Listener, listening, socket
from tests.story import new_citizen
from tests.world import World, noon

from .days import MEETING
from .gateway import Gateway
from .place import PATIENCE, OwnValkey, eventually

EVE = MEETING.starts_at.date() - timedelta(days=1)


@asynccontextmanager
async def worker(
    world: World, gateway: Gateway, redis_url: str, *, seconds: float
) -> AsyncIterator[None]:
    """A whole worker in this process, by the world's clock."""
    settings = load_settings(
        database_url=world.settings.database_url,
        redis_url=redis_url,
        sms_url=gateway.url,
        mail_sink_port=9,
    )

    def clock() -> Moment:
        return noon(world.day[0])

    stop = asyncio.Event()
    working = asyncio.create_task(work(settings, stop, clock=clock, schedule_seconds=seconds))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await working


async def meeting_tomorrow(world: World, name: str) -> str:
    """A citizen who wants SMS and has a meeting on the day after `EVE`."""
    assert world.api.pool is not None
    citizen = await new_citizen(world)
    await world.api.pool.execute(
        "insert into notification_preference (citizen_id, sms, sms_number, sms_verified_at, email,"
        " updated_at) values ($1, true, '20301010', now(), false, now())",
        UUID(citizen),
    )
    data = await world.ask(
        world.token(Role.SYSTEM),
        "mutation($i: UpsertMeetingInput!) { upsertMeeting(input: $i) { __typename } }",
        i={
            "citizenId": citizen,
            "externalId": name,
            "authority": "JOBCENTER",
            "source": "SUMMONS",
            "startsAt": MEETING.starts_at.isoformat(),
            "endsAt": MEETING.ends_at.isoformat(),
            "mode": "PHONE",
            "caseworkerName": "Troels Agerskov",
        },
    )
    assert data["upsertMeeting"]["__typename"] == "UpsertMeetingPayload"
    return citizen


async def reminded(world: World, citizen: str) -> bool:
    """Whether the citizen has a reminder on the front page."""
    data = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        "{ notifications(first: 10) { edges { node { event } } } }",
    )
    events = [edge["node"]["event"] for edge in data["notifications"]["edges"]]
    return events.count("MEETING_REMINDER") == 1


async def sent(world: World) -> bool:
    """Whether every message is sent: a claim would run out while the clock is moved."""
    assert world.api.pool is not None
    left = await world.api.pool.fetchval("select count(*) from delivery where status <> 'SENT'")
    return bool(left == 0)


async def test_a_day_that_comes_reaches_the_live_view_and_the_phone(
    world: World, gateway: Gateway
) -> None:
    citizen = await meeting_tomorrow(world, "M-1")
    assert world.api.live is not None
    await asyncio.wait_for(world.api.live.connected.wait(), PATIENCE)
    assert world.settings.redis_url
    async with worker(world, gateway, world.settings.redis_url, seconds=0.1):
        await eventually(partial(sent, world))  # that there is a new meeting
        async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
            listener = Listener(session, NOTICES)
            await listening(world, citizen)
            world.at(EVE)
            event = await listener.next(PATIENCE)
        assert event["notificationAdded"]["event"] == "MEETING_REMINDER"
        assert await reminded(world, citizen)
        await gateway.until(lambda g: len(g.accepted) == 2)
    assert [body["message"][:5] for body in gateway.bodies] == ["Du ha", "Husk "]


async def test_without_valkey_the_calendar_goes_on(
    world: World, gateway: Gateway, valkey: OwnValkey
) -> None:
    citizen = await meeting_tomorrow(world, "M-1")
    valkey.stop()
    world.at(EVE)
    async with worker(world, gateway, valkey.url, seconds=0.1):
        await eventually(lambda: reminded(world, citizen))


async def test_a_cron_job_wakes_a_calendar_whose_own_timer_is_far_off(
    world: World, gateway: Gateway, valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "CALENDAR_SECOND", set(range(60)))
    first = await meeting_tomorrow(world, "M-1")
    world.at(EVE)
    async with worker(world, gateway, valkey.url, seconds=3600):
        await eventually(lambda: reminded(world, first))
        second = await meeting_tomorrow(world, "M-2")
        await eventually(lambda: reminded(world, second))


async def test_two_workers_and_a_restart_remind_once(
    world: World, gateway: Gateway, valkey: OwnValkey
) -> None:
    citizens = [await meeting_tomorrow(world, f"M-{number}") for number in range(5)]
    world.at(EVE)
    async with (
        worker(world, gateway, valkey.url, seconds=0.05),
        worker(world, gateway, valkey.url, seconds=0.05),
    ):
        for citizen in citizens:
            await eventually(partial(reminded, world, citizen))
    async with worker(world, gateway, valkey.url, seconds=0.05):
        late = await meeting_tomorrow(world, "M-9")
        await eventually(lambda: reminded(world, late))
    for citizen in citizens:
        assert await reminded(world, citizen)
