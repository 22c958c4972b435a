"""uvicorn's WebSocket, with bounds where it has none."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import State

from app.wire.ending import LAST_SECONDS, ending

_TEXT: Final = 0x81
"""The first byte of a text that is one frame."""
_PIECE: Final = 4096
"""Bytes that are read as frames at a time: at most 683, some milliseconds."""
_SMALL: Final = 512
"""Bytes of a fragment below which its frame costs more than what is in it."""
_FRAMES_PER_SECOND: Final = 100
"""Frames that are no messages, of one client for long; who sends messages waits instead."""
_FRAMES_AT_ONCE: Final = 500
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket: frames are read when there is room for them, closed is soon gone.

    It has a short way for texts, and is `minplan.texts` of `scope["extensions"]` until the socket
    is accepted.
    """

    slow_seconds: float
    _unread = b""
    """What came with a message that the app has not taken yet."""
    _frames = 0.0
    _counted_at = 0.0

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

    # --- what the client sends

    def data_received(self, data: bytes) -> None:
        """Reads piece by piece, for all frames of a piece are parsed at once, and up to a message:
        the rest waits until the app has taken that."""
        if self._unread:
            data, self._unread = self._unread + data, b""
        for start in range(0, len(data), _PIECE):
            if self.transport.is_closing():
                break
            if self.read_paused:
                self._unread = data[start:]
                break
            super().data_received(data[start : start + _PIECE])
            if self.conn.handshake_exc is not None and not self.close_sent:
                self._refuse_handshake()
        self._await_taking()

    async def receive(self) -> Any:
        """As uvicorn, but what was read with the last message comes before what was not."""
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()
            self._read_on()
        return message

    def _read_on(self) -> None:
        if self._unread:
            self.data_received(b"")

    def _refuse_handshake(self) -> None:
        """Says what websockets has to say of a head that it could not read, which uvicorn keeps."""
        self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
        self.close_sent = self.handshake_complete = True
        self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        if len(event.data) < _SMALL:
            self._count()
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answers a ping, unless what was sent before waits for the client.

        RFC 6455 asks for an answer to the latest ping only; answers to a client that does not
        read them would fill the memory.
        """
        self._count()
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_pong(self, event: Frame) -> None:
        self._count()
        super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """As uvicorn, which would log a text that is none, with all that is in it."""
        if self.close_sent:  # nobody takes it, so nothing makes the client wait
            self._count()
        elif self.curr_msg_data_type == "text" and not self._is_text():
            self.frames = []
            self.conn.fail(CloseCode.INVALID_DATA, "Invalid UTF-8")
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def _is_text(self) -> bool:
        """Whether the message that has come is UTF-8; a character may go on in the next frame."""
        self.frames = [b"".join(self.frames)]
        try:
            self.frames[0].decode()
        except UnicodeDecodeError:
            return False
        return True

    def _count(self) -> None:
        """Counts a frame for which no client waits; closes the socket of who sends too many."""
        now = self.loop.time()
        left = self._frames - (now - self._counted_at) * _FRAMES_PER_SECOND
        self._frames = max(left, 0.0) + 1
        self._counted_at = now
        if self._frames > _FRAMES_AT_ONCE and not self.transport.is_closing():
            self.conn.fail(CloseCode.POLICY_VIOLATION, "Too many frames")
            self.handle_parser_exception()

    # --- the end

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
        elif kind == "websocket.close":
            if self.close_timer is not None:  # uvicorn's, which would wait for the client
                self.close_timer.cancel()
                self.close_timer = self._cut_off_in(self.slow_seconds)
            self._read_on()
            self._await_taking()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self._await_taking()

    def _await_taking(self) -> None:
        """Cuts a closing connection off whose client does not take what it was sent before."""
        if self.close_timer is None and self.transport.is_closing() and not self.disconnected:
            self.close_timer = self._cut_off_in(self.slow_seconds)

    def _cut_off_in(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self.transport.abort)

    def shutdown(self) -> None:
        self._cut_off_in(LAST_SECONDS)
        with ending(self.transport):
            if self.conn.state is State.OPEN or not self.handshake_complete:
                super().shutdown()
            else:  # either side has said goodbye already
                self.transport.close()
