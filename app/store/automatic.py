"""Documents that clients registered by their hash (APQ), for development.

Each process keeps some by itself; Valkey passes them on to the others, and is not needed.
"""

import asyncio
import hashlib
from collections import OrderedDict
from contextlib import suppress
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

MAX_TEXT: Final = 20_000
"""Bytes of a document that is kept."""
MAX_KEPT: Final = 2_000_000
"""Bytes of all documents that one process keeps."""
SLOTS: Final = 1_000
"""Places in Valkey: each holds the last document whose hash leads to it, 20 MB in all at most."""
SECONDS: Final = 24 * 3600
"""How long a document stays in Valkey after it was last registered."""
VALKEY_TIMEOUT: Final = 0.5
"""Seconds Valkey may take; after that a document counts as unknown, and its client registers it."""


class AutomaticDocuments:
    """A bounded cache: the documents used last, then Valkey's."""

    def __init__(self, redis: Redis, *, max_bytes: int = MAX_KEPT) -> None:
        self._redis = redis
        self._room = max_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def get(self, sha256: str) -> str | None:
        """The text of a document by its hash (64 hexadecimal digits), None where nobody has it."""
        kept = self._kept.get(sha256)
        if kept is not None:
            self._kept.move_to_end(sha256)
            return kept.decode()
        found = await self._from_valkey(sha256)
        # another document may have taken its place
        if found is None or hashlib.sha256(found).hexdigest() != sha256:
            return None
        self._keep(sha256, found)
        return found.decode()

    async def put(self, sha256: str, text: str) -> None:
        """Keeps a document under the hash of its text; one that is too long is not kept."""
        encoded = text.encode()
        if len(encoded) > MAX_TEXT or sha256 in self._kept:
            return
        self._keep(sha256, encoded)
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(VALKEY_TIMEOUT):
                await self._redis.set(_slot(sha256), encoded, ex=SECONDS)

    def _keep(self, sha256: str, encoded: bytes) -> None:
        if sha256 in self._kept:  # another request was as fast
            return
        self._kept[sha256] = encoded
        self._room -= len(encoded)
        while self._room < 0:
            _, oldest = self._kept.popitem(last=False)
            self._room += len(oldest)

    async def _from_valkey(self, sha256: str) -> bytes | None:
        if not sha256:
            return None
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(VALKEY_TIMEOUT):
                found: bytes | None = await self._redis.get(_slot(sha256))
                return found
        return None


def _slot(sha256: str) -> str:
    return f"minplan:document:{int(sha256[:15], 16) % SLOTS}"
