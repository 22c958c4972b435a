"""A small HTTP/1.1 client on bare asyncio streams: what it costs must not hide what is measured."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Self

import orjson

HOST: Final = "127.0.0.1"


class BadAnswer(Exception):
    """A server answered something else than HTTP 200 with a length."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the bytes to send."""

    data: bytes

    @classmethod
    def post(cls, path: str, body: bytes, token: str) -> Self:
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n"
            f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return cls(head.encode() + body)


class Client:
    """One kept connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, request: Request) -> bytes:
        """The body of the answer; raises `BadAnswer` for a status other than 200."""
        self._writer.write(request.data)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not head.startswith(b"HTTP/1.1 200") or not length:
            raise BadAnswer(head.partition(b"\r\n")[0].decode())
        return await self._reader.readexactly(int(length))

    async def ask(self, request: Request) -> Any:
        return orjson.loads(await self.send(request))


@asynccontextmanager
async def connect(port: int) -> AsyncIterator[Client]:
    """A connection to a server of this machine."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=1 << 20)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


@dataclass(frozen=True, slots=True)
class Run:
    """A closed loop's outcome. seconds: wall time; latencies: seconds, one per request."""

    seconds: float
    latencies: Sequence[float]


async def closed_loop(
    port: int, requests: Sequence[Request], *, connections: int, seconds: float
) -> Run:
    """Sends `requests` round and round, each connection its next when its last was answered."""
    places = count()
    latencies: list[float] = []
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_loop(port, requests, places, start + seconds, latencies))
    return Run(time.perf_counter() - start, latencies)


async def _loop(
    port: int,
    requests: Sequence[Request],
    places: Iterator[int],
    end: float,
    latencies: list[float],
) -> None:
    async with connect(port) as client:
        while (sent := time.perf_counter()) < end:
            await client.send(requests[next(places) % len(requests)])
            latencies.append(time.perf_counter() - sent)


async def once_each(port: int, requests: Sequence[Request], *, connections: int) -> None:
    """Sends each request once, so that no run is the first to read a plan or check a token."""

    async def send(own: Sequence[Request]) -> None:
        async with connect(port) as client:
            for one in own:
                await client.send(one)

    async with asyncio.TaskGroup() as group:
        for i in range(connections):
            group.create_task(send(requests[i::connections]))
