"""Whatever a client sends, in whatever order: the socket is answered or closed by the protocol."""

import asyncio
from typing import Any

import orjson
import pytest
import websockets
from hypothesis import HealthCheck, given, settings, strategies as st

from app.domain.viewer import Role
from tests.story import new_citizen
from tests.wire.sockets import ROLE, dialled, say
from tests.world import World

CODES = {4400, 4401, 4403, 4409, 4429}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)
ids = st.sampled_from(["1", "2", "3", ""]) | values
queries = st.sampled_from(
    [
        ROLE,
        "subscription { notificationAdded { version } }",
        "subscription A { notificationAdded { version } } query B { viewer { role } }",
        "{",
        "mutation { nothing }",
        "subscription { nothing }",
    ]
)
payloads = (
    values
    | st.fixed_dictionaries({"query": queries})
    | st.fixed_dictionaries({"query": queries, "variables": values, "operationName": values})
)
kinds = st.sampled_from(["connection_init", "subscribe", "complete", "ping", "pong", "next"])
messages = st.fixed_dictionaries({"type": kinds}, optional={"id": ids, "payload": payloads})
good = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["subscribe", "complete"]),
        "id": st.sampled_from(["1", "2", "3"]),
        "payload": st.fixed_dictionaries({"query": queries}),
    }
)


@settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    is_initialised=st.booleans(),
    said=st.lists(good | messages | values | st.binary(max_size=8), max_size=12),
)
async def test_no_sequence_of_messages_breaks_a_socket_or_leaves_an_operation(
    world: World, is_initialised: bool, said: list[Any]
) -> None:
    async with dialled(world) as socket:
        if is_initialised:
            login = f"Bearer {world.token(Role.CITIZEN, citizen=CITIZEN)}"
            await say(socket, type="connection_init", payload={"authorization": login})
        try:
            for one in said:
                await socket.send(one if isinstance(one, bytes) else orjson.dumps(one).decode())
            await say(socket, type="ping", payload={"last": 1})
            while orjson.loads(await socket.recv()) != LAST:
                pass
        except websockets.ConnectionClosed as end:
            assert end.rcvd is not None and end.rcvd.code in CODES
    await nothing_is_left(world)


CITIZEN = "00000000-0000-4000-8000-000000000000"
LAST = {"type": "pong", "payload": {"last": 1}}


async def nothing_is_left(world: World) -> None:
    """Returns when no socket and nobody who listens is left in the process."""
    assert world.api.sockets is not None and world.api.live is not None
    async with asyncio.timeout(10):
        while len(world.api.sockets.rounds) or world.api.live.citizens():
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("count", [1, 50])
async def test_operations_that_are_stopped_at_once_leave_nothing(world: World, count: int) -> None:
    citizen = await new_citizen(world)
    async with dialled(world) as socket:
        login = f"Bearer {world.token(Role.CITIZEN, citizen=citizen)}"
        await say(socket, type="connection_init", payload={"authorization": login})
        for _ in range(count):
            query = "subscription { notificationAdded { version } }"
            await say(socket, type="subscribe", id="1", payload={"query": query})
            await say(socket, type="complete", id="1")
        await say(socket, type="ping", payload={"last": 1})
        while orjson.loads(await socket.recv()) != LAST:
            pass
        assert world.api.live is not None
        async with asyncio.timeout(10):
            while world.api.live.citizens():
                await asyncio.sleep(0.002)
