"""uvicorn as the API needs it: bounded sockets, and an end that comes soon.

Everything that serves the API, also the tests, takes its server from here.
"""

import socket
from asyncio import BaseTransport
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.settings import Settings

_UNSENT_BYTES: Final = 64 * 1024
"""Bytes that wait in the kernel for a client that does not read, instead of megabytes."""
_NOTSENT_LOWAT: Final[int | None] = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_LAST_SECONDS: Final = 1.0
"""How long a client may take to read the end of its socket when the process ends."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, with bounds where it has none."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        _keep_little(transport)

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

    Of `scope["extensions"]`, `minplan.abort` is the transport's, `minplan.leave` the app's to set.
    """

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {"minplan.abort": self.transport.abort}
        self.scope["extensions"] = extensions

    def shutdown(self) -> None:
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete:
            extensions: dict[str, Any] = self.cycle.scope["extensions"]
            extensions.get("minplan.leave", _nothing)()


def _keep_little(transport: BaseTransport) -> None:
    """Has the kernel keep less for a client that does not read: what it keeps is soon old."""
    line = transport.get_extra_info("socket")
    is_tcp = line is not None and line.family in (socket.AF_INET, socket.AF_INET6)
    if is_tcp and _NOTSENT_LOWAT is not None:
        line.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT_BYTES)


def _nothing() -> None:
    """What a response that ends by itself does when the process ends."""


def server_for(app: ASGIApp, settings: Settings, **config: Any) -> uvicorn.Server:
    """A server of the API; config: what else uvicorn is to know."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            http=HttpProtocol,
            ws=SocketProtocol,
            ws_per_message_deflate=False,
            # the protocol has pings of its own (`app.wire.rounds`)
            ws_ping_interval=None,
            # what is larger than a message may be is told so, what is larger by far is cut off
            ws_max_size=2 * settings.max_body_bytes,
            # a live view never ends by itself; its client comes back to the next process
            timeout_graceful_shutdown=5,
            **config,
        )
    )
