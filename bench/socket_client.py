"""Many small WebSocket clients on bare transports: what they cost must not hide what is measured.

Frames are masked with zeros, which leaves them as they are. One client follows one subscription by
graphql-transport-ws.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from uuid import UUID

import orjson

from bench.client import HOST, BadAnswer

_HANDSHAKE: Final = (
    f"GET /graphql HTTP/1.1\r\nhost: {HOST}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
    "sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
).encode()
_NO_MASK: Final = bytes(4)
_TEXT: Final = 0x1
_CLOSE: Final = 0x8
_PING: Final = 0x9
_PONG: Final = 0xA
_PATIENCE: Final = 300.0
"""Seconds in which a crowd gets what it waits for."""


@dataclass(frozen=True, slots=True)
class Follow:
    """One subscription of one citizen; `variables` beside its `id`."""

    citizen: UUID
    token: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)

    def frames(self) -> tuple[bytes, bytes]:
        """Those that say who it is, and what it follows."""
        given = {"id": str(self.citizen), **self.variables}
        init = {"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}}
        payload = {"query": self.query, "variables": given}
        subscribe = {"type": "subscribe", "id": "1", "payload": payload}
        return _frame(_TEXT, orjson.dumps(init)), _frame(_TEXT, orjson.dumps(subscribe))


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event at a client. at: of `perf_counter`; event: what its field holds."""

    citizen: UUID
    event: Any
    at: float


class Crowd:
    """Clients of one server, and what has arrived at them since `arrivals` was emptied."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._clients: list[Client] = []
        self._waiting: asyncio.Future[None] | None = None
        self._wanted = 0
        self.arrivals: list[Arrival] = []

    async def join(self, follows: Sequence[Follow], *, at_once: int) -> None:
        """Each is acknowledged and has sent its subscription; raises `BadAnswer`."""
        room = asyncio.Semaphore(at_once)
        loop = asyncio.get_running_loop()

        async def join(follow: Follow) -> None:
            async with room:
                client = Client(self, follow)
                await loop.create_connection(lambda: client, HOST, self._port)
                self._clients.append(client)
                await client.begun

        async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as group:
            for follow in follows:
                group.create_task(join(follow))

    def expect(self, count: int) -> "asyncio.Future[None]":
        """Forgets what has arrived; done when so many events are here, fails with `BadAnswer`."""
        self.arrivals = []
        self._wanted = count
        self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting

    def leave(self) -> None:
        """All are cut off at once, without a word."""
        for client in self._clients:
            client.leave()
        self._clients = []

    def hear(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        if len(self.arrivals) == self._wanted and self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def fail(self, reason: str) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(BadAnswer(reason))


class Client(asyncio.Protocol):
    """One socket."""

    __slots__ = ("_buffer", "_crowd", "_follow", "_frames", "_is_open", "_transport", "begun")

    def __init__(self, crowd: Crowd, follow: Follow) -> None:
        self._crowd = crowd
        self._follow = follow
        self._frames = follow.frames()
        self._buffer = b""
        self._is_open = False
        self._transport: asyncio.Transport | None = None
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def leave(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._fail("a socket was closed")

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        if not self._is_open:
            head, found, rest = data.partition(b"\r\n\r\n")
            if not found:
                self._buffer = data
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(head.partition(b"\r\n")[0].decode())
                return
            self._is_open = True
            self._write(self._frames[0])
            data = rest
        at = 0
        while frame := _frame_at(data, at):
            kind, start, at = frame
            self._take(kind, data[start:at])
        self._buffer = data[at:]

    def _take(self, kind: int, content: bytes) -> None:
        if kind == _TEXT:
            self._hear(orjson.loads(content))
        elif kind == _PING:
            self._write(_frame(_PONG, content))
        elif kind == _CLOSE:
            self._fail(f"closed with {int.from_bytes(content[:2])}")

    def _hear(self, message: Any) -> None:
        match message["type"]:
            case "next" if not message["payload"].get("errors"):
                (event,) = message["payload"]["data"].values()
                self._crowd.hear(Arrival(self._follow.citizen, event, time.perf_counter()))
            case "connection_ack":
                self._write(self._frames[1])
                self._frames = (b"", b"")
                self.begun.set_result(None)
            case "ping":
                self._write(_frame(_TEXT, b'{"type":"pong"}'))
            case kind:
                self._fail(f"{kind} instead of an event")

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _fail(self, reason: str) -> None:
        if not self.begun.done():
            self.begun.set_exception(BadAnswer(reason))
        self._crowd.fail(reason)


def _frame(kind: int, content: bytes) -> bytes:
    """A frame of a client."""
    size = len(content)
    if size < 126:
        return bytes((0x80 | kind, 0x80 | size)) + _NO_MASK + content
    return bytes((0x80 | kind, 0x80 | 126)) + size.to_bytes(2) + _NO_MASK + content


def _frame_at(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Kind, and where the content of a server's frame begins and ends; None: not whole yet."""
    if len(data) < at + 2:
        return None
    size, start = data[at + 1], at + 2
    if size >= 126:
        more = 2 if size == 126 else 8
        size, start = int.from_bytes(data[start : start + more]), start + more
    end = start + size
    return None if start > len(data) or end > len(data) else (data[at] & 0xF, start, end)
