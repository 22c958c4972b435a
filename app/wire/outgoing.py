"""What a connection has to send: a short queue, and a task while a client has yet to take a frame.

The queue waits for the client and for nothing else. Nothing is kept for a client that reads slowly
but what it asked for: see `Outgoing.is_full`.
"""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Protocol

from app.wire.rounds import Rounds

log = logging.getLogger("minplan.wire")

WAITING_BYTES: Final = 1024 * 1024
"""Bytes that may wait for a client before no more is taken from it."""
WAITING: Final = 256
"""Items that may wait for a client before no more is taken from it."""


class Gone(Exception):
    """The client has left, or the server has closed its connection."""


class Deliverable(Protocol):
    """What knows only when its turn has come what is to be sent of it."""

    @property
    def size(self) -> int:
        """Bytes that it keeps for the client."""

    def frames(self) -> "Sequence[bytes | Deliverable]":
        """What is sent of it now. Nothing where it has to wait itself; then it comes back."""


class Texts(Protocol):
    """The short way to a client (`app.wire.server`)."""

    @property
    def is_ready(self) -> bool: ...
    def send_text(self, text: bytes) -> None: ...


class Outgoing(ABC):
    """The sending half of a connection."""

    __slots__ = (
        "_due",
        "_room",
        "_rounds",
        "_sending",
        "_texts",
        "is_closed",
        "sending_since",
        "slice",
    )

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self.is_closed = False
        self.sending_since = 0.0
        self.slice = 0
        self._due: list[bytes | Deliverable] = []
        self._sending: asyncio.Task[None] | asyncio.Handle | None = None
        self._room: asyncio.Future[None] | None = None
        self._texts: Texts | None = None

    @abstractmethod
    async def transmit(self, frame: bytes) -> None:
        """Hands one frame to the server, which takes it when the client reads; raises Gone."""

    @property
    def is_ready(self) -> bool:
        """Whether the server takes a frame at once; False where it does not say."""
        return self._texts is not None and self._texts.is_ready

    def transmit_now(self, frame: bytes) -> None:
        """Hands one frame to a server that is ready."""
        assert self._texts is not None
        self._texts.send_text(frame)

    @abstractmethod
    def end(self) -> None:
        """Lets go of everything; may be called twice."""

    @abstractmethod
    def visit(self) -> None:
        """Once a round: tells the client that the connection lives, and asks whether it does."""

    @abstractmethod
    def stall(self) -> None:
        """The client has not taken a frame for too long, or cannot be sent one."""

    async def sent_all(self) -> None:  # noqa: B027 - for most there is nothing to do then
        """Nothing waits any more. Not told to one that is ever ready."""

    @property
    def can_send(self) -> bool:
        return True

    def put(self, *items: bytes | Deliverable) -> None:
        """Sends frames, or what others have, after all that waits."""
        if self.is_closed:
            return
        self._due += items
        if self._sending is None and self.can_send:
            if self.is_ready:
                self._sending = asyncio.get_running_loop().call_soon(self._send_now)
            else:
                self._begin_to_send()

    def _send_now(self) -> None:
        """Sends to a client that takes it at once; else there is a task, which costs far more."""
        try:
            while self.is_ready and (frame := self._next()) is not None:
                self.transmit_now(frame)
        except Exception as error:
            self._fail(error)
            return
        if self._due:
            self._begin_to_send()
        else:
            self._sending = None

    def _begin_to_send(self) -> None:
        self._rounds.sending.add(self)
        self._sending = asyncio.create_task(self._send_due())

    async def _send_due(self) -> None:
        try:
            while (frame := self._next()) is not None:
                self.sending_since = time.monotonic()
                await self.transmit(frame)
                self.sending_since = 0.0
            await self.sent_all()
        except Gone:
            self.end()
        except Exception as error:
            self._fail(error)
        finally:
            self.sending_since = 0.0
            self._rounds.sending.discard(self)
            self._sending = None

    def _next(self) -> bytes | None:
        """The first frame that waits. Who has it is asked for it only now."""
        while self._due:
            item = self._due.pop(0)
            self.make_room()
            if isinstance(item, bytes):
                return item
            self._due[:0] = item.frames()
        return None

    def _fail(self, error: Exception) -> None:
        """A defect of ours: the client comes back, and waits for nothing meanwhile."""
        # neither the error's words nor its values: they may be anybody's
        log.error("a frame could not be sent: %s", type(error).__name__)
        self.stall()

    @property
    def is_full(self) -> bool:
        """Whether the client has asked for more than it takes."""
        return len(self._due) >= WAITING or sum(map(_size_of, self._due)) >= WAITING_BYTES

    async def room(self) -> None:
        """Waits until the client has taken enough of what it asked for to ask for more."""
        while self.is_full and not self.is_closed:
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def make_room(self) -> None:
        """Has who waits for room look again."""
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    def end_sending(self) -> None:
        """What was not sent is not sent any more."""
        self.is_closed = True
        self._due = []
        self._rounds.leave(self)
        if self._sending is not None and self._sending is not asyncio.current_task():
            self._sending.cancel()
        self.make_room()


def _size_of(item: bytes | Deliverable) -> int:
    return len(item) if isinstance(item, bytes) else item.size
