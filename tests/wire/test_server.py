"""The server under the API: clients that do not read, that pipeline, and a process that ends."""

import asyncio
import inspect
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.domain.viewer import Role
from app.settings import Settings
from app.wire.http_protocol import HttpProtocol
from app.wire.server import Server
from app.wire.socket_protocol import SocketProtocol
from tests.story import CONVERSATION, hold_conversation, new_citizen, plan_of
from tests.wire.raw import asked, dialled, lines_of, until
from tests.wire.sockets import ROLE, UPDATES
from tests.world import World, open_world

OWN = {
    *("cut_off", "head_without_upgrade", "_disconnect", "_await_head", "_forget_head", "_refuse"),
    *("_await_taking", "_forget_taking", "_end_running", "_parse", "_forget_waiting"),
    *("_is_text", "send_text", "_read_on", "_refuse_handshake", "_count", "_cut_off_in"),
}
"""Methods that are none of uvicorn's: called by our own code alone."""
STREAM = b"accept: text/event-stream"
LARGE = "{ __schema { types { name description fields { name description } } } }"


def streams_of(world: World) -> int:
    assert world.api.graphql is not None
    return len(world.api.graphql.streams.rounds)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (HttpProtocol, HttpToolsProtocol),
        (SocketProtocol, WebSocketsSansIOProtocol),
        (Server, uvicorn.Server),
    ],
)
def test_what_is_overridden_of_uvicorn_is_there_with_the_same_arguments(
    ours: type, theirs: type
) -> None:
    replaced = [
        name
        for name, method in vars(ours).items()
        if inspect.isfunction(method) and name not in OWN
    ]
    assert replaced
    for name in replaced:
        mine, its = (inspect.signature(getattr(one, name)) for one in (ours, theirs))
        assert list(mine.parameters) == list(its.parameters), name


async def test_a_request_behind_a_stream_does_not_hide_that_its_client_is_gone(
    settings: Settings,
) -> None:
    beating = settings.model_copy(update={"sse_heartbeat_seconds": 0.1})
    async with open_world(beating) as world:
        citizen = await new_citizen(world)
        token = world.token(Role.JOBCENTER)
        async with dialled(world) as (reader, writer):
            writer.write(asked(token, UPDATES, STREAM, id=citizen) + asked(token, ROLE))
            await reader.readuntil(b":\n\n")
            assert streams_of(world) == 1
        await until(lambda: streams_of(world) == 0)


@pytest.mark.parametrize("more", [0, 2_000])
async def test_a_stream_ends_with_the_process_whatever_is_behind_it(
    settings: Settings, more: int
) -> None:
    async with AsyncExitStack() as ending:
        world = await ending.enter_async_context(open_world(settings))
        citizen = await new_citizen(world)
        token = world.token(Role.JOBCENTER)
        async with dialled(world) as (reader, writer):
            stream = asked(token, UPDATES, STREAM, id=citizen)
            behind = asked(token, ROLE) + stream + b"GET /x HTTP/1.1\r\n\r\n" * more
            writer.write(stream + behind)
            await reader.readuntil(b":\n\n")
            async with asyncio.timeout(settings.shutdown_seconds / 2):
                await ending.aclose()
            heard = await reader.read()
    assert heard.endswith(b"0\r\n\r\n") and b"HTTP/1.1" not in heard


@pytest.mark.parametrize("repeats", [1, 40])
@pytest.mark.parametrize("last", [b"x: y", b"connection: close"])
async def test_an_answer_that_is_not_taken_is_given_up(
    settings: Settings, repeats: int, last: bytes
) -> None:
    hasty = settings.model_copy(update={"slow_client_seconds": 0.3})
    async with open_world(hasty) as world, dialled(world, window=4096) as (_reader, writer):
        one = asked(world.token(Role.JOBCENTER), LARGE)
        writer.write(one * (repeats - 1) + asked(world.token(Role.JOBCENTER), LARGE, last))
        await until(lambda: lines_of(world) == 1)
        # what its own side has not read does not let it hear of the end
        await until(lambda: lines_of(world) == 0)


async def test_an_event_stream_that_is_not_read_gets_the_newest_and_no_backlog(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    aliases = " ".join(f"a{n}: agreementText" for n in range(20))
    query = (
        "subscription($id: ID!) { planUpdated(citizenId: $id, afterVersion: 0) { version"
        f" plan {{ latestAgreement(authority: JOBCENTER) {{ {aliases} }} }} }} }}"
    )
    published = 40
    token = world.token(Role.CITIZEN, citizen=citizen)
    async with dialled(world, window=4096) as (reader, writer):
        writer.write(asked(token, query, STREAM, id=citizen))
        for number in range(published):
            await hold_conversation(world, citizen, f"{number} " + "x" * 1400)
        heard = b""
        async with asyncio.timeout(10):
            while b'"version":%d,' % (published + 1) not in heard:
                heard += await reader.read(65_536)
    versions = [int(version) for version in re.findall(rb'"version":(\d+)', heard)]
    assert versions == sorted(set(versions)) and len(versions) < published / 2


@asynccontextmanager
async def held_up(world: World) -> AsyncIterator[asyncpg.Connection]:
    """While the block lasts no mutation of a citizen comes to its end; yields a way to watch."""
    holder = await asyncpg.connect(world.settings.database_url)
    watcher = await asyncpg.connect(world.settings.database_url)
    lock = holder.transaction()
    await lock.start()
    await holder.execute("select from citizen for update")
    try:
        yield watcher
    finally:
        await lock.rollback()
        await holder.close()
        await watcher.close()


async def waiting(watcher: asyncpg.Connection) -> None:
    while not await watcher.fetchval(
        "select count(*) from pg_stat_activity"
        " where wait_event_type = 'Lock' and datname = current_database()"
    ):
        pass


def conversation(world: World, citizen: str) -> dict[str, Any]:
    given = {
        "citizenId": citizen,
        "authority": "JOBCENTER",
        "heldAt": f"{world.day[0]}T09:00:00+01:00",
        "mode": "IN_PERSON",
        "agreementText": "Den første.",
    }
    return {"query": CONVERSATION, "variables": {"input": given}}


@pytest.mark.parametrize("seconds", [1, 25])
async def test_a_mutation_under_way_is_answered_in_time_or_not_at_all(
    settings: Settings, seconds: int
) -> None:
    patient = settings.model_copy(update={"shutdown_seconds": seconds})
    async with AsyncExitStack() as ending, AsyncExitStack() as locked:
        world = await ending.enter_async_context(open_world(patient))
        citizen = await new_citizen(world)
        staff = {"authorization": f"Bearer {world.token(Role.JOBCENTER)}"}
        watcher = await locked.enter_async_context(held_up(world))
        async with httpx.AsyncClient(timeout=20) as client:
            url, given = f"{world.base_url}/graphql", conversation(world, citizen)
            answering = asyncio.create_task(client.post(url, headers=staff, json=given))
            await waiting(watcher)
            closing = asyncio.create_task(ending.aclose())
            if seconds == 1:
                with pytest.raises(httpx.RemoteProtocolError):
                    await answering
                await locked.aclose()
            else:
                await locked.aclose()
                assert "errors" not in (await answering).json()
            await closing
    async with open_world(settings) as world:
        assert await plan_of(world, world.token(Role.JOBCENTER), citizen)
