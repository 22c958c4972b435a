"""What a connection has to send: a short queue, and a task that lives while something is in it.

Nothing is kept for a client that reads slowly but what it asked for: see `Outgoing.is_full`.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import Final, Protocol

from app.wire.rounds import Rounds

WAITING_BYTES: Final = 1024 * 1024
"""Bytes that may wait for a client before no more is taken from it."""
WAITING: Final = 256
"""Items that may wait for a client before no more is taken from it."""


class Gone(Exception):
    """The client has left, or the server has closed its connection."""


class Deliverable(Protocol):
    """What knows only when its turn has come what is to be sent of it."""

    async def deliver(self) -> None: ...


class Outgoing(ABC):
    """The sending half of a connection."""

    __slots__ = (
        "_due",
        "_room",
        "_rounds",
        "_sending",
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
        self._sending: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None

    @abstractmethod
    async def transmit(self, frame: bytes) -> None:
        """Hands one frame to the server, which takes it when the client reads; raises Gone."""

    @abstractmethod
    def end(self) -> None:
        """Lets go of everything; may be called twice."""

    @abstractmethod
    def visit(self) -> None:
        """Once a round: tells the client that the connection lives, and asks whether it does."""

    @abstractmethod
    def stall(self) -> None:
        """The client has not taken a frame for too long."""

    async def sent_all(self) -> None:  # noqa: B027 - for most there is nothing to do then
        """Nothing waits any more."""

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
        finally:
            self.sending_since = 0.0
            self._rounds.sending.discard(self)
            self._sending = None

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
