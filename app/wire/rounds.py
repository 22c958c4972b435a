"""One clock for all connections of a transport: none has a timer or a task of its own for it."""

import asyncio
import time
from typing import Final, Protocol

_MOST_SLICES: Final = 60


class Visited(Protocol):
    """A connection that is looked after."""

    slice: int
    """Where it stands in the round; kept by `Rounds`."""
    sending_since: float
    """`monotonic` time at which the frame under way was handed over; 0 while none is."""

    def visit(self) -> None:
        """Once a round: tells the client that the connection lives, and asks whether it does."""

    def stall(self) -> None:
        """The client has not taken a frame for too long."""


class Rounds:
    """Visits each connection once in `seconds`, a slice of them at a time.

    stall_seconds: how long a frame may be under way. The clock stands still while nobody is
    connected.
    """

    def __init__(self, seconds: float, stall_seconds: float) -> None:
        slices = min(max(round(seconds), 1), _MOST_SLICES)
        self._tick_seconds = seconds / slices
        self._stall_seconds = stall_seconds
        self._slices: list[set[Visited]] = [set() for _ in range(slices)]
        self._turn = self._joined = 0
        self._timer: asyncio.TimerHandle | None = None
        self.sending: set[Visited] = set()
        """Those that have something under way."""

    def __len__(self) -> int:
        return sum(map(len, self._slices))

    def connections(self) -> list[Visited]:
        """All of them, as they are now."""
        return [connection for one in self._slices for connection in one]

    def join(self, connection: Visited) -> None:
        # by turns, so that those that come back together after a restart are spread
        connection.slice = self._joined = (self._joined + 1) % len(self._slices)
        self._slices[connection.slice].add(connection)
        if self._timer is None:
            self._set_timer()

    def leave(self, connection: Visited) -> None:
        self._slices[connection.slice].discard(connection)
        self.sending.discard(connection)

    def _set_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._tick_seconds, self._tick)

    def _tick(self) -> None:
        if not any(self._slices):
            self._timer = None
            return
        self._set_timer()
        latest = time.monotonic() - self._stall_seconds
        for connection in [c for c in self.sending if 0 < c.sending_since < latest]:
            connection.stall()
        self._turn = (self._turn + 1) % len(self._slices)
        for connection in list(self._slices[self._turn]):
            connection.visit()
