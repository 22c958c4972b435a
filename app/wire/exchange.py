"""One operation of a connection."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from app.schema.live_operation import Event, LiveEnded, LiveOperation
from app.wire.outgoing import Gone

log = logging.getLogger("minplan.wire")


class Errors(Protocol):
    """A GraphQL error, of which the wire needs no more than its form."""

    @property
    def formatted(self) -> Any: ...


class Carrier(Protocol):
    """What an exchange needs of its connection."""

    exchanges: "dict[str, Exchange]"

    def put(self, *items: "bytes | Exchange") -> None: ...
    async def transmit(self, frame: bytes) -> None: ...
    def frame_of(self, operation_id: str, event: Event) -> bytes: ...
    def end_frame_of(self, operation_id: str) -> bytes: ...
    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]: ...
    def expire(self) -> None: ...


class Exchange:
    """First under way, then with its answer or live; nothing waits in it while it is idle."""

    __slots__ = ("_answer", "_carrier", "_is_rung", "id", "live", "task")

    def __init__(self, carrier: Carrier, operation_id: str) -> None:
        self._carrier = carrier
        self.id = operation_id
        self.task: asyncio.Task[None] | None = None
        self.live: LiveOperation | None = None
        self._answer: tuple[bytes, ...] = ()
        self._is_rung = False

    def is_current(self) -> bool:
        """Whether the client still wants to hear of it."""
        return self._carrier.exchanges.get(self.id) is self

    def follow(self, live: LiveOperation) -> None:
        """Becomes live."""
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
        # neither the error's words nor its values: they may be anybody's
        log.error("an operation failed: %s", type(error).__name__)
        failed = [{"message": "Something went wrong.", "extensions": {"code": "INTERNAL"}}]
        self.settle(*self._carrier.failure_of(self.id, orjson.dumps(failed)))

    def stop(self) -> None:
        """Nothing of it is sent from now on. A mutation that has begun comes to its end."""
        if self.live is not None:
            self.live.close()
        if self.task is not None:
            self.task.cancel()

    async def deliver(self) -> None:
        """Sends the answer, or what is new."""
        if not self.is_current():
            return
        if self.live is None:
            await self._end(self._answer)
            return
        self._is_rung = False
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
