"""A connection that says what a test says, byte by byte, and hears what comes back."""

import asyncio
import base64
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import orjson
import psutil

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


@asynccontextmanager
async def dialled(
    world: World, *, window: int | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection; window: bytes that its own side keeps unread."""
    line = socket.socket()
    if window is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    line.setblocking(False)
    port = int(world.base_url.rsplit(":")[-1])
    await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=line, limit=window or 2**16)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def asked(token: str, query: str, *headers: bytes, **variables: Any) -> bytes:
    """A request of who has a token."""
    bearer = b"authorization: Bearer " + token.encode()
    return whole(orjson.dumps({"query": query, "variables": variables}), bearer, *headers)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.005)


def lines_of(world: World) -> int:
    """Connections that the server holds open, of which none is the test's own."""
    port = int(world.base_url.rsplit(":")[-1])
    ours = psutil.Process().net_connections("tcp")
    return sum(1 for one in ours if one.laddr.port == port and one.raddr)


HANDSHAKE: Final = b"\r\n".join(
    (
        b"GET /graphql HTTP/1.1",
        b"host: localhost",
        b"connection: upgrade",
        b"upgrade: websocket",
        b"sec-websocket-version: 13",
        b"sec-websocket-key: " + base64.b64encode(b"sixteen bytes..."),
        b"sec-websocket-protocol: graphql-transport-ws",
        b"",
    )
)
"""Of a WebSocket, without the empty line at its end."""
CONTINUED, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10


def frame(content: bytes, kind: int = TEXT, *, is_last: bool = True) -> bytes:
    """A frame of a client (RFC 6455, 5.2), masked with zeros."""
    size = len(content)
    if size < 126:
        length = bytes((0x80 | size,))
    elif size < 1 << 16:
        length = bytes((0x80 | 126,)) + size.to_bytes(2)
    else:
        length = bytes((0x80 | 127,)) + size.to_bytes(8)
    return bytes((is_last << 7 | kind,)) + length + bytes(4) + content
