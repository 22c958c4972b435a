"""What live views share: they are rung, look with the rights of the moment, and end with them."""

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, Final

from graphql.execution.values import VariableValues

from app.domain.viewer import Viewer
from app.errors import AppError, Unauthenticated
from app.schema.context import Context
from app.schema.live_operation import Event, LiveEnded
from app.schema.live_shape import Shape
from app.store.db import passes
from app.store.live import Live
from app.store.live_accounts import LiveAccount
from app.store.live_look import shared
from app.store.live_metrics import DELAYED, EVENTS, VIEWS

FIRST_DELAY: Final = 0.2
"""Seconds until a read that failed is tried again; each further failure doubles them."""
LONGEST_DELAY: Final = 10.0
_EMPTY: Final[dict[Any, Any]] = {}
"""Of a view's own context, in which nothing is executed."""
_EVENTS_OF: Final = cache(EVENTS.labels)
"""Finding the counter of a kind costs more than counting."""


class View(ABC):
    """One subscription under way (a `LiveOperation`).

    pending: rung and not asked since; reading: asked and not answered yet. cost: of one event, in
    units, taken from the account.
    """

    kind: ClassVar[str]
    __slots__ = (
        "_asked",
        "_context",
        "_retry",
        "_tell",
        "_values",
        "account",
        "cost",
        "failures",
        "pending",
        "reading",
        "shape",
    )

    def __init__(self, context: Context, shape: Shape, values: VariableValues) -> None:
        # thousands of views wait: nothing is kept that only the beginning needed
        self._context = replace(
            context, moment=None, last_event_id=None, extensions=_EMPTY, read_cache=_EMPTY
        )
        self.shape = shape
        self._values = shape.needed(values)
        self._tell: Callable[[], None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._asked: asyncio.Task[Sequence[Event]] | None = None
        self.account: LiveAccount | None = None
        self.cost = 0
        self.pending = self.reading = False
        self.failures = 0

    @property
    def viewer(self) -> Viewer:
        return self._context.viewer

    @property
    def live(self) -> Live:
        live: Live = self._context.services.live
        return live

    @property
    def operation(self) -> str:
        return self.shape.operation

    @property
    def idle(self) -> bool:
        """Whether it has read what there is, and waits."""
        return not (self.pending or self.reading or self.failures or self._retry)

    @property
    def is_expired(self) -> bool:
        return self.viewer.expires_at <= time.time()

    def open(self, ring: Callable[[], None]) -> None:
        self._tell = ring
        self.pending = True
        VIEWS.labels(self.kind).inc()
        self.begin()
        if self.begins_now:  # what comes while its channel is waited for is news already
            self.ring()

    async def news(self) -> Sequence[Event]:
        if not self.reading:  # `news_now` has not begun it
            self.pending, self.reading = False, True
        try:
            events = await self._news()
        finally:
            self.reading = False
        return self._counted(events)

    def news_now(self) -> Sequence[Event] | asyncio.Future[Any]:
        if self._asked is None:
            self._asked = shared(self.news())
        if not self._asked.done():
            return self._asked
        asked, self._asked = self._asked, None
        return asked.result()

    def _counted(self, events: Sequence[Event]) -> Sequence[Event]:
        if events:
            _EVENTS_OF(self.kind).inc(len(events))
            if self.account:
                self.account.pay(self.cost * len(events))
        return events

    def close(self) -> None:
        if self._tell is None:
            return
        self._tell = None
        self._forget_retry()
        VIEWS.labels(self.kind).dec()
        self.end()

    def ring(self) -> None:
        self.pending = True
        if self._tell and self._retry is None:
            self._tell()

    @property
    @abstractmethod
    def begins_now(self) -> bool:
        """Whether it tells what comes from now on: the client did not say what it saw last."""

    @abstractmethod
    def begin(self) -> None:
        """Has the hub ring this view."""

    @abstractmethod
    def end(self) -> None:
        """Has the hub ring it no longer."""

    @abstractmethod
    async def look(self) -> Sequence[Event]:
        """What is new; raises `AppError` when it may not be seen."""

    async def executed(self, event: object) -> bytes:
        """The answer to one event, in a context of its own."""
        return await self.shape.executed(event, self.fresh_context(), self._values)

    def fresh_context(self) -> Context:
        """A fresh context: events share nothing but the viewer."""
        return replace(self._context, extensions={}, read_cache={})

    async def _news(self) -> Sequence[Event]:
        try:
            self._check_login()
            if wait := self.wait:
                # many views of one login may wait for the same moment
                self._try_in(max(wait, FIRST_DELAY) * random.uniform(1, 1.2))  # noqa: S311 - no secret
                return ()
            events = await self.look()
        except AppError as error:
            raise self._ended(error) from None
        except Exception as error:
            if not passes(error):
                raise self._ended(error) from error
            self._try_later()
            return ()
        self._has_read()
        return events

    def _has_read(self) -> None:
        self.failures = 0
        if self._retry is not None:
            self._forget_retry()
            if self.pending:  # rung since the read began, and left to the next try
                self.ring()

    @property
    def wait(self) -> float:
        """Seconds until the next look, for its login has been told so much. What is seen when it
        begins tells nothing and has to be known at once."""
        return 0.0 if self.account is None or self.begins_now else self.account.wait

    def _check_login(self) -> None:
        if self.is_expired:
            raise Unauthenticated("The access token has expired.")
        if self._context.services.is_revoked(self.viewer):
            raise Unauthenticated("This login has been revoked: log in again.")

    def _ended(self, error: Exception) -> LiveEnded:
        return LiveEnded([self.shape.refusal(error, self._context.language)])

    def _try_later(self) -> None:
        """The database is away: the client is told nothing, and gets its news a little later."""
        delay = min(FIRST_DELAY * 2**self.failures, LONGEST_DELAY)
        self.failures = min(self.failures + 1, 10)
        self._try_in(delay * random.uniform(0.5, 1))  # noqa: S311 - no secret

    def _try_in(self, seconds: float) -> None:
        DELAYED.labels(self.kind).inc()
        if self._tell and self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(seconds, self._try_again)

    def _try_again(self) -> None:
        self._retry = None
        self.ring()

    def _forget_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
