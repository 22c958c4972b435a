"""A bare client of graphql-transport-ws: what it sends is what a test says, right or wrong."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import websockets

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from tests.world import World

PROTOCOL = websockets.Subprotocol("graphql-transport-ws")
ROLE = "{ viewer { role } }"
UPDATES = (
    "subscription($id: ID!, $after: Int) { planUpdated(citizenId: $id, afterVersion: $after) {"
    " version plan { latestAgreement(authority: JOBCENTER) { agreementText } } } }"
)

Socket = websockets.ClientConnection


@asynccontextmanager
async def dialled(world: World, **options: Any) -> AsyncIterator[Socket]:
    """A socket after its handshake; options: of `websockets.connect`."""
    given: dict[str, Any] = {"subprotocols": [PROTOCOL], "max_size": None, "ping_interval": None}
    address = world.base_url.replace("http", "ws") + "/graphql"
    async with websockets.connect(address, **given | options) as socket:
        yield socket


@asynccontextmanager
async def opened(world: World, token: str | None = None, **options: Any) -> AsyncIterator[Socket]:
    """A socket whose connection is acknowledged."""
    async with dialled(world, **options) as socket:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        await say(socket, type="connection_init", payload=payload)
        assert (await hear(socket))["type"] == "connection_ack"
        yield socket


async def say(socket: Socket, **message: Any) -> None:
    await socket.send(orjson.dumps(message).decode())


async def hear(socket: Socket) -> dict[str, Any]:
    """The next message that is no ping."""
    while True:
        text = await socket.recv()
        assert isinstance(text, str)
        message: dict[str, Any] = orjson.loads(text)
        if message["type"] != "ping":
            return message


async def ask(socket: Socket, query: str, *, name: str = "1", **variables: Any) -> None:
    """Starts an operation; name: its id."""
    payload = {"query": query, "variables": variables or None}
    await say(socket, type="subscribe", id=name, payload=payload)


async def closed(socket: Socket) -> tuple[int | None, str | None]:
    """Code and reason of the server's close, whatever it sends before."""
    try:
        while True:
            await socket.recv()
    except websockets.ConnectionClosed as end:
        assert end.rcvd is not None, "the server went without a word"
        return end.rcvd.code, end.rcvd.reason


def token_for(world: World, citizen: str, seconds: float) -> str:
    """A citizen's token that has so many seconds left."""
    issuer = DevelopmentIssuer(world.settings, clock=lambda: time.time() - 3600 + seconds)
    return issuer.issue(Role.CITIZEN, citizen_id=UUID(citizen), minutes=60)
