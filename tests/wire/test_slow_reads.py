"""One view's news wait for the database: everything else on its socket or stream goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from app.domain.viewer import Role
from app.settings import Settings
from app.wire.connection import ASKING, Connection
from tests.schema.live_client import locked
from tests.schema.test_live import listening
from tests.story import hold_conversation, new_citizen
from tests.wire.sockets import ROLE, UPDATES, ask, hear, opened, say, token_for
from tests.wire.streams import Seen
from tests.wire.test_single_connection import reserved
from tests.wire.test_websocket_bounds import narrow, until
from tests.world import World, open_world

NOTICES = "subscription { notificationAdded { version } }"
TYPES = "types { name description fields { name description } }"
LARGE = f"{{ __schema {{ {' '.join(f'a{n}: {TYPES}' for n in range(4))} }} }}"
CASELOAD = "subscription { caseloadChanged { citizenId changed } }"


@asynccontextmanager
async def waiting_for(world: World, table: str, citizen: str) -> AsyncIterator[None]:
    """The views of a citizen are rung, and their reads of a table wait until the block ends."""
    assert world.api.live is not None
    async with locked(world, table) as waited_for:
        for kind in ("FULL", "NOTICE"):
            world.api.live.ring(UUID(citizen), kind)
        await waited_for()
        yield


@pytest.mark.parametrize(
    ("table", "query", "variables"),
    [("plan_document", UPDATES, {"after": 1}), ("notice", NOTICES, {})],
)
async def test_a_socket_answers_while_a_view_of_it_is_read(
    world: World, table: str, query: str, variables: dict[str, int]
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    asked = {"id": citizen, **variables} if variables else {}
    async with opened(world, world.token(Role.CITIZEN, citizen=citizen)) as socket:
        await ask(socket, query, name="live", **asked)
        await listening(world, citizen)
        async with waiting_for(world, table, citizen), asyncio.timeout(10):
            await say(socket, type="ping")
            assert (await hear(socket))["type"] == "pong"
            await ask(socket, ROLE, name="other")
            assert (await hear(socket))["id"] == "other"
            assert await hear(socket) == {"id": "other", "type": "complete"}
        await hold_conversation(world, citizen, "Den anden.")
        assert (await hear(socket))["id"] == "live"


async def test_a_client_that_reads_all_is_not_taken_for_slow_while_the_database_is(
    settings: Settings,
) -> None:
    hasty = settings.model_copy(update={"slow_client_seconds": 0.2, "sse_heartbeat_seconds": 0.1})
    async with open_world(hasty) as world:
        citizen = await new_citizen(world)
        await hold_conversation(world, citizen)
        client = await reserved(world, world.token(Role.JOBCENTER))
        async with client.open() as stream:
            await client.start("caseload", CASELOAD)
            assert (first := await stream.next()) and first.data["id"] == "caseload"
            await client.start("live", UPDATES, id=citizen, after=1)
            await listening(world, citizen)
            async with waiting_for(world, "plan_document", citizen), asyncio.timeout(10):
                assert world.api.live is not None
                world.api.live.caseloads.ring_everything()
                assert (told := await stream.next()) and told.data["id"] == "caseload"
                for _ in range(5):
                    await stream.beat()
            await hold_conversation(world, citizen, "Den anden.")
            async with asyncio.timeout(10):
                while (event := await stream.next()) and event.data["id"] != "live":
                    pass
            assert event


async def test_an_operation_ends_with_its_own_token_and_its_stream_goes_on(
    settings: Settings,
) -> None:
    hasty = settings.model_copy(update={"sse_heartbeat_seconds": 0.1})
    async with open_world(hasty) as world:
        citizen = await new_citizen(world)
        client = await reserved(world, world.token(Role.CITIZEN, citizen=citizen))
        async with client.open() as stream, asyncio.timeout(10):
            login, client.login = client.login, token_for(world, citizen, seconds=2)
            assert (await client.start("short", UPDATES, id=citizen, after=0)).status_code == 202
            told, end = await stream.next(), await stream.next()
            assert told and told.data["id"] == "short"
            assert told.data["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert end == Seen("complete", {"id": "short"})
            client.login = login
            assert (await client.start("role", ROLE)).status_code == 202
            answer = await stream.next()
            assert answer and answer.data["payload"] == {"data": {"viewer": {"role": "CITIZEN"}}}


async def test_a_view_that_is_stopped_says_no_more_also_where_it_has_more_to_say(
    world: World,
) -> None:
    """Its id may be another's by then."""
    citizen = await new_citizen(world)
    for number in range(3):
        await hold_conversation(world, citizen, f"Nr. {number}")
    client = await reserved(world, world.token(Role.CITIZEN, citizen=citizen))
    assert world.api.graphql is not None
    stream = world.api.graphql.shared.find(client.stream_token, None)
    after = str(UUID(int=0))
    query = "subscription($after: ID) { notificationAdded(after: $after) { version } }"
    await client.start("live", query, after=after)
    exchange = stream.exchanges["live"]
    async with asyncio.timeout(10):
        while not (sent := exchange.frames()):
            await asyncio.sleep(0.005)
    assert sent[1:] == (exchange,) and exchange.size > 0
    stream.stop("live")
    assert exchange.frames() == ()


async def test_answers_that_wait_for_a_client_count_as_what_waits(world: World) -> None:
    assert world.api.sockets is not None
    rounds = world.api.sockets.rounds
    async with narrow(world, world.token(Role.JOBCENTER)) as socket:
        for number in range(12):
            await ask(socket, LARGE, name=str(number))
        [connection] = rounds.connections()
        assert isinstance(connection, Connection)
        await until(lambda: connection.is_full)


async def test_few_views_of_a_socket_that_does_not_read_have_their_news_read(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "x" * 1400)
    hub = world.api.live
    assert hub is not None and world.api.sockets is not None

    def views() -> list[Any]:
        return list(hub.peers(UUID(citizen), "FULL"))

    many = " ".join(f"a{n}: agreementText" for n in range(400))
    follow = "subscription($id: ID!) {planUpdated(citizenId: $id, afterVersion: 1) {version %s}}"
    async with narrow(world, world.token(Role.JOBCENTER)) as socket:
        for number in range(12):
            plan = f"plan {{ b{number}: agreements {{ {many} }} }}"
            await ask(socket, follow % plan, name=str(number), id=citizen)
        await until(lambda: len(views()) == 12 and all(view.idle for view in views()))
        await hold_conversation(world, citizen, "y" * 1400)
        [connection] = world.api.sockets.rounds.connections()
        await until(lambda: connection.sending_since)
        unread = [view for view in views() if view._looking is None and view._version == 1]
        assert len(unread) >= 12 - ASKING - 3  # no more are sent
        seen: set[str] = set()
        async with asyncio.timeout(20):
            while len(seen) < 12:
                told = await hear(socket)
                assert told["payload"]["data"]["planUpdated"]["version"] == 2
                seen.add(told["id"])
