"""One operation of a connection."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from app.schema.answer import failed
from app.schema.live_operation import Event, LiveEnded, LiveOperation
from app.wire.outgoing import Gone


class Errors(Protocol):
    """A GraphQL error, of which the wire needs no more than its form."""

    @property
    def formatted(self) -> Any: ...


class Carrier(Protocol):
    """What an exchange needs of its connection."""

    exchanges: "dict[str, Exchange]"

    def put(self, *items: "bytes | Exchange") -> None: ...
    async def transmit(self, frame: bytes) -> None: ...
    def transmit_now(self, frame: bytes) -> None: ...
    def frame_of(self, operation_id: str, event: Event) -> bytes: ...
    def end_frame_of(self, operation_id: str) -> bytes: ...
    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]: ...
    def expire(self) -> None: ...


class Exchange:
    """First under way, then with its answer or live; nothing waits in it while it is idle."""

    __slots__ = ("_answer", "_carrier", "_is_asked", "_is_rung", "id", "live")

    def __init__(self, carrier: Carrier, operation_id: str) -> None:
        self._carrier = carrier
        self.id = operation_id
        self.live: LiveOperation | None = None
        self._answer: tuple[bytes, ...] = ()
        self._is_asked = self._is_rung = False

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
            self._carrier.put(self)

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

    def deliver_now(self) -> "asyncio.Future[Any] | bool":
        """Sends what is new where that waits for nobody; whether it did, or what to wait for."""
        if self.live is None or not self.is_current():
            return False
        try:
            found = self.live.news_now()
        except Exception as error:
            self.fail(error)
            return True
        if found is None:
            return False
        self._take_up()
        if isinstance(found, asyncio.Future):
            self._is_asked = True
            return found
        for event in found:
            self._carrier.transmit_now(self._carrier.frame_of(self.id, event))
        return True

    def _take_up(self) -> None:
        """A ring from now on needs another look; one since a look was asked for needs one too."""
        if not self._is_asked:
            self._is_rung = False
        self._is_asked = False

    async def deliver(self) -> None:
        """Sends the answer, or what is new."""
        if not self.is_current():
            return
        if self.live is None:
            await self._end(self._answer)
            return
        self._take_up()
        try:
            await self._deliver_news(self.live)
        except LiveEnded as ended:
            await self._deliver_end(ended.errors)
        except Gone:
            raise
        except Exception as error:
            self.fail(error)

    async def _deliver_news(self, live: LiveOperation) -> None:
        for event in await live.news():
            if not self.is_current():
                return
            await self._carrier.transmit(self._carrier.frame_of(self.id, event))

    async def _deliver_end(self, errors: Sequence[Errors]) -> None:
        """A live operation has come to its end by itself."""
        if not self.is_current():
            return
        if any(_code_of(error) == "UNAUTHENTICATED" for error in errors):
            self._carrier.expire()
        elif errors:
            await self._end(self._carrier.failure_of(self.id, errors_json(errors)))
        else:
            await self._end((self._carrier.end_frame_of(self.id),))

    async def _end(self, frames: Sequence[bytes]) -> None:
        del self._carrier.exchanges[self.id]  # the id is free again
        self.stop()
        for frame in frames:
            await self._carrier.transmit(frame)


def errors_json(errors: Sequence[Errors]) -> bytes:
    """Errors as a JSON list."""
    return orjson.dumps([error.formatted for error in errors])


def _code_of(error: Errors) -> object:
    return error.formatted.get("extensions", {}).get("code")
