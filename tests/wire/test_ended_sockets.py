"""WebSockets that end, or never begin: nothing of them is kept, and no other one suffers."""

import asyncio
import logging
import struct
from contextlib import AsyncExitStack

import orjson
import pytest

from app.domain.viewer import Role
from app.settings import Settings
from app.wire.outgoing import Outgoing
from tests.wire.raw import (
    CLOSE,
    CONTINUED,
    HANDSHAKE,
    PING,
    PONG,
    dialled,
    frame,
    lines_of,
    said,
    until,
)
from tests.wire.sockets import closed, dialled as socket_dialled, opened
from tests.world import World, open_world

LARGE = "{ __schema { types { name description fields { name description } } } }"


def message(**content: object) -> bytes:
    return frame(orjson.dumps(content))


def closing(code: int) -> bytes:
    return frame(struct.pack("!H", code), CLOSE)


async def ask_for_more_than_it_reads(
    world: World, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """A socket whose answers fill every buffer."""
    assert world.api.sockets is not None
    rounds = world.api.sockets.rounds
    others = set(rounds.connections())
    writer.write(HANDSHAKE + b"\r\n")
    await reader.readuntil(b"\r\n\r\n")
    bearer = {"authorization": f"Bearer {world.token(Role.JOBCENTER)}"}
    asking = [message(type="subscribe", id=str(n), payload={"query": LARGE}) for n in range(8)]
    writer.write(message(type="connection_init", payload=bearer) + b"".join(asking))

    def is_full() -> bool:
        new = set(rounds.connections()) - others
        return any(isinstance(one, Outgoing) and not one.is_ready for one in new)

    await until(is_full)


async def test_who_says_goodbye_and_does_not_read_keeps_nobody_else_from_the_end(
    settings: Settings,
) -> None:
    async with AsyncExitStack() as ending:
        world = await ending.enter_async_context(open_world(settings))
        assert world.api.sockets is not None
        rounds = world.api.sockets.rounds
        async with dialled(world, window=4096) as (reader, writer), opened(world) as socket:
            await ask_for_more_than_it_reads(world, reader, writer)
            writer.write(closing(1000))
            await until(lambda: len(rounds) == 1)
            await ending.aclose()
            assert (await closed(socket))[0] == 1012


async def test_who_says_goodbye_and_does_not_read_is_let_go(settings: Settings) -> None:
    hasty = settings.model_copy(update={"slow_client_seconds": 0.3})
    async with open_world(hasty) as world, dialled(world, window=4096) as (reader, writer):
        await ask_for_more_than_it_reads(world, reader, writer)
        writer.write(closing(1000))
        await until(lambda: lines_of(world) == 0)


async def test_who_is_told_goodbye_and_does_not_read_is_let_go(settings: Settings) -> None:
    hasty = settings.model_copy(update={"slow_client_seconds": 0.3})
    async with open_world(hasty) as world, dialled(world, window=4096) as (reader, writer):
        assert world.api.sockets is not None
        rounds = world.api.sockets.rounds
        await ask_for_more_than_it_reads(world, reader, writer)
        await until(lambda: len(rounds) == 0)
        writer.write(closing(1013))
        await until(lambda: lines_of(world) == 0)


async def test_who_breaks_the_protocol_and_does_not_read_is_let_go(settings: Settings) -> None:
    hasty = settings.model_copy(update={"slow_client_seconds": 0.3})
    async with open_world(hasty) as world, dialled(world, window=4096) as (reader, writer):
        await ask_for_more_than_it_reads(world, reader, writer)
        writer.write(frame(b"", CONTINUED))
        await until(lambda: lines_of(world) == 0)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (HANDSHAKE + b"x: " + b"y" * 9_000 + b"\r\n", 431),
        (HANDSHAKE + b"x: y\r\n" * 200, 431),
        (HANDSHAKE.replace(b"/graphql", b"/graphql?" + b"x" * 9_000), 414),
        (HANDSHAKE + b"content-length: 5\r\n", 400),
        (HANDSHAKE + b"transfer-encoding: chunked\r\n", 400),
        (HANDSHAKE.replace(b"GET", b"POST"), 405),
        (HANDSHAKE.replace(b"sec-websocket-key", b"x-key"), 400),
    ],
)
async def test_a_handshake_that_fails_is_answered_and_the_connection_closed(
    world: World, head: bytes, status: int
) -> None:
    heard = await said(world, head + b"\r\n")
    assert heard.is_closed and heard.statuses == [status]


EMPTY = {
    "pings": frame(b"", PING),
    "pongs": frame(b"", PONG),
    "fragments": frame(b"", CONTINUED, is_last=False),
    "messages": frame(b""),
}


@pytest.mark.parametrize("kind", EMPTY)
@pytest.mark.parametrize("goodbye", [b"", closing(1000)])
async def test_frames_without_end_close_the_socket(world: World, kind: str, goodbye: bytes) -> None:
    start = frame(b"{", is_last=False) if kind == "fragments" else b""
    async with dialled(world) as (reader, writer):
        writer.write(HANDSHAKE + b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start + EMPTY[kind] * 40_000 + goodbye)
        async with asyncio.timeout(5):  # half of what it has to say who it is
            while not reader.at_eof():
                try:
                    await reader.read(65_536)
                except ConnectionError:
                    break


@pytest.mark.parametrize("kind", ["pings", "pongs", "fragments"])
async def test_who_sends_too_many_frames_is_told(world: World, kind: str) -> None:
    async with socket_dialled(world) as socket:
        start = frame(b"{", is_last=False) if kind == "fragments" else b""
        socket.transport.write(start + EMPTY[kind] * 600)
        assert await closed(socket) == (1008, "Too many frames")


@pytest.mark.parametrize(
    "frames",
    [
        frame(b'{"cpr":"0101701234"}\xff'),
        frame(b'{"cpr":"0101701234"', is_last=False) + frame(b"\xc3", CONTINUED),
    ],
)
async def test_a_text_that_is_none_closes_the_socket_and_nobody_writes_down_what_it_says(
    world: World, frames: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(world) as socket:
        socket.transport.write(frames)
        assert await closed(socket) == (1007, "Invalid UTF-8")
    assert not [one for one in caplog.records if one.levelno > logging.INFO]
    assert "0101701234" not in caplog.text


async def test_a_character_may_go_on_in_the_next_frame(world: World) -> None:
    text = orjson.dumps({"type": "ping", "payload": {"name": "Åse"}})
    cut = text.index("Å".encode()) + 1
    async with opened(world) as socket:
        socket.transport.write(frame(text[:cut], is_last=False) + frame(text[cut:], CONTINUED))
        assert orjson.loads(await socket.recv())["payload"] == {"name": "Åse"}


async def test_what_comes_in_one_go_is_taken_in_its_order(settings: Settings) -> None:
    fast = settings.model_copy(update={"ws_messages_per_second": 100_000})
    async with open_world(fast) as world, opened(world) as socket:
        heard = []
        given = b"".join(message(type="ping", payload={"n": n}) for n in range(3_000))
        fragments = [frame(b'"x', is_last=False), *[frame(b"x" * 1_000, 0, is_last=False)] * 300]
        socket.transport.write(given)
        for _ in range(3_000):
            heard.append(orjson.loads(await socket.recv())["payload"]["n"])
        socket.transport.write(b"".join(fragments) + frame(b'"', CONTINUED))
        assert heard == list(range(3_000))
        assert await closed(socket) == (4400, "A message is a JSON object.")
