"""A bare client of event streams, and what it sees of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import orjson

from tests.world import World

EVENTS = "text/event-stream"


class Seen(NamedTuple):
    """One event: its type, its data (None where empty) and its id."""

    event: str
    data: Any
    id: str | None = None


class Stream:
    """A response that goes on. `beats`: how many comments it has held so far."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.beats = 0
        self._lines = response.aiter_lines()

    async def next(self) -> Seen | None:
        """The next event, None at the end."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line.startswith(":"):
                self.beats += 1
            elif line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            elif fields:
                data = orjson.loads(fields["data"]) if fields["data"] else None
                return Seen(fields["event"], data, fields.get("id"))
        return None

    async def beat(self) -> None:
        """Returns at the next comment."""
        async for line in self._lines:
            if line.startswith(":"):
                return

    async def rest(self) -> list[Seen]:
        """All events up to the end."""
        seen = []
        while (event := await self.next()) is not None:
            seen.append(event)
        return seen


@asynccontextmanager
async def streamed(
    world: World, token: str | None, method: str = "POST", url: str = "", **options: Any
) -> AsyncIterator[Stream]:
    """A request that takes an event stream and nothing else; options: of httpx."""
    headers = {"accept": EVENTS, **options.pop("headers", {})}
    if token:
        headers["authorization"] = f"Bearer {token}"
    address = f"{world.base_url}/graphql{url}"
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream(method, address, headers=headers, **options) as response,
    ):
        yield Stream(response)
