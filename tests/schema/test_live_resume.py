"""Reconnections: what was missed comes at once, what was seen never again, whatever happens."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis, strategies as st

from app.schema.answer import Answer
from tests.schema.live_client import NOTICES, Clients, begun, citizen_viewer, clients, staff
from tests.schema.test_closed_plan import close
from tests.story import hold_conversation, new_citizen
from tests.world import World

STEPS = ("publish", "ring", "pull", "wait", "reconnect", "reconnect by version", "look away")


class Reader:
    """A client that comes and goes, and what it has been told."""

    def __init__(self, them: Clients, citizen: str) -> None:
        self.them, self.citizen = them, citizen
        self.seen: list[int] = []
        self.newest = 1

    async def open(self, **after: Any) -> None:
        self.client = await self.them.follow(staff(), id=self.citizen, **after)

    def note(self, events: list[dict[str, Any]]) -> None:
        self.seen += self.client.versions(events)

    async def step(self, name: str) -> None:
        client = self.client
        match name:
            case "publish":
                self.newest += 1
                await hold_conversation(self.them.world, self.citizen, f"Nr. {self.newest}")
            case "ring":
                assert self.them.world.api.live is not None
                self.them.world.api.live.ring(UUID(self.citizen), "FULL")
            case "pull" if client.rung.is_set():
                self.note(await client.pull())
            case "wait" if self.seen[-1] < self.newest:
                self.note(await client.next())
            case "reconnect":
                self.them.leave(client)
                await self.open(last_event_id=client.last, after=0)
                self.client.last = client.last
            case "reconnect by version":
                self.them.leave(client)
                await self.open(after=self.seen[-1])
                self.client.last = client.last


@hypothesis(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
async def test_a_client_ends_with_the_newest_version_and_sees_none_twice(
    world: World, steps: list[str]
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Nr. 1")
    with clients(world) as them:
        reader = Reader(them, citizen)
        await reader.open(after=0)
        reader.note(await reader.client.next())
        for name in steps:
            await reader.step(name)
        await reader.step("wait")
    assert reader.seen == sorted(set(reader.seen))
    assert reader.seen[-1] == reader.newest


@pytest.mark.rule("R103", "allowed")
async def test_a_version_of_a_closed_plan_is_none_of_the_next(world: World) -> None:
    """The numbers begin anew, so that only the event's id tells what was seen."""
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den gamle plan.")
    await close(world, citizen)
    with clients(world) as them:
        old = await them.follow(staff(), id=citizen, after=0)
        assert old.versions(await old.next()) == [2]
        for text in ("En ny plan.", "Så langt var den gamle, også."):
            await hold_conversation(world, citizen, text)
        new = await them.follow(staff(), last_event_id=old.last, id=citizen)
        [event] = await new.next()
        assert event["data"]["planUpdated"]["version"] == 2
        # and the argument, which cannot tell them apart, does not win over the id
        again = await them.follow(staff(), last_event_id=new.last, id=citizen, after=0)
        await again.settled()
        await hold_conversation(world, citizen, "Tre.")
        assert again.versions(await again.next()) == [3]


@pytest.mark.parametrize(
    "hostile",
    [
        *("", "1", "x" * 5000, "\x00", "ÆØÅ:1", ":", f"{UUID(int=0)}:", f"{UUID(int=0)}:-1"),
        *(f"{UUID(int=0)}:{'9' * 10}", f"{UUID(int=0)}:99999999999999999999999", "null", "٣"),
        *(f"{UUID(int=0)}:٣", f"{UUID(int=0)}:1\n", "{" * 100, str(UUID(int=0)) * 2),
    ],
)
async def test_an_event_id_that_is_not_ours_tells_nothing(world: World, hostile: str) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        plan = await them.follow(staff(), last_event_id=hostile, id=citizen, after=0)
        assert plan.versions(await plan.next()) == [1]
        viewer = citizen_viewer(citizen)
        notices = await them.follow(viewer, NOTICES, last_event_id=hostile)
        await notices.settled()
        await hold_conversation(world, citizen, "To.")
        assert len(await notices.next()) == 1


async def test_a_first_plan_is_told_whatever_version_the_client_says_it_saw(world: World) -> None:
    citizen = await new_citizen(world)
    with clients(world) as them:
        client = await them.follow(staff(), id=citizen, after=5)
        await client.settled()
        await hold_conversation(world, citizen)
        assert client.versions(await client.next()) == [1]


async def test_an_event_id_of_another_plan_gets_the_newest(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        client = await them.follow(staff(), last_event_id=f"{uuid4()}:999999999", id=citizen)
        assert client.versions(await client.next()) == [1]


async def test_each_missed_notice_comes_once_and_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.schema.live_notification.NOTICES_AT_ONCE", 3)
    citizen = await new_citizen(world)
    viewer = citizen_viewer(citizen)
    with clients(world) as them:
        first = await them.follow(viewer, NOTICES)
        await first.settled()
        for number in range(8):
            await hold_conversation(world, citizen, f"Nr. {number}")
        first_id = (await first.next())[0]["data"]["notificationAdded"]["id"]
        by_argument = await them.follow(viewer, NOTICES, after=first_id)
        by_event = await them.follow(viewer, NOTICES, last_event_id=first_id, after=str(uuid4()))
        ids = []
        for client in (by_argument, by_event):
            got: list[str] = []
            while len(got) < 7:
                events = await client.next()
                assert len(events) <= 3
                got += [event["data"]["notificationAdded"]["id"] for event in events]
            ids.append(got)
    assert ids[0] == ids[1] == sorted(set(ids[0]))
    assert first_id < ids[0][0]


@pytest.mark.parametrize("query", [NOTICES.replace("$after: ID", "$after: ID = 5")])
async def test_an_argument_that_names_nothing_refuses_the_subscription(
    world: World, query: str
) -> None:
    answer = await begun(world, citizen_viewer(str(uuid4())), query)
    assert isinstance(answer, Answer)
    assert answer.errors[0].formatted["extensions"]["code"] == "NOT_FOUND"
