"""What the channels over HTTP share: clients, their time-outs, and a server's wish to wait."""

import asyncio
import re
import select
import urllib.request
from typing import Final, NamedTuple

import aiohttp
import httpx
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.payload import BytesPayload
from yarl import URL

MAX_ANSWER_BYTES: Final = 64 * 1024
IDLE_SECONDS: Final = 1.5
"""How long a connection to a gateway may idle: less than common servers let it (2 s or more)."""

# Where the system does not tell a half-closed connection, a fully closed one must do.
_HUNG_UP: Final = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class Timeouts(NamedTuple):
    """Seconds: `connect` bounds what precedes the request, `total` the whole exchange."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 20.0


def http_client() -> httpx.AsyncClient:
    """A client for one receiver; the caller closes it.

    Idle connections are dropped after 2 s, sooner than any server does: a connection that the
    server closes at the moment of reuse would make a message uncertain without need.
    """
    return httpx.AsyncClient(
        limits=httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=2.0),
        timeout=httpx.Timeout(10.0, connect=5.0),
        follow_redirects=False,
    )


def gateway_session(connections: int = 100) -> aiohttp.ClientSession:
    """A client for one gateway that is asked often; the caller closes it.

    connections: how many are open at once; who wants one more waits. No cookie is kept, and no
    answer unpacked: it cannot outgrow `MAX_ANSWER_BYTES` after it was counted.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=IDLE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


class OnceOnly(BytesPayload):
    """A request's body that knows whether it has left; head and body leave together.

    Until `left` is true the server cannot have read the message, whatever failed. `stale` tells
    that the connection (a kept one, as a rule) was found to be of no use before anything left.
    """

    def __init__(self, value: bytes) -> None:
        super().__init__(value, content_type="application/json")
        self.left = False
        self.stale = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self.stale = _is_stale(writer.transport)
        if self.stale:
            raise ConnectionResetError("the connection is stale")
        self.left = True
        await super().write_with_length(writer, content_length)


def _is_stale(transport: asyncio.WriteTransport | None) -> bool:
    """Whether the server has closed the connection, or spoken before it was asked.

    An answer to nothing would be taken for the answer to the next message. Both may lie in the
    socket, not yet read by a busy event loop; under TLS what lies there may be harmless.
    """
    if transport is None or transport.is_closing():
        return True
    protocol = transport.get_protocol()
    if isinstance(protocol, ResponseHandler) and protocol.should_close:
        return True
    tls = transport.get_extra_info("ssl_object") is not None
    poll = select.poll()
    poll.register(
        transport.get_extra_info("socket").fileno(), _HUNG_UP | (0 if tls else select.POLLIN)
    )
    return bool(poll.poll(0))


def environment_proxy(url: URL) -> str | None:
    """The proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for an address, if any."""
    if url.host is None or urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(url.scheme) or proxies.get("all")


def retry_after(response: httpx.Response | aiohttp.ClientResponse) -> float | None:
    """Seconds of a `Retry-After` header; None without one, or when it names a date."""
    value = response.headers.get("Retry-After", "")
    return float(value) if re.fullmatch(r"[0-9]{1,6}", value) else None
