"""What carries live views: sockets and event streams, their tokens, and messages that are wrong."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import orjson
import pytest
import websockets
from gql import gql
from gql.transport.exceptions import TransportQueryError

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from tests.schema.test_live import UPDATES, Listener, gql_with, listening, socket
from tests.story import hold_conversation, new_citizen
from tests.world import World


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[websockets.ClientConnection]:
    """A bare socket of graphql-transport-ws after its handshake, without a login."""
    async with websockets.connect(
        world.base_url.replace("http", "ws") + "/graphql",
        subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
    ) as connection:
        await connection.send('{"type": "connection_init"}')
        assert "connection_ack" in str(await connection.recv())
        yield connection


async def test_a_socket_with_a_token_that_proves_nothing_is_closed_as_forbidden(
    world: World,
) -> None:
    address = world.base_url.replace("http", "ws") + "/graphql"
    async with websockets.connect(
        address, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]
    ) as connection:
        init = {"type": "connection_init", "payload": {"authorization": "Bearer not-a-token"}}
        await connection.send(orjson.dumps(init).decode())
        with pytest.raises(websockets.ConnectionClosed):
            await connection.recv()
        assert connection.close_code == 4403


async def test_server_sent_events_bring_the_same_news(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    async with httpx.AsyncClient(timeout=10) as client:
        request = client.stream(
            "POST",
            f"{world.base_url}/graphql",
            json={
                "query": UPDATES.payload["query"],
                "variables": {"id": citizen, "after": 0},
            },
            headers={
                "authorization": f"Bearer {world.token(Role.CITIZEN, citizen=citizen)}",
                "accept": "text/event-stream",
            },
        )
        async with request as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async for line in response.aiter_lines():
                if line.startswith("data:") and "planUpdated" in line:
                    event = orjson.loads(line.removeprefix("data:"))
                    break
    assert event["data"]["planUpdated"]["version"] == 1


async def test_two_operations_of_one_socket_do_not_share_their_state(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listeners = [Listener(session, UPDATES, id=citizen, after=1) for _ in range(3)]
        await listening(world, citizen, 3)
        await hold_conversation(world, citizen, "Den anden.")
        events = [await listener.next() for listener in listeners]
    assert [e["planUpdated"]["version"] for e in events] == [2, 2, 2]


async def test_a_token_that_runs_out_ends_what_the_socket_may_do(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    # issued an hour ago for an hour: two seconds of it are left
    issuer = DevelopmentIssuer(world.settings, clock=lambda: time.time() - 3598)
    token = issuer.issue(Role.CITIZEN, citizen_id=UUID(citizen), minutes=60)
    plan = gql_with(
        gql("query($id: ID!) { citizen(id: $id) { plan { version } } }"), {"id": citizen}
    )
    async with socket(world, token) as session:
        assert (await session.execute(plan))["citizen"]["plan"]["version"] == 1
        ended = await Listener(session, UPDATES, id=citizen, after=1).ended()
        assert isinstance(ended, TransportQueryError)
        with pytest.raises(TransportQueryError, match="expired"):
            await session.execute(plan)


@pytest.mark.parametrize(
    "message",
    [
        *("[]", '"x"', "5", "null", '{"id": []}', '{"type": 5}'),
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ viewer { role } }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
    ],
)
async def test_a_message_of_the_wrong_shape_closes_the_socket_as_bad(
    world: World, message: str
) -> None:
    async with opened(world) as connection:
        await connection.send(message)
        with pytest.raises(websockets.ConnectionClosed):
            await connection.recv()
        assert connection.close_code == 4400


async def test_an_operation_that_is_not_there_is_the_clients_mistake_on_a_socket_too(
    world: World,
) -> None:
    async with opened(world) as connection:
        payload = {"query": "query A { targetGroups { code } }", "operationName": "B"}
        subscribe = {"type": "subscribe", "id": "1", "payload": payload}
        await connection.send(orjson.dumps(subscribe).decode())
        answer = orjson.loads(await connection.recv())
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_subscription_by_plain_post_is_told_to_stream(world: World) -> None:
    answer = await world.post(
        world.token(Role.JOBCENTER), UPDATES.payload["query"], id="x", after=1
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
