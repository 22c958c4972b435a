"""What a live view is told is paid for, and who owes gets the newest state a little later."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app import main
from app.domain.quota import Rate
from app.domain.viewer import Role
from app.schema.live_plan import PlanView
from app.settings import Settings
from app.store import live_accounts
from tests.schema.live_client import Client, Clients, citizen_viewer, clients, staff
from tests.schema.test_live_caseload import UPSERT
from tests.story import hold_conversation, new_citizen
from tests.world import OTHER_JOBCENTER, World, open_world

MUCH = " ".join(f"a{n}: agreements {{ agreementText mode authority }}" for n in range(50))
HEAVY = (
    "subscription Heavy($id: ID!, $after: Int) { planUpdated(citizenId: $id, afterVersion: $after)"
    f" {{ version plan {{ {MUCH} }} }} }}"
)
SECOND = 1_000_000_000


class Clock:
    """Nanoseconds that go on when somebody says so."""

    def __init__(self) -> None:
        self.now = SECOND

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(live_accounts, "monotonic_ns", found)
    return found


@pytest.fixture
async def world(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A login may be told 1,000 units a second, and as many at once; asking is free."""
    narrow = live_accounts.LiveAccounts(Rate(1_000, 1))
    monkeypatch.setattr(main, "LiveAccounts", lambda _: narrow)
    async with open_world(settings) as found:
        yield found


async def owing(them: Clients, citizen: str) -> Client:
    """A caseworker's view that was told more than a login may be told at once."""
    heavy = await them.follow(staff(), HEAVY, id=citizen, after=0)
    assert heavy.versions(await heavy.next()) == [1]
    return heavy


async def move_away(world: World, number: str) -> None:
    elsewhere = {"civilRegistrationNumber": number, "municipalityCode": OTHER_JOBCENTER}
    await world.ask(world.token(Role.SYSTEM), UPSERT, input=elsewhere)


async def test_who_was_told_more_than_is_left_waits_and_gets_the_newest(
    world: World, clock: Clock
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        heavy = await owing(them, citizen)
        light = await them.follow(citizen_viewer(citizen), id=citizen, after=1)
        await light.settled()
        await hold_conversation(world, citizen, "Den anden.")
        assert light.versions(await light.next()) == [2], "another login owes nothing"
        for _ in range(3):
            await heavy.rung.wait()
            assert await heavy.pull() == []
        await hold_conversation(world, citizen, "Den tredje.")
        clock.now += 60 * SECOND
        assert heavy.versions(await heavy.next(30)) == [3]


async def test_all_views_of_a_login_are_told_from_one_account(world: World, clock: Clock) -> None:
    citizen, other = await new_citizen(world), await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        await owing(them, citizen)
        light = await them.follow(staff(), id=other, after=0)
        await hold_conversation(world, other)
        await light.rung.wait()
        assert await light.pull() == []
        clock.now += 60 * SECOND
        assert light.versions(await light.next(30)) == [1]


async def test_who_is_told_much_at_once_owes_no_more_than_a_burst(
    world: World, clock: Clock
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        tabs = [await them.follow(staff(), HEAVY, id=citizen, after=0) for _ in range(10)]
        for tab in tabs:
            await tab.rung.wait()
        told = await asyncio.gather(*(tab.pull() for tab in tabs))
        assert [tab.versions(events) for tab, events in zip(tabs, told, strict=True)] == [[1]] * 10
        await hold_conversation(world, citizen, "Den anden.")
        clock.now += SECOND
        assert tabs[0].versions(await tabs[0].next(30)) == [2]


async def test_a_right_that_ended_ends_a_view_that_owes_once_it_looks(
    world: World, clock: Clock
) -> None:
    citizen = await new_citizen(world, civilRegistrationNumber="0107809902")
    await hold_conversation(world, citizen)
    with clients(world) as them:
        heavy = await owing(them, citizen)
        await move_away(world, "0107809902")
        clock.now += SECOND
        assert await heavy.end(30) == "NOT_FOUND"


async def test_a_look_that_failed_is_told_to_a_view_that_owes_meanwhile(
    world: World, clock: Clock
) -> None:
    citizen = await new_citizen(world, civilRegistrationNumber="0107809903")
    await hold_conversation(world, citizen)
    with clients(world) as them:
        view = await them.follow(staff(), id=citizen, after=1)
        other = await them.follow(staff(), HEAVY, id=citizen, after=0)
        await view.settled()
        await move_away(world, "0107809903")
        await view.rung.wait()
        looking = view.live.news_now()  # as a connection does
        assert isinstance(looking, asyncio.Future)
        assert isinstance(other.live, PlanView) and other.live.account
        other.live.account.pay(60_000)
        await asyncio.wait({looking})
        assert await view.end() == "NOT_FOUND"


async def test_a_view_that_begins_knows_at_once_what_there_is(world: World, clock: Clock) -> None:
    citizen, other = await new_citizen(world), await new_citizen(world)
    await hold_conversation(world, citizen)
    await hold_conversation(world, other)
    with clients(world) as them:
        await owing(them, citizen)
        light = await them.follow(staff(), id=other)
        await light.rung.wait()
        assert await light.pull() == []
        await hold_conversation(world, other, "Den anden.")
        clock.now += 60 * SECOND
        assert light.versions(await light.next(30)) == [2]
