"""Live views with the client library people use, and logins that end while they run."""

import asyncio
from base64 import urlsafe_b64decode
from typing import Any

import asyncpg
import orjson
import pytest
from gql import gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError

from app.domain.viewer import Role, Viewer
from app.store.revocations import revoke
from tests.schema.live_client import revoke_login
from tests.schema.test_live import UPDATES, Listener, gql_with, listening, socket
from tests.story import hold_conversation, new_citizen
from tests.wire import sockets
from tests.wire.streams import EVENTS, Seen, streamed
from tests.world import World


async def test_operations_of_one_socket_do_not_share_their_state(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listeners = [Listener(session, UPDATES, id=citizen, after=1) for _ in range(3)]
        await listening(world, citizen, 3)
        await hold_conversation(world, citizen, "Den anden.")
        events = [await listener.next() for listener in listeners]
    assert [e["planUpdated"]["version"] for e in events] == [2, 2, 2]


async def test_a_socket_may_do_nothing_once_its_token_has_run_out(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    plan = gql("query($id: ID!) { citizen(id: $id) { plan { version } } }")
    token = sockets.token_for(world, citizen, seconds=2)
    async with socket(world, token) as session:
        asked = await session.execute(gql_with(plan, {"id": citizen}))
        assert asked["citizen"]["plan"]["version"] == 1
        ended = await Listener(session, UPDATES, id=citizen, after=1).ended()
        assert isinstance(ended, TransportConnectionFailed)
        with pytest.raises(TransportConnectionFailed):
            await session.execute(gql_with(plan, {"id": citizen}))


async def test_a_right_that_is_missing_ends_its_operation_and_not_the_socket(world: World) -> None:
    elsewhere = await new_citizen(world, municipality="751")
    async with socket(world, world.token(Role.JOBCENTER)) as session:
        ended = await Listener(session, UPDATES, id=elsewhere, after=None).ended()
        assert isinstance(ended, TransportQueryError) and ended.errors
        assert ended.errors[0]["extensions"]["code"] == "NOT_FOUND"
        assert await session.execute(gql("{ viewer { role } }"))


async def test_a_revoked_login_ends_its_sockets_and_streams_at_once(world: World) -> None:
    citizen, other = await new_citizen(world), await new_citizen(world)
    token = world.token(Role.CITIZEN, citizen=citizen)
    assert world.api.redis is not None
    updates = {"query": sockets.UPDATES, "variables": {"id": citizen, "after": 1}}
    admin = await asyncpg.connect(world.settings.database_url)
    async with (
        sockets.opened(world, token) as revoked,
        sockets.opened(world, world.token(Role.CITIZEN, citizen=other)) as kept,
        streamed(world, token, json=updates) as stream,
    ):
        await stream.beat()
        subject = orjson.loads(urlsafe_b64decode(token.split(".")[1] + "=="))["sub"]
        await revoke(admin, world.api.redis, subject, until=None, reason="STOLEN_DEVICE")
        assert await sockets.closed(revoked) == (4403, "Forbidden")
        told, end = await stream.rest()
        assert told.data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert end == Seen("complete", None)
        await sockets.ask(kept, sockets.ROLE)
        assert (await sockets.hear(kept))["type"] == "next"
    await admin.close()


async def test_a_login_revoked_while_its_stream_is_opened_has_none(world: World) -> None:
    """The server as its client sees it who reads slowly: the response's start waits."""
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    login = world.token(Role.CITIZEN, citizen=citizen)
    body = orjson.dumps({"query": sockets.UPDATES, "variables": {"id": citizen, "after": 0}})
    frames: list[bytes] = []
    told, ended = asyncio.Event(), asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            async with asyncio.timeout(10):
                await told.wait()
            await revoke_login(world, await viewer_of(world, login))
            return
        frames.append(message["body"])
        told.set()
        if not message["more_body"]:
            ended.set()

    requests = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        if message := next(requests, None):
            return message
        await ended.wait()
        return {"type": "http.disconnect"}

    headers = {"accept": EVENTS, "content-type": "application/json"}
    headers |= {"authorization": f"Bearer {login}", "content-length": str(len(body))}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    async with asyncio.timeout(10):
        await world.api(scope, receive, send)
    assert b'"planUpdated"' in frames[0] and b"UNAUTHENTICATED" in b"".join(frames[1:])


async def viewer_of(world: World, login: str) -> Viewer:
    """Whom a login stands for."""
    assert world.api.sockets is not None
    return await world.api.sockets.authenticate(f"Bearer {login}", None)


async def test_a_subscription_by_plain_post_is_told_to_stream(world: World) -> None:
    answer = await world.post(
        world.token(Role.JOBCENTER), UPDATES.payload["query"], id="x", after=1
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
