"""uvicorn's HTTP, with bounds where it has none."""

import asyncio
import socket
from asyncio import BaseTransport
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.wire.ending import LAST_SECONDS, ending
from app.wire.http_flow import Flow
from app.wire.http_parser import RequestParser

_UNSENT_BYTES: Final = 64 * 1024
"""Bytes that wait in the kernel for a client that does not read, instead of megabytes."""
_NOTSENT_LOWAT: Final[int | None] = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_HEAD_BYTES: Final = 64 * 1024
"""Bytes of a request's URL and headers; of what is not whole, a piece more."""
_PIECE: Final = 4096
"""Bytes that are parsed at a time: at most 228 requests, which all begin at once."""
_TOO_LARGE: Final = b"431 Request Header Fields Too Large"
_TOO_SLOW: Final = b"408 Request Timeout"
_REFUSAL: Final = b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which tells event streams that the process ends, and lets them cut off.

    Of `scope["extensions"]`, `minplan.abort` is the transport's, `minplan.leave` the app's to set,
    and `minplan.is_leaving` is there for who comes too late to set it. What is no body is bounded
    in bytes, and an answer in the time in which a client takes it, which uvicorn leaves open. While
    nothing is answered a timer runs: uvicorn's where nothing has come since the last answer, else
    that of the head that must come next.
    """

    head_seconds: float
    slow_seconds: float
    flow: Flow
    _head_timer: asyncio.TimerHandle | None = None
    _is_in_head = False
    """Whether a head has begun that is not whole."""
    _head_is_too_large = False
    _loose_bytes = 0
    """What was parsed since a head began or some of a body came, but for that piece itself."""
    _wrong: str | None = None
    """What is to be said, after the answers before it, of what cannot be read."""
    _taking_timer: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None
    """The request that is answered; uvicorn's `cycle` is the newest, which may wait behind it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.parser = RequestParser(self)
        self.flow = Flow(transport)
        _keep_little(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        self._forget_taking()
        self._forget_waiting()
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

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _is_behind(self) -> bool:
        """Whether what is read now is behind a request that is not answered yet."""
        running = self._running
        return running is not None and not (running.response_complete or running.more_body)

    @property
    def _is_deaf(self) -> bool:
        """Whether what is read now is behind all that will be answered."""
        is_last = self._running is not None and not self._running.keep_alive
        return self._wrong is not None or (is_last and self._is_behind)

    # --- what the client sends

    def data_received(self, data: bytes) -> None:
        """Reads piece by piece, for all requests of a piece begin at once, and up to one that has
        to wait: the rest waits unread until that is answered. Behind the last answer nothing is
        heard, but it is read: a close before that would have the client lose the answer."""
        data = self.flow.take() + data
        for start in range(0, len(data), _PIECE):
            if self._is_deaf:
                break
            if self.pipeline:
                self.flow.keep(data[start:])
                break
            self._parse(data[start : start + _PIECE])
            if self._is_gone:
                return
            if self.transport.is_closing():
                break
        if self.transport.is_closing():
            self._await_taking()
        elif self._head_timer is None and not self._is_answering:
            self._await_head()

    def _parse(self, piece: bytes) -> None:
        self._loose_bytes += len(piece)
        super().data_received(piece)
        is_over = self._is_gone or self.transport.is_closing()
        if self._loose_bytes > _HEAD_BYTES and not is_over:
            self._head_is_too_large = True
            self.send_400_response("")

    @property
    def _is_gone(self) -> bool:
        """Whether the connection is a WebSocket's now."""
        return self.transport.get_protocol() is not self

    def _read_on(self) -> None:
        """Goes on with what was read and waits, now that no whole request waits before it."""
        if self._wrong is not None:
            self.send_400_response(self._wrong)
        elif unread := self.flow.take():
            self.flow.resume_reading()
            self.data_received(unread)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._forget_head()
        self._is_in_head = True
        extensions: dict[str, Any] = {"minplan.abort": self.transport.abort}
        self.scope["extensions"] = extensions

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_in_head:  # else it is a trailer's, behind the body, and nothing asks for those
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._forget_head()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > _HEAD_BYTES:
            self._head_is_too_large = True
            raise ValueError("the head is too large")
        self._is_in_head = False
        if not self._has_other_upgrade:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._loose_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._has_other_upgrade:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """In its turn, for before that it would be taken for the answer to another request."""
        if self._is_behind:
            self._wrong = msg
            if self.pipeline and self.cycle.more_body:  # the newest waits, and its body is wrong
                self.pipeline.popleft()
        elif self._head_is_too_large:
            self._refuse(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._refuse, _TOO_SLOW)

    def _forget_head(self) -> None:
        self._loose_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: bytes) -> None:
        """Ends the connection, with a word where a head is to be answered."""
        self._forget_head()
        if self._is_in_head and not self._is_answering:
            self.transport.write(_REFUSAL % status)
        self.transport.close()
        self._await_taking()

    # --- other protocols

    @property
    def _has_other_upgrade(self) -> bool:
        """Whether the head asks for another protocol than a WebSocket's."""
        if not self.parser.should_upgrade() or self._should_upgrade():
            return False
        return self.parser.get_method() != b"CONNECT"

    def head_without_upgrade(self) -> bytes | None:
        """The head that was read last, to be read again; None where its upgrade is wanted."""
        if not self._has_other_upgrade:
            return None
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % one for one in self.headers if one[0] != b"upgrade"]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def handle_websocket_upgrade(self) -> None:
        """Not behind an answer that goes on or waits for the client: nobody would tell it from the
        socket's frames, and the socket would not know that nothing more can be written."""
        if self._is_answering or self.flow.write_paused:
            self.transport.close()
            return
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # it would keep both of them alive

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
        if not self.pipeline and not self.transport.is_closing():
            self._read_on()
        if self.transport.is_closing():
            self._await_taking()
        elif self._is_in_head and not self._is_answering:  # the next one has begun meanwhile
            self._unset_keepalive_if_required()
            self._await_head()

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
        with ending(self.transport):
            super().shutdown()
            self._forget_waiting()
            self.flow.resume_reading()
            self._end_running()

    def _forget_waiting(self) -> None:
        self.pipeline.clear()
        self.flow.take()

    def _end_running(self) -> None:
        running = self._running
        if running is None or running.response_complete:
            self._await_taking()
            return
        running.keep_alive = False
        extensions: dict[str, Any] = running.scope["extensions"]
        extensions["minplan.is_leaving"] = True
        leave = extensions.get("minplan.leave")
        if leave is not None:
            self.loop.call_later(LAST_SECONDS, self.transport.abort)
            leave()

    def cut_off(self) -> None:
        """Ends the connection without a word: what is under way may still come to its end."""
        self._disconnect()
        self.transport.abort()


def _keep_little(transport: BaseTransport) -> None:
    """Has the kernel keep less for a client that does not read: what it keeps is soon old."""
    line = transport.get_extra_info("socket")
    is_tcp = line is not None and line.family in (socket.AF_INET, socket.AF_INET6)
    if is_tcp and _NOTSENT_LOWAT is not None:
        line.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT_BYTES)
