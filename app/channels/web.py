"""What the channels over HTTP share: a client, its time-outs, and a server's wish to wait."""

import re
from typing import Final, NamedTuple

import httpx

MAX_ANSWER_BYTES: Final = 64 * 1024


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


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of a `Retry-After` header; None without one, or when it names a date."""
    value = response.headers.get("Retry-After", "")
    return float(value) if re.fullmatch(r"[0-9]{1,6}", value) else None
