"""Sockets at their bounds: large messages, slow clients, tokens that end, a server that ends."""

import asyncio
import socket as tcp
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import asyncpg
import orjson
import websockets

from app.domain.viewer import Role
from app.settings import Settings
from tests.story import CONVERSATION, hold_conversation, new_citizen, plan_of
from tests.wire.sockets import (
    ROLE,
    UPDATES,
    Socket,
    ask,
    closed,
    dialled,
    hear,
    opened,
    say,
    token_for,
)
from tests.world import World, open_world

MAX = 4 * 1024 * 1024
LONG = "{ targetGroups { code } interventionKinds { code } }"


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def narrow(world: World, token: str) -> AsyncIterator[Socket]:
    """A socket with next to no buffers of its own, so that who does not read is soon noticed."""
    line = tcp.socket()
    line.setsockopt(tcp.SOL_SOCKET, tcp.SO_RCVBUF, 4096)
    line.setblocking(False)
    host, port = world.base_url.removeprefix("http://").split(":")
    await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
    async with opened(world, token, sock=line, max_queue=1) as socket:
        yield socket


async def test_a_message_of_four_mebibytes_is_taken_and_no_larger_one(world: World) -> None:
    def padded(size: int) -> str:
        payload = {"query": ROLE, "pad": ""}
        message = orjson.dumps({"type": "subscribe", "id": "1", "payload": payload}).decode()
        return message.replace('"pad":""', '"pad":"%s"' % ("x" * (size - len(message))))

    async with opened(world, world.token(Role.JOBCENTER)) as socket:
        await socket.send(padded(MAX))
        assert (await hear(socket))["type"] == "next"
        assert (await hear(socket))["type"] == "complete"
        await socket.send(padded(MAX + 1))
        assert (await closed(socket))[0] == 4400
    async with opened(world, world.token(Role.JOBCENTER)) as socket:
        with suppress(websockets.ConnectionClosed):
            await socket.send(padded(2 * MAX + 1))
        assert (await closed(socket))[0] == 1009


async def test_size_is_counted_in_bytes(world: World) -> None:
    async with opened(world) as socket:
        await socket.send('{"type":"ping","payload":{"a":"%s"}}' % ("å" * (MAX // 2)))
        assert (await closed(socket))[0] == 4400


async def test_who_has_not_said_who_it_is_sends_short_messages(world: World) -> None:
    async with dialled(world) as socket:
        payload = {"authorization": "Bearer " + "x" * 70_000}
        await say(socket, type="connection_init", payload=payload)
        assert (await closed(socket))[0] == 4400


async def test_the_socket_closes_when_its_token_runs_out(world: World) -> None:
    citizen = await new_citizen(world)
    async with opened(world, token_for(world, citizen, seconds=2)) as socket:
        await ask(socket, UPDATES, id=citizen, after=1)
        assert await closed(socket) == (4403, "Forbidden")
    assert world.api.sockets is not None and len(world.api.sockets.rounds) == 0


async def test_a_client_that_is_gone_leaves_nothing_behind(world: World) -> None:
    citizen = await new_citizen(world)
    assert world.api.sockets is not None
    rounds = world.api.sockets.rounds
    async with opened(world, world.token(Role.CITIZEN, citizen=citizen)) as socket:
        await ask(socket, UPDATES, id=citizen, after=0)
        socket.transport.abort()
        await until(lambda: len(rounds) == 0)


async def test_a_client_that_does_not_read_gets_the_newest_and_no_backlog(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    aliases = " ".join(f"a{n}: agreementText" for n in range(20))
    query = (
        "subscription($id: ID!) { planUpdated(citizenId: $id, afterVersion: 0) { version"
        f" plan {{ latestAgreement(authority: JOBCENTER) {{ {aliases} }} }} }} }}"
    )
    published = 40
    async with narrow(world, world.token(Role.CITIZEN, citizen=citizen)) as socket:
        payload = {"query": query, "variables": {"id": citizen}}
        await say(socket, type="subscribe", id="1", payload=payload)
        for number in range(published):
            await hold_conversation(world, citizen, f"{number} " + "x" * 1400)
        versions: list[int] = []
        while not versions or versions[-1] < published + 1:
            message = await hear(socket)
            versions.append(message["payload"]["data"]["planUpdated"]["version"])
    assert versions == sorted(set(versions)) and len(versions) < published / 2


async def test_a_client_that_takes_nothing_for_too_long_is_closed_1013(settings: Settings) -> None:
    hasty = settings.model_copy(update={"slow_client_seconds": 0.2})
    async with (
        open_world(hasty) as world,
        narrow(world, world.token(Role.JOBCENTER)) as socket,
        asyncio.TaskGroup() as group,
    ):
        assert world.api.sockets is not None
        rounds = world.api.sockets.rounds
        for number in range(200):
            group.create_task(ask(socket, LONG, name=str(number)))
        await until(lambda: len(rounds) == 0)
        assert await closed(socket) == (1013, "The client reads too slowly")


async def test_a_completed_mutation_is_not_answered_and_comes_to_its_end(world: World) -> None:
    citizen = await new_citizen(world)
    staff = world.token(Role.JOBCENTER)
    holder = await asyncpg.connect(world.settings.database_url)
    watcher = await asyncpg.connect(world.settings.database_url)
    async with opened(world, staff) as socket:
        lock = holder.transaction()
        await lock.start()
        await holder.execute("select from citizen for update")
        given = {
            "citizenId": citizen,
            "authority": "JOBCENTER",
            "heldAt": f"{world.day[0]}T09:00:00+01:00",
            "mode": "IN_PERSON",
            "agreementText": "Den første.",
        }
        payload = {"query": CONVERSATION, "variables": {"input": given}}
        await say(socket, type="subscribe", id="m", payload=payload)
        while not await watcher.fetchval(
            "select count(*) from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        ):
            pass
        await say(socket, type="complete", id="m")
        await say(socket, type="ping")
        assert (await hear(socket))["type"] == "pong"
        await lock.rollback()
        async with asyncio.timeout(10):
            while not await plan_of(world, staff, citizen):
                pass
        await ask(socket, ROLE, name="q")
        assert (await hear(socket))["id"] == "q"
    await holder.close()
    await watcher.close()


async def test_operations_of_one_socket_are_bounded(settings: Settings) -> None:
    few = settings.model_copy(update={"operations_per_connection": 2})
    async with open_world(few) as world:
        citizen = await new_citizen(world)
        async with opened(world, world.token(Role.CITIZEN, citizen=citizen)) as socket:
            for number in range(3):
                query = "subscription { notificationAdded { version } }"
                await ask(socket, query, name=str(number))
            refused = await hear(socket)
            assert (refused["type"], refused["id"]) == ("error", "2")
            assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
            await say(socket, type="complete", id="0")
            await ask(socket, ROLE, name="3")
            assert (await hear(socket))["id"] == "3"


async def test_a_client_that_sends_too_fast_waits_and_loses_nothing(settings: Settings) -> None:
    slow = settings.model_copy(update={"ws_messages_per_second": 100})
    async with open_world(slow) as world, opened(world) as socket:
        for number in range(250):
            await say(socket, type="ping", payload={"n": number})
        heard = [(await hear(socket))["payload"]["n"] for _ in range(250)]
    assert heard == list(range(250))


async def test_a_server_that_ends_says_so_and_does_not_wait(settings: Settings) -> None:
    async with AsyncExitStack() as ending:
        world = await ending.enter_async_context(open_world(settings))
        async with opened(world) as socket:
            await ending.aclose()
            assert (await closed(socket))[0] == 1012
