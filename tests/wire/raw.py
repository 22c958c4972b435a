"""A connection that says what a test says, byte by byte, and hears what comes back."""

import asyncio
import re
from typing import NamedTuple

from tests.world import World

QUERY = b'{"query":"{ targetGroups { code } }"}'


class Heard(NamedTuple):
    """The statuses of the answers in their order, and all bytes; is_closed: by the server."""

    statuses: list[int]
    content: bytes
    is_closed: bool


async def said(world: World, *parts: bytes, answers: int = 0, seconds: float = 10) -> Heard:
    """Sends the parts and listens until so many answers began, or (0) the server closes."""
    port = int(world.base_url.rsplit(":")[-1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = b""
    is_closed = False
    try:
        async with asyncio.timeout(seconds):
            for part in parts:
                writer.write(part)
                await writer.drain()
            while not is_closed and (not answers or len(_statuses(content)) < answers):
                part = await reader.read(65_536)
                content += part
                is_closed = not part
    except ConnectionError:
        is_closed = True
    except TimeoutError:
        pass
    finally:
        writer.transport.abort()
    return Heard(_statuses(content), content, is_closed)


def _statuses(content: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", content)]


def request(*headers: bytes, body: bytes = QUERY, line: bytes = b"POST /graphql HTTP/1.1") -> bytes:
    """A request with these headers and no others but its host and content type."""
    head = [line, b"host: localhost", b"content-type: application/json", *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def whole(body: bytes = QUERY, *headers: bytes) -> bytes:
    """The same with its right length."""
    return request(b"content-length: %d" % len(body), *headers, body=body)
