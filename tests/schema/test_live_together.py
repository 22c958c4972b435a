"""Many subscribers of one citizen: one read, one execution, and each is noted."""

import asyncio
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.live_client import UPDATES, citizen_viewer, clients, staff
from tests.schema.test_live import listening
from tests.story import hold_conversation, member, new_citizen
from tests.world import World

MANY = 1000


async def looked(world: World) -> list[Any]:
    """What live views noted: each transaction that wrote a row, with the row's subject."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        return [
            (row["transaction"], row["subject"])
            for row in await connection.fetch(
                "select xmin::text as transaction, subject from access_log"
                " where elements = '{live}' order by access_log_id"
            )
        ]
    finally:
        await connection.close()


@pytest.mark.rule("R149", "allowed")
async def test_a_thousand_professionals_get_one_read_and_a_row_each(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        for number in range(MANY):
            await them.follow(staff(subject=f"s{number}"), id=citizen, after=1)
        await asyncio.gather(*(client.settled() for client in them.all))
        await listening(world, citizen, MANY)
        before = len(await looked(world))
        await hold_conversation(world, citizen, "Den anden.")
        got = await asyncio.gather(*(client.next() for client in them.all))
    assert {tuple(map(str, events)) for events in got} == {(str(got[0][0]),)}
    rows = (await looked(world))[before:]
    assert sorted(subject for _, subject in rows) == sorted(f"s{n}" for n in range(MANY))
    assert len({transaction for transaction, _ in rows}) == 1


@pytest.mark.rule("R149", "allowed")
async def test_a_professional_with_many_windows_is_noted_once(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        for _ in range(20):
            await them.follow(staff(), id=citizen, after=0)
        await listening_all(them.all)
        events = [await client.take() for client in them.all]
    assert len(await looked(world)) == 1
    assert len({id(event.payload) for [event] in events}) == 1


async def test_what_the_answer_depends_on_is_not_shared(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Et.")
    await hold_conversation(world, citizen, "To.")
    asking = UPDATES.replace("$after: Int)", "$after: Int, $text: Boolean = true)").replace(
        "agreementText", "heldAt agreementText @include(if: $text)"
    )
    with clients(world) as them:
        full = await them.follow(staff(), asking, id=citizen, after=0)
        bare = await them.follow(staff(), asking, id=citizen, after=0, text=False)
        late = await them.follow(staff(), asking, id=citizen, after=1)
        await listening_all(them.all)
        shown = [(await client.pull())[0]["data"]["planUpdated"] for client in (full, bare, late)]
    texts = ["agreementText" in one["plan"]["latestAgreement"] for one in shown]
    assert texts == [True, False, True]
    assert [one["version"] for one in shown] == [2, 2, 2]
    assert set(shown[2]["changedElements"]) <= set(shown[0]["changedElements"])


@pytest.mark.rule("R152", "refused")
async def test_nobody_shares_what_another_may_see(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    with clients(world) as them:
        for viewer in (staff(), citizen_viewer(citizen), staff(Role.FUND, "f1")):
            await them.follow(viewer, id=citizen, after=0)
        other = await them.follow(staff(organisation="751"), id=citizen, after=0)
        await listening_all(them.all)
        got = [await client.pull() for client in them.all[:3]]
        assert await other.end() == "NOT_FOUND"
    assert [len(events) for events in got] == [1, 1, 1]
    assert {subject for _, subject in await looked(world)} == {"s1", "f1"}


async def test_a_read_that_began_before_a_ring_does_not_answer_it(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Et.")
    with clients(world) as them:
        first = await them.follow(staff(), id=citizen, after=0)
        second = await them.follow(staff(subject="s2"), id=citizen, after=0)
        await listening_all(them.all)
        assert first.versions(await first.pull()) == [1]  # a look that is there for the other too
        await hold_conversation(world, citizen, "To.")
        await first.next()
        assert second.versions(await second.pull()) == [2]


@pytest.mark.rule("R149", "allowed")
async def test_who_does_not_ask_is_not_noted_and_who_asks_later_is(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Et.")
    with clients(world) as them:
        quick = await them.follow(staff(), id=citizen, after=0)
        slow = [await them.follow(staff(subject=s), id=citizen, after=0) for s in ("s2", "s3")]
        silent = await them.follow(staff(subject="s4"), id=citizen, after=0)
        await listening_all(them.all)
        assert quick.versions(await quick.pull()) == [1]
        assert [subject for _, subject in await looked(world)] == ["s1"]
        got = await asyncio.gather(*(client.pull() for client in slow))  # the look is fresh
        assert [client.versions(events) for client, events in zip(slow, got, strict=True)] == [
            [1],
            [1],
        ]
        rows = await looked(world)
        assert sorted(subject for _, subject in rows) == ["s1", "s2", "s3"]
        assert len({transaction for transaction, _ in rows}) == 2, "the late ones look together"
        await hold_conversation(world, citizen, "To.")
        assert quick.versions(await quick.next()) == [2]
        assert "s4" not in {subject for _, subject in await looked(world)}
        assert silent.versions(await silent.pull()) == [2]
    assert [subject for _, subject in await looked(world)][3:] == ["s1", "s4"]


async def test_a_variable_that_is_null_is_not_one_that_is_missing(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    asking = UPDATES.replace("$after: Int)", "$after: Int, $months: Int)").replace(
        "plan {", "plan { timeline(months: $months) { __typename }"
    )
    with clients(world) as them:
        wrong = await them.follow(staff(), asking, id=citizen, after=0, months=None)
        right = await them.follow(staff(), asking, id=citizen, after=0)
        await listening_all(them.all)
        [refused], [answer] = await wrong.pull(), await right.pull()
    assert "errors" in refused and "errors" not in answer


async def listening_all(them: list[Any]) -> None:
    """Returns when all have been rung for the first time."""
    async with asyncio.timeout(10):
        for client in them:
            await client.rung.wait()
