"""Live views with the client library people use, and logins that end while they run."""

from base64 import urlsafe_b64decode

import asyncpg
import orjson
import pytest
from gql import gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError

from app.domain.viewer import Role
from app.store.revocations import revoke
from tests.schema.test_live import UPDATES, Listener, gql_with, listening, socket
from tests.story import hold_conversation, new_citizen
from tests.wire import sockets
from tests.wire.streams import Seen, streamed
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


async def test_a_subscription_by_plain_post_is_told_to_stream(world: World) -> None:
    answer = await world.post(
        world.token(Role.JOBCENTER), UPDATES.payload["query"], id="x", after=1
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
