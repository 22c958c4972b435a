"""`/graphql` over WebSocket: the protocol graphql-transport-ws.

After PROTOCOL.md of the package `graphql-ws`. A socket whose client does not read is not buffered
for: see `app.wire.connection`.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send

from app.domain.viewer import NEVER, Viewer
from app.errors import AppError, Unauthenticated
from app.identity import Authenticate
from app.schema.answer import failed
from app.schema.engine import Engine
from app.schema.live_operation import Event
from app.schema.request import Caller
from app.settings import Settings
from app.wire.connection import Connection
from app.wire.headers import address_of, headers_of, text_of
from app.wire.language import preferred_language
from app.wire.messages import (
    BAD,
    EXISTS,
    FORBIDDEN,
    GOING_AWAY,
    INIT_TIMEOUT,
    INTERNAL,
    NO_PROTOCOL,
    TOO_MANY_INITS,
    TRY_LATER,
    UNAUTHORIZED,
    Closing,
    authorization_in,
    id_of,
    payload_of,
    pong_to,
    read_message,
)
from app.wire.metrics import CLOSES, CONNECTIONS
from app.wire.origin import Origins
from app.wire.outgoing import Gone, Texts
from app.wire.params import BadRequest, read_params
from app.wire.rounds import Rounds

PROTOCOL: Final = "graphql-transport-ws"

_BEFORE_ACK: Final = 64 * 1024
"""Bytes of a message of a client that has not said who it is."""
_BURST_SECONDS: Final = 2.0
_REASON_BYTES: Final = 123
_SILENT_ROUNDS: Final = 2
_PING: Final = b'{"type":"ping"}'


class WebSockets:
    """All sockets of one process; an ASGI app for WebSocket scopes."""

    def __init__(self, engine: Engine, authenticate: Authenticate, settings: Settings) -> None:
        self.engine = engine
        self.authenticate = authenticate
        self.rounds = Rounds(settings.ws_ping_seconds, settings.slow_client_seconds)
        self.init_seconds = settings.connection_init_seconds
        self.max_bytes = settings.max_body_bytes
        self.max_operations = settings.operations_per_connection
        self.messages_per_second = settings.ws_messages_per_second
        self._origins = Origins(settings)
        CONNECTIONS.labels("websocket").set_function(self.rounds.__len__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        texts = scope["extensions"]["minplan.texts"]
        await receive()  # websocket.connect
        if not self._origins.allow(headers):
            await send({"type": "websocket.close"})  # before it is accepted: HTTP 403
            return
        if PROTOCOL not in scope["subprotocols"]:
            # accepted first, so that a client can read why
            await send({"type": "websocket.accept"})
            await send(_close(NO_PROTOCOL, "Subprotocol not acceptable"))
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        language = preferred_language(text_of(headers, b"accept-language"))
        caller = Caller(language=language, address=address_of(scope))
        authorization = text_of(headers, b"authorization")
        socket = Socket(self, receive, send, texts, caller, authorization)
        # nothing of the handshake is kept while the socket lives
        del scope, headers
        await socket.serve()

    def recheck(self, is_revoked: Callable[[Viewer], bool]) -> None:
        """Closes the sockets of those whose tokens are no longer accepted."""
        for socket in self.rounds.connections():
            if isinstance(socket, Socket) and is_revoked(socket.caller.viewer):
                socket.expire()


class Socket(Connection):
    """One client's socket, from its handshake to its end."""

    __slots__ = (
        "_allowance",
        "_authorization",
        "_face",
        "_heard_at",
        "_is_acknowledged",
        "_receive",
        "_send",
        "_silent_rounds",
    )

    def __init__(
        self,
        face: WebSockets,
        receive: Receive,
        send: Send,
        texts: Texts,
        caller: Caller,
        authorization: str | None,
    ) -> None:
        """caller: nobody yet; authorization: of the handshake."""
        super().__init__(face.engine, face.rounds, caller)
        self._face = face
        self._receive = receive
        self._send = send
        self._texts = texts
        self._authorization = authorization
        self._is_acknowledged = False
        self._silent_rounds = 0
        self._heard_at = 0.0
        self._allowance = 0.0

    async def serve(self) -> None:
        """Answers messages until the socket is closed by either side."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._face.init_seconds, self._init_is_late)
        self._rounds.join(self)
        try:
            while await self._take():
                pass
        finally:
            self.end()

    async def _take(self) -> bool:
        """Takes one message, and keeps nothing of it; whether more may follow."""
        message = await self._receive()
        if message["type"] != "websocket.receive" or self.is_closed:
            return False
        self._silent_rounds = 0
        try:
            await self._throttle()
            most = self._face.max_bytes if self._is_acknowledged else _BEFORE_ACK
            await self._handle(read_message(message, most))
            del message
            await self.room()
        except Closing as closing:
            await self.close(closing.code, closing.reason)
        except Gone:
            return False
        except Exception as error:
            await self.close(INTERNAL, failed(error).errors[0].message)
        return not self.is_closed

    async def _throttle(self) -> None:
        """Lets a client that sends too fast wait; its messages wait in its own socket then."""
        now, rate = asyncio.get_running_loop().time(), self._face.messages_per_second
        earned = (now - self._heard_at) * rate
        self._allowance = min(self._allowance + earned, rate * _BURST_SECONDS) - 1
        self._heard_at = now
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / rate)

    # --- messages of the client

    async def _handle(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "subscribe":
            self._subscribe(message)
        elif kind == "complete":
            self.stop(id_of(message))
        elif kind == "ping":
            self.put(pong_to(message))
        elif kind == "pong":
            payload_of(message)
        elif kind == "connection_init":
            await self._init(payload_of(message) or {})
        else:
            raise Closing(BAD, "The message's `type` is not one of graphql-transport-ws.")

    async def _init(self, payload: dict[str, Any]) -> None:
        if self._is_acknowledged:
            raise Closing(TOO_MANY_INITS, "Too many initialisation requests")
        self.cancel_timer()
        given = authorization_in(payload)
        presented = self._authorization if given is None else given
        try:
            viewer = await self._face.authenticate(presented, self.caller.address or None)
            if viewer.expires_at <= time.time():
                raise Unauthenticated
        except AppError:
            raise Closing(FORBIDDEN, "Forbidden") from None
        self._authorization = None
        self.caller = replace(self.caller, viewer=viewer)
        self._is_acknowledged = True
        self.expire_in_time()
        told: dict[str, Any] = {"role": viewer.role.value}
        if viewer.expires_at < NEVER:
            told["expiresAt"] = viewer.expires_at
        self.put(orjson.dumps({"type": "connection_ack", "payload": told}))

    def _subscribe(self, message: dict[str, Any]) -> None:
        operation_id = id_of(message)
        try:
            request = read_params(message.get("payload"))
        except BadRequest as wrong:
            raise Closing(BAD, wrong.message) from None
        if not self._is_acknowledged:
            raise Closing(UNAUTHORIZED, "Unauthorized")
        if operation_id in self.exchanges:
            raise Closing(EXISTS, f"Subscriber for {operation_id} already exists")
        if len(self.exchanges) >= self._face.max_operations:
            most = f"One connection has at most {self._face.max_operations} operations."
            errors = [{"message": most, "extensions": {"code": "RATE_LIMITED"}}]
            self.put(*self.failure_of(operation_id, orjson.dumps(errors)))
            return
        self.begin(operation_id, request)

    # --- frames to the client

    async def transmit(self, frame: bytes) -> None:
        if self.is_ready:
            self.transmit_now(frame)
            return
        try:
            await self._send({"type": "websocket.send", "text": frame.decode()})
        except (OSError, RuntimeError):  # uvicorn's words for a socket that is closed or closing
            raise Gone from None

    def frame_of(self, operation_id: str, event: Event) -> bytes:
        return b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(operation_id), event.payload)

    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]:
        return (b'{"id":%b,"type":"error","payload":%b}' % (orjson.dumps(operation_id), errors),)

    def end_frame_of(self, operation_id: str) -> bytes:
        return b'{"id":%b,"type":"complete"}' % orjson.dumps(operation_id)

    # --- the end

    def visit(self) -> None:
        # one that is being sent to is not asked: `stall` watches whether it takes anything
        if not self._is_acknowledged or self._sending is not None:
            return
        self._silent_rounds += 1
        if self._silent_rounds > _SILENT_ROUNDS:
            self._close_soon(GOING_AWAY, "No answer to a ping")
        else:
            self.put(_PING)

    def stall(self) -> None:
        self._close_soon(TRY_LATER, "The client reads too slowly")

    def expire(self) -> None:
        self._close_soon(FORBIDDEN, "Forbidden")

    def _init_is_late(self) -> None:
        self._close_soon(INIT_TIMEOUT, "Connection initialisation timeout")

    def _close_soon(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.create_task(self.close(code, reason))

    async def close(self, code: int, reason: str) -> None:
        """Stops everything and tells the client why."""
        if self.is_closed:
            return
        self.end()
        CLOSES.labels(code).inc()
        # what uvicorn raises where the client was faster
        with suppress(OSError, RuntimeError):
            await self._send(_close(code, reason))


def _close(code: int, reason: str) -> dict[str, Any]:
    short = reason.encode()[:_REASON_BYTES].decode(errors="ignore")
    return {"type": "websocket.close", "code": code, "reason": short}
