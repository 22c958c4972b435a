"""The common data base as a receiver of events that answers as told, and checks signatures."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.channels.webhook import is_signed

from .gateway import PATIENCE, serving

SECRET = b"a secret of twenty-four!"


@dataclass
class DataBase:
    """Answers with the next of `answers` (status, headers), and takes when there are none left.

    `asked` and `taken` hold the `webhook-id` of every request and of those answered 2xx, in order.
    While `open` is not set, requests are read and wait.
    """

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    unsigned: int = 0
    at_once: int = 0
    most_at_once: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.open.set()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for body in self.bodies]

    async def until(self, condition: Callable[["DataBase"], bool]) -> None:
        """Wait until the condition holds; a time-out is a failure."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: condition(self))

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        event_id = request.headers["webhook-id"]
        self.unsigned += not is_signed([SECRET], request.headers, body, time.time())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        async with self.changed:
            self.asked.append(event_id)
            self.bodies.append(body)
            self.headers.append(dict(request.headers))
            self.changed.notify_all()
        await self.open.wait()
        self.at_once -= 1
        if self.answers:
            status, headers = self.answers.pop(0)
            return Response(status_code=status, headers=headers)
        async with self.changed:
            self.taken.append(event_id)
            self.changed.notify_all()
        return Response(status_code=204)


@asynccontextmanager
async def listening_data_base() -> AsyncIterator[DataBase]:
    found = DataBase()
    async with serving(Route("/events", found.answer, methods=["POST"])) as url:
        found.url = f"{url}/events"
        try:
            yield found
        finally:
            found.open.set()
