"""What a transport holds of one subscription: it is rung, and asks for the news when it can send.

Nothing waits inside: no task and no queue belong to a subscription, so that thousands of idle ones
cost little, and who reads slowly gets the newest state and not a backlog.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLError


@dataclass(frozen=True, slots=True)
class Event:
    """payload: the answer `{"data": ...}` as JSON; id: what `Last-Event-ID` may give back later."""

    payload: bytes
    id: str | None = None


class LiveEnded(Exception):
    """The subscription is over: its right has ended, or it failed. errors: as clients see them."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("the live operation has ended")
        self.errors = tuple(errors)


class LiveOperation(Protocol):
    """One subscription under way."""

    def open(self, ring: Callable[[], None]) -> None:
        """Begins to listen. `ring` is called, in the event loop's thread, whenever there may be
        news, and once at the beginning; calls before the next `news` count as one."""

    async def news(self) -> Sequence[Event]:
        """What is new since the last call, perhaps nothing; raises `LiveEnded`.

        Read with the rights of the moment. Called by one caller at a time, after a ring.
        """

    def news_now(self) -> "Sequence[Event] | asyncio.Future[Any]":
        """`news`, or what to wait for before this is called again; raises `LiveEnded`.

        For thousands who wait for the same.
        """

    @property
    def is_expired(self) -> bool:
        """Whether the token it began with has run out: a ring ends it."""

    def close(self) -> None:
        """Listens no longer; may be called twice."""
