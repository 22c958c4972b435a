"""Event streams: the protocol graphql-sse, a connection for each operation.

After PROTOCOL.md of the package `graphql-sse`, "Distinct connections mode". `retry:` is never sent:
the reference client takes it for an error.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send

from app.domain.viewer import Viewer
from app.schema.answer import Answer
from app.schema.engine import Engine, Operation
from app.schema.live_operation import Event
from app.schema.request import Caller
from app.settings import Settings
from app.wire.connection import Connection
from app.wire.metrics import CONNECTIONS
from app.wire.outgoing import Gone
from app.wire.rounds import Rounds

HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events until a page of them is full
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"accept, accept-language, authorization"),
)
_BEAT: Final = b":\n\n"
EXPIRED: Final = orjson.dumps(
    [{"message": "The access token has expired.", "extensions": {"code": "UNAUTHENTICATED"}}]
)


class EventStreams:
    """All event streams of one process."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.rounds = Rounds(settings.sse_heartbeat_seconds, settings.slow_client_seconds)
        CONNECTIONS.labels("stream").set_function(self.rounds.__len__)

    async def stream(
        self, scope: Scope, receive: Receive, send: Send, asked: Operation | Answer, caller: Caller
    ) -> None:
        """Answers one request with a stream of its own; returns when it is over."""
        stream = DistinctStream(self.engine, self.rounds, caller)
        stream.attach(scope, receive, send)
        stream.begin("", asked)
        await stream.serve(asked.headers)

    def recheck(self, is_revoked: Callable[[Viewer], bool]) -> None:
        """Ends the streams of those whose tokens are no longer accepted."""
        for stream in self.rounds.connections():
            if isinstance(stream, EventStream) and is_revoked(stream.caller.viewer):
                stream.expire()


class EventStream(Connection):
    """What both modes share: a response that goes on."""

    __slots__ = ("_abort", "_receive", "_send")

    _receive: Receive
    _send: Send

    def attach(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request whose response carries the events."""
        self._receive, self._send = receive, send
        extensions = scope.setdefault("extensions", {})
        extensions["minplan.leave"] = self.leave
        self._abort: Callable[[], Any] | None = extensions.get("minplan.abort")
        if "minplan.is_leaving" in extensions:
            self.leave()

    async def serve(self, headers: Mapping[str, str]) -> None:
        """Sends events until the stream is over or its client leaves; headers: further ones."""
        more = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            await self._send(
                {"type": "http.response.start", "status": 200, "headers": [*HEADERS, *more]}
            )
            self._rounds.join(self)
            # some browsers take a response for begun only when something of its body is there
            self.put(_BEAT)
            self.expire_in_time()
            if self._engine.is_revoked(self.caller.viewer):  # while this was not in the rounds yet
                self.expire()
            while (await self._receive())["type"] != "http.disconnect":
                pass
        finally:
            self.end()

    async def transmit(self, frame: bytes) -> None:
        try:
            await self._send({"type": "http.response.body", "body": frame, "more_body": True})
        except (OSError, RuntimeError):  # uvloop's words for a connection that is closed
            raise Gone from None

    def visit(self) -> None:
        if self._sending is None:
            self.put(_BEAT)

    def stall(self) -> None:
        self.end()
        if self._abort is not None:
            self._abort()

    def leave(self) -> None:
        """The server shuts down; the client comes back to another process."""
        if self._closing is None:
            self._closing = asyncio.create_task(self.close())

    async def close(self) -> None:
        """Ends the response."""
        if not self.is_closed:
            self.end()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class DistinctStream(EventStream):
    """The stream of one operation."""

    __slots__ = ()

    def frame_of(self, operation_id: str, event: Event) -> bytes:
        if event.id is None:
            return b"event: next\ndata: %b\n\n" % event.payload
        return b"event: next\nid: %b\ndata: %b\n\n" % (event.id.encode(), event.payload)

    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]:
        return (b'event: next\ndata: {"errors":%b}\n\n' % errors, self.end_frame_of(operation_id))

    def end_frame_of(self, operation_id: str) -> bytes:
        # browsers dispatch no event without a line of data
        return b"event: complete\ndata:\n\n"

    def expire(self) -> None:
        if self.exchanges:  # else its end is under way
            self.quiet()
            self.put(*self.failure_of("", EXPIRED))

    async def sent_all(self) -> None:
        if not self.exchanges:
            await self.close()
