"""What all connections that carry several answers share: their operations.

A connection has one task, the server's own, which waits for the client, and a second one while
something is sent. A live operation that is rung stands in the queue once and is asked for its news
when its turn has come, so that a client that reads slowly gets the newest state. What has to wait
for its news leaves the queue until it has them.
"""

import asyncio
import time
from abc import abstractmethod
from typing import Final

from app.domain.viewer import NEVER
from app.schema.answer import Answer
from app.schema.engine import Engine, Operation
from app.schema.live_operation import Event, LiveOperation
from app.schema.request import Caller, OperationRequest
from app.wire.exchange import Exchange, errors_json
from app.wire.outgoing import Outgoing
from app.wire.rounds import Rounds

AT_ONCE: Final = 16
"""Queries, mutations and new subscriptions that one connection has under way at a time."""
ASKING: Final = 4
"""Live operations of one connection that have asked for news: what they get waits for the client
beside what stands in the queue, whatever its size."""
_LONGEST_TIMER: Final = 86_400.0


class Connection(Outgoing):
    """The part that transports share; each says how its frames look and how it closes."""

    __slots__ = (
        "_asking",
        "_closing",
        "_engine",
        "_running",
        "_timer",
        "_without_turn",
        "caller",
        "exchanges",
    )

    def __init__(self, engine: Engine, rounds: Rounds, caller: Caller) -> None:
        super().__init__(rounds)
        self._engine = engine
        self.caller = caller
        self.exchanges: dict[str, Exchange] = {}
        # also what was stopped: it comes to its end, and nobody else holds it
        self._running: set[asyncio.Task[None]] = set()
        self._asking = 0
        self._without_turn: list[Exchange] = []
        self._closing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    # --- what a transport adds

    @abstractmethod
    def frame_of(self, operation_id: str, event: Event) -> bytes:
        """A result of an operation."""

    @abstractmethod
    def failure_of(self, operation_id: str, errors: bytes) -> tuple[bytes, ...]:
        """The end of an operation that failed; errors: as JSON."""

    @abstractmethod
    def end_frame_of(self, operation_id: str) -> bytes:
        """The end of an operation that has no more results."""

    @abstractmethod
    def expire(self) -> None:
        """The caller's token holds no longer."""

    # --- operations

    def begin(self, operation_id: str, asked: OperationRequest | Operation | Answer) -> None:
        """Starts an operation, or what has become of it so far, under an id that none has.

        Nothing begins on a connection that has ended: nobody would end it.
        """
        if self.is_closed:
            return
        exchange = self.exchanges[operation_id] = Exchange(self, operation_id)
        task = asyncio.create_task(self._run(exchange, asked))
        self._running.add(task)
        task.add_done_callback(self._has_run)

    async def _run(self, exchange: Exchange, asked: OperationRequest | Operation | Answer) -> None:
        try:
            if isinstance(asked, OperationRequest):
                asked = await self._engine.prepare(asked, self.caller)
            begun = asked if isinstance(asked, Answer) else await self._begun(asked)
            if isinstance(begun, Answer):
                self._answer(exchange, begun)
            else:
                exchange.follow(begun)
        except Exception as error:
            exchange.fail(error)

    async def _begun(self, operation: Operation) -> LiveOperation | Answer:
        if operation.kind == "subscription":
            return await self._engine.subscribe(operation)
        return await self._engine.execute(operation)

    def _answer(self, exchange: Exchange, answer: Answer) -> None:
        if answer.executed:
            frame = self.frame_of(exchange.id, Event(answer.payload()))
            exchange.settle(frame, self.end_frame_of(exchange.id))
        else:
            exchange.settle(*self.failure_of(exchange.id, errors_json(answer.errors)))

    def takes_turn(self, exchange: Exchange) -> bool:
        """Whether a live operation may ask for its news; if not, it is put in the queue again."""
        if self._asking >= ASKING:
            self._without_turn.append(exchange)
            return False
        self._asking += 1
        return True

    def end_turn(self) -> None:
        """One of those that asked has its news, and the others stand in the queue again."""
        self._asking -= 1
        if self._without_turn:
            waiting, self._without_turn = self._without_turn, []
            self.put(*waiting)

    def _has_run(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.make_room()

    @property
    def is_full(self) -> bool:
        return len(self._running) >= AT_ONCE or super().is_full

    def stop(self, operation_id: str) -> None:
        """The client wants no more of an operation; one that has ended is none."""
        exchange = self.exchanges.pop(operation_id, None)
        if exchange is not None:
            exchange.stop()

    def quiet(self) -> None:
        """Stops all operations."""
        exchanges, self.exchanges = self.exchanges, {}
        for exchange in exchanges.values():
            exchange.stop()

    # --- times and the end

    @property
    def is_expired(self) -> bool:
        """Whether the caller's token is accepted no longer."""
        viewer = self.caller.viewer
        return viewer.expires_at <= time.time() or self._engine.is_revoked(viewer)

    def expire_in_time(self) -> None:
        """Watches the moment at which the caller's token runs out."""
        if self.caller.viewer.expires_at >= NEVER:
            return
        left = self.caller.viewer.expires_at - time.time()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(min(left, _LONGEST_TIMER), self._look_at_token)

    def _look_at_token(self) -> None:
        if self.is_expired:
            self.expire()
        else:
            self.expire_in_time()

    def cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        """Lets go of everything; may be called twice."""
        self.cancel_timer()
        self.quiet()
        self.end_sending()
