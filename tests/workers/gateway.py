"""An SMS gateway that answers as told, and may keep a request until it is let go."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATIENCE = 60.0  # seconds


@dataclass
class Gateway:
    """Answers with the next of `answers` (status, JSON), and accepts when there are none left.

    `accepted` and `asked` hold the `userref` of every message accepted and of every request, in
    order. While `open` is not set, requests are read and wait.
    """

    url: str = ""
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.open.set()

    async def until(self, condition: Callable[["Gateway"], bool]) -> None:
        """Wait until the condition holds; a time-out is a failure."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(lambda: condition(self))

    async def answer(self, request: Request) -> Response:
        order = orjson.loads(await request.body())
        async with self.changed:
            self.asked.append(order["userref"])
            self.bodies.append(order)
            self.changed.notify_all()
        await self.open.wait()
        if self.answers:
            status, body = self.answers.pop(0)
            return JSONResponse(body, status_code=status)
        async with self.changed:
            self.accepted.append(order["userref"])
            self.changed.notify_all()
        return JSONResponse({"ids": [len(self.accepted)]})


@asynccontextmanager
async def listening_gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with serving(Route("/rest/mtsms", gateway.answer, methods=["POST"])) as url:
        gateway.url = url
        try:
            yield gateway
        finally:
            gateway.open.set()


@asynccontextmanager
async def serving(route: Route) -> AsyncIterator[str]:
    """A real HTTP server on a free port of the loopback; its address without a path."""
    app = Starlette(routes=[route])
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none")
    )
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
