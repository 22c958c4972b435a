"""How a connection ends with its process."""

import logging
from asyncio import Transport
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger("minplan.wire")

LAST_SECONDS: Final = 1.0
"""How long a client may take to read the end of its socket when the process ends."""


@contextmanager
def ending(transport: Transport) -> Iterator[None]:
    """What fails in it ends this connection, and not the end of all others behind it."""
    try:
        yield
    except Exception:
        log.exception("a connection could not be ended in peace")
        transport.abort()
