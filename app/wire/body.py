"""The body of a request: bounded in bytes and in time, and never packed."""

import asyncio
from typing import Final

from starlette.types import Receive

from app.wire.params import BadRequest

_PATIENCE: Final = 4
"""How many times the largest body is read, and thrown away, before a too large one is cut off."""


class ClientGone(Exception):
    """The client closed the connection before its request was whole."""


async def read_body(receive: Receive, *, length: bytes | None, most: int, seconds: float) -> bytes:
    """The whole body. length: of the header, None without one; most: bytes.

    Raises BadRequest with 413 or 408, and ClientGone.
    """
    too_large = length is not None and (not length.isdigit() or int(length[:20]) > most)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, 0 if too_large else most, most * _PATIENCE)
    except TimeoutError:
        raise BadRequest(
            f"The body did not arrive within {seconds:g} seconds.", 408, connection="close"
        ) from None
    except OverflowError:
        raise BadRequest(
            f"The body is larger than {most} bytes.", 413, connection="close"
        ) from None


async def _read(receive: Receive, most: int, patience: int) -> bytes:
    """Raises OverflowError, but lets a client finish first: one that still sends when its
    connection is closed never reads why."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        is_last = not message.get("more_body", False)
        if size > most:
            parts.clear()
            if is_last or size > patience:
                raise OverflowError
        elif is_last:
            return b"".join((*parts, part)) if parts else part
        else:
            parts.append(part)
