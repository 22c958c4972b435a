"""uvicorn as the API needs it: bounded sockets, and an end that comes soon.

Everything that serves the API, also the tests, takes its server from here.
"""

import asyncio
import socket
from asyncio import BaseTransport
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from app.settings import Settings

_UNSENT_BYTES: Final = 64 * 1024
"""Bytes that wait in the kernel for a client that does not read, instead of megabytes."""
_NOTSENT_LOWAT: Final[int | None] = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_HEAD_BYTES: Final = 64 * 1024
"""Bytes of a request's URL and headers; of what is not whole, a read of the socket more."""
_TOO_LARGE: Final = b"431 Request Header Fields Too Large"
_TOO_SLOW: Final = b"408 Request Timeout"
_REFUSAL: Final = b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LAST_SECONDS: Final = 1.0
"""How long a client may take to read the end of its socket when the process ends."""


_TEXT: Final = 0x81
"""The first byte of a text that is one frame."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, with bounds where it has none, and a short way for texts.

    It is `minplan.texts` of `scope["extensions"]` until the socket is accepted.
    """

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions["minplan.texts"] = self

    @property
    def is_ready(self) -> bool:
        """Whether the socket is open and its client takes what it is sent."""
        if self.disconnected or self.transport.is_closing():
            return False
        return self.writable.is_set() and self.conn.state is State.OPEN

    def send_text(self, text: bytes) -> None:
        """What `send` does with a text while `is_ready`, at a fifth of its cost (RFC 6455, 5.2)."""
        size = len(text)
        if size < 126:
            head = bytes((_TEXT, size))
        elif size < 1 << 16:
            head = bytes((_TEXT, 126)) + size.to_bytes(2)
        else:
            head = bytes((_TEXT, 127)) + size.to_bytes(8)
        self.transport.write(head + text)

    def handle_ping(self) -> None:
        """Answers a ping, unless what was sent before waits for the client.

        RFC 6455 asks for an answer to the latest ping only; answers to a client that does not
        read them would fill the memory.
        """
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    async def send(self, message: Any) -> None:
        """As uvicorn, but to close does not wait for a client that does not read."""
        kind = message["type"]
        if kind == "websocket.close":
            self.writable.set()
        await super().send(message)
        self.scope["extensions"].pop("minplan.texts", None)  # it would keep itself alive
        if kind == "websocket.accept":
            # what was said in the handshake is some kilobytes, and nobody's any more
            del self.request, self.response
            self.scope["headers"] = ()
        elif kind == "websocket.close" and self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(_LAST_SECONDS, self.transport.abort)


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which tells event streams that the process ends, and lets them cut off.

    Of `scope["extensions"]`, `minplan.abort` is the transport's, `minplan.leave` the app's to set,
    and `minplan.is_leaving` is there for who comes too late to set it. What comes before a body,
    the head, is bounded in bytes and in time, and an answer in the time in which a client takes
    it, which uvicorn leaves open.
    """

    head_seconds: float
    slow_seconds: float
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _head_is_too_large = False
    _taking_timer: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None
    """The request that is answered; uvicorn's `cycle` is the newest, which may wait behind it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        _keep_little(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        self._forget_taking()
        self._disconnect()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _disconnect(self) -> None:
        """Tells the request that is answered that nobody hears the answer."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    # --- the head of a request

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # what is still read here was not large enough for the parser to have told of it
        if self._head_timer is not None and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES:
                self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()
        extensions: dict[str, Any] = {"minplan.abort": self.transport.abort}
        self.scope["extensions"] = extensions

    def on_headers_complete(self) -> None:
        self._forget_head()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > _HEAD_BYTES:
            self._head_is_too_large = True
            raise ValueError("the head is too large")
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if self._head_is_too_large:
            self._refuse(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _await_head(self) -> None:
        self._forget_head()
        self._head_timer = self.loop.call_later(self.head_seconds, self._refuse, _TOO_SLOW)

    def _forget_head(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: bytes) -> None:
        """Ends the connection, with a word unless an answer is under way or nothing was asked."""
        self._forget_head()
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self.scope is not None and not is_answering:
            self.transport.write(_REFUSAL % status)
        self.transport.close()
        self._await_taking()

    # --- a client that does not read

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        # a connection that closes has no more to say, but has not said it all yet
        if not self.transport.is_closing():
            self._forget_taking()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_taking()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._await_taking()

    def _await_taking(self) -> None:
        if self._taking_timer is None:
            self._taking_timer = self.loop.call_later(self.slow_seconds, self.transport.abort)

    def _forget_taking(self) -> None:
        if self._taking_timer is not None:
            self._taking_timer.cancel()
            self._taking_timer = None

    # --- the end of the process

    def shutdown(self) -> None:
        """Ends what waits or never ends; what is answered is answered, what is behind it is not."""
        super().shutdown()
        self.pipeline.clear()
        running = self._running
        if running is None or running.response_complete:
            self._await_taking()
            return
        running.keep_alive = False
        extensions: dict[str, Any] = running.scope["extensions"]
        extensions["minplan.is_leaving"] = True
        leave = extensions.get("minplan.leave")
        if leave is not None:
            leave()
            self.loop.call_later(_LAST_SECONDS, self.transport.abort)

    def cut_off(self) -> None:
        """Ends the connection without a word: what is under way may still come to its end."""
        self._disconnect()
        self.transport.abort()


class Server(uvicorn.Server):
    """uvicorn, but who is not answered in time is not told a failure that was none."""

    async def _wait_tasks_to_complete(self) -> None:
        try:
            await super()._wait_tasks_to_complete()
        except asyncio.CancelledError:  # now uvicorn cancels all tasks, and would answer 500
            for connection in list(self.server_state.connections):
                if isinstance(connection, HttpProtocol):
                    connection.cut_off()
            raise


def _keep_little(transport: BaseTransport) -> None:
    """Has the kernel keep less for a client that does not read: what it keeps is soon old."""
    line = transport.get_extra_info("socket")
    is_tcp = line is not None and line.family in (socket.AF_INET, socket.AF_INET6)
    if is_tcp and _NOTSENT_LOWAT is not None:
        line.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT_BYTES)


def server_for(app: ASGIApp, settings: Settings, **config: Any) -> uvicorn.Server:
    """A server of the API; config: what else uvicorn is to know."""
    patience = {
        "head_seconds": settings.body_seconds,
        "slow_seconds": settings.slow_client_seconds,
    }
    return Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            http=type("HttpProtocol", (HttpProtocol,), patience),
            ws=SocketProtocol,
            ws_per_message_deflate=False,
            # the protocol has pings of its own (`app.wire.rounds`)
            ws_ping_interval=None,
            # what is larger than a message may be is told so, what is larger by far is cut off
            ws_max_size=2 * settings.max_body_bytes,
            # for mutations: live views, whose clients come back to another process, end at once
            timeout_graceful_shutdown=settings.shutdown_seconds,
            **config,
        )
    )
