"""One operation of a connection."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from app.schema.answer import failed
from app.schema.live_operation import Event, LiveEnded, LiveOperation


class Errors(Protocol):
    """A GraphQL error, of which the wire needs no more than its form."""

    @property
    def formatted(self) -> Any: ...


class Carrier(Protocol):
    """What an exchange needs of its connection."""

    exchanges: "dict[str, Exchange]"

    @property
    def is_expired(self) -> bool: ...
    def put(self, *items: "bytes | Exchange") -> None: ...
    def takes_turn(self, exchange: "Exchange") -> bool: ...
    def end_turn(self) -> None: ...
    def frame_of(self, operation_id: str, event: Event) -> bytes: ...
    def end_frame_of(self, operation_id: str) -> bytes: ...
    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]: ...
    def expire(self) -> None: ...


class Exchange:
    """First under way, then with its answer or live; nothing waits in it while it is idle.

    It stands in its connection's queue once, or waits for its turn to ask for news, or for those it
    has asked for.
    """

    __slots__ = ("_answer", "_carrier", "_events", "_is_asked", "_is_rung", "id", "live")

    def __init__(self, carrier: Carrier, operation_id: str) -> None:
        self._carrier = carrier
        self.id = operation_id
        self.live: LiveOperation | None = None
        self._answer: tuple[bytes, ...] = ()
        self._events: Sequence[Event] = ()
        self._is_asked = self._is_rung = False

    @property
    def size(self) -> int:
        """Bytes that wait for the client."""
        return sum(map(len, self._answer)) + sum(len(event.payload) for event in self._events)

    def is_current(self) -> bool:
        """Whether the client still wants to hear of it."""
        return self._carrier.exchanges.get(self.id) is self

    def follow(self, live: LiveOperation) -> None:
        """Becomes live, unless it was stopped or its connection ended meanwhile."""
        if not self.is_current():
            live.close()
            return
        self.live = live
        live.open(self.ring)

    def ring(self) -> None:
        """There may be news."""
        if not self._is_rung:
            self._is_rung = True
            if not self._is_asked:
                self._carrier.put(self)

    def visit(self) -> None:
        """Once a round, where an operation may have begun with another token than its carrier."""
        if self.live is not None and self.live.is_expired:
            self.ring()

    def settle(self, *frames: bytes) -> None:
        """These frames are all that is still sent of it."""
        if self.live is not None:
            self.live.close()
            self.live = None
        self._answer = frames
        if self.is_current():
            self._carrier.put(self)

    def fail(self, error: Exception) -> None:
        """Ends with an error that is the server's."""
        errors = [one.formatted for one in failed(error).errors]
        self.settle(*self._carrier.failure_of(self.id, orjson.dumps(errors)))

    def stop(self) -> None:
        """Nothing of it is sent from now on.

        What runs comes to its end: a mutation is not cut off, a read is short, and graphql-core
        leaves coroutines behind that nobody awaits when it is cancelled.
        """
        if self.live is not None:
            self.live.close()

    def frames(self) -> "Sequence[bytes | Exchange]":
        """The answer, or one event and itself if it has more; nothing while news are waited for."""
        if not self.is_current():
            self._end_turn()
            return ()
        if self.live is None:
            return self._end(self._answer)
        try:
            self._events = self._events or self._news(self.live)
        except LiveEnded as ended:
            return self._ended(ended.errors)
        except Exception as error:
            self.fail(error)
            return ()
        if not self._events:
            return ()
        event, *self._events = self._events
        frame = self._carrier.frame_of(self.id, event)
        return (frame, self) if self._events else (frame,)  # it may be stopped in between

    def _news(self, live: LiveOperation) -> Sequence[Event]:
        if not self._is_asked:
            if not self._carrier.takes_turn(self):
                return ()
            self._is_asked, self._is_rung = True, False  # a ring from now on needs another look
        found = live.news_now()
        if isinstance(found, asyncio.Future):
            found.add_done_callback(self._come_back)
            return ()
        self._end_turn()
        if self._is_rung:
            self._carrier.put(self)
        return found

    def _end_turn(self) -> None:
        """What it asked for is here, or nobody's any more."""
        if self._is_asked:
            self._is_asked = False
            self._carrier.end_turn()

    def _come_back(self, _asked: object) -> None:
        self._carrier.put(self)

    def _ended(self, errors: Sequence[Errors]) -> Sequence[bytes]:
        """A live operation has come to its end by itself."""
        if self._carrier.is_expired:
            self._carrier.expire()
            return ()
        if errors:
            return self._end(self._carrier.failure_of(self.id, errors_json(errors)))
        return self._end((self._carrier.end_frame_of(self.id),))

    def _end(self, frames: Sequence[bytes]) -> Sequence[bytes]:
        del self._carrier.exchanges[self.id]  # the id is free again
        self._end_turn()
        self.stop()
        return frames


def errors_json(errors: Sequence[Errors]) -> bytes:
    """Errors as a JSON list."""
    return orjson.dumps([error.formatted for error in errors])
