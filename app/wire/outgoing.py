"""What a connection has to send: a short queue, and a task that lives while something is in it.

Nothing is kept for a client that reads slowly but what it asked for: see `Outgoing.is_full`.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Any, Final, Protocol

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

    async def deliver(self) -> None: ...

    def deliver_now(self) -> "asyncio.Future[Any] | bool":
        """Sends it where that waits for nobody; whether it did, or what to wait for first."""


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
        "_waiting_bytes",
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
        self._waiting_bytes = 0
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
        self._waiting_bytes += sum(len(item) for item in items if isinstance(item, bytes))
        if self._sending is None and self.can_send:
            if self.is_ready:
                self._sending = asyncio.get_running_loop().call_soon(self._send_now)
            else:
                self._begin_to_send()

    def _send_now(self, _awaited: object = None) -> None:
        """Sends what waits for nobody; the rest gets a task, which costs more than all of this."""
        try:
            awaited = self._send_ready()
        except Exception as error:
            self._fail(error)
            return
        if awaited is not None:
            awaited.add_done_callback(self._send_now)
        elif self._due:
            self._begin_to_send()
        else:
            self._waiting_bytes = 0
            self._sending = None
            self.make_room()

    def _send_ready(self) -> "asyncio.Future[Any] | None":
        """Stops at what is not ready; the future is what that waits for, if nothing else."""
        while self._due and self.is_ready:
            item = self._due[0]
            if isinstance(item, bytes):
                self.transmit_now(item)
            else:
                is_sent = item.deliver_now()
                if isinstance(is_sent, asyncio.Future):
                    return is_sent
                if not is_sent:
                    return None
            del self._due[:1]  # there is none left where it ended the connection
        return None

    def _begin_to_send(self) -> None:
        self._rounds.sending.add(self)
        self._sending = asyncio.create_task(self._send_due())

    async def _send_due(self) -> None:
        try:
            while self._due and not self.is_closed:
                due, self._due = self._due, []
                self._waiting_bytes = 0
                for item in due:
                    if isinstance(item, bytes):
                        await self.transmit(item)
                    else:
                        await item.deliver()
                self.make_room()
            await self.sent_all()
        except Gone:
            self.end()
        except Exception as error:
            self._fail(error)
        finally:
            self.sending_since = 0.0
            self._rounds.sending.discard(self)
            self._sending = None

    def _fail(self, error: Exception) -> None:
        """A defect of ours: the client comes back, and waits for nothing meanwhile."""
        # neither the error's words nor its values: they may be anybody's
        log.error("a frame could not be sent: %s", type(error).__name__)
        self.stall()

    @property
    def is_full(self) -> bool:
        """Whether the client has asked for more than it takes."""
        return len(self._due) >= WAITING or self._waiting_bytes >= WAITING_BYTES

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
