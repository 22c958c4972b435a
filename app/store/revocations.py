"""Logins that are no longer accepted: kept in PostgreSQL, known to each API process by heart.

The table is the truth. A process reads it at start, whenever Valkey tells that it changed, and
every few seconds besides, so that asking costs a request no round trip. Valkey also holds a copy,
by hashes of the subjects: it is added to what is known while PostgreSQL cannot be asked, and never
takes anything away. It is written anew from the table, and ends when nobody reads that any more. A
wake-up says nothing but "look".
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import asyncpg
import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.domain.viewer import NEVER, Viewer
from app.store.db import DATABASE_ERRORS, Connection, Pool, Row, in_time
from app.store.live_channels import Channels
from app.store.queries import queries
from app.store.together import until_one_ends

log = logging.getLogger("minplan.logins")

CHANNEL: Final = "minplan:logins"
COPY: Final = "minplan:logins:revoked"
COPY_SECONDS: Final = 7 * 86_400
"""How long the copy stays after the table was last read."""
TELL_SECONDS: Final = 1.0
"""How long Valkey may take for a wake-up, or for its copy."""
READ_SECONDS: Final = 5.0
"""How long PostgreSQL may take for the table; after that it is taken for away."""
POLL_SECONDS: Final = 2.0
"""How often the table is read while Valkey is away: so late is a revocation at most."""
SWEEP_SECONDS: Final = 15.0
"""The same while it is there: for a wake-up that was lost."""

FOR_GOOD: Final = datetime.fromtimestamp(NEVER, UTC)
"""The end of a block that has none."""

_VALKEY_ERRORS: Final = (RedisError, OSError)


class Revocation(NamedTuple):
    """Seconds since 1970: tokens issued until revoked_at are refused, all until blocked_until."""

    revoked_at: float
    blocked_until: float


class Revocations:
    """What one process knows; `is_revoked` is asked for each request and live view."""

    def __init__(
        self,
        redis: Redis,
        pool: Pool,
        *,
        leeway_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """leeway_seconds: how far ahead the issuer's clock, and so a token's issue, may be."""
        self._redis = redis
        self._pool = pool
        self._leeway = leeway_seconds
        self._clock = clock
        self._revoked: dict[str, Revocation] = {}
        self._copied: dict[bytes, Revocation] = {}
        self._written: dict[str, Revocation] | None = None
        self._callbacks: set[Callable[[], None]] = set()
        self._rung = asyncio.Event()
        self._channels = Channels(
            redis,
            "revoked logins",
            heard=lambda _channel, _message: self._rung.set(),
            confirmed=lambda _channel: self._rung.set(),  # one may have been missed
            lost=self._lost,
        )
        self._channels.want(CHANNEL)
        self.connected = asyncio.Event()
        """Set while wake-ups are heard, and the table was read since they are."""

    def is_revoked(self, viewer: Viewer) -> bool:
        """Whether the viewer's token is no longer accepted."""
        found = self._revoked.get(viewer.subject)
        if found is not None and self._refuses(found, viewer):
            return True
        copied = self._copied.get(_hash(viewer.subject)) if self._copied else None
        return copied is not None and self._refuses(copied, viewer)

    def _refuses(self, found: Revocation, viewer: Viewer) -> bool:
        is_older = viewer.issued_at <= found.revoked_at + self._leeway
        return is_older or self._clock() < found.blocked_until

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Has the callback run, in the event loop, after what is revoked has changed.

        Returns what ends that. A callback looks at its live views with `is_revoked`, and returns at
        once.
        """
        self._callbacks.add(callback)
        return lambda: self._callbacks.discard(callback)

    async def load(self) -> None:
        """Reads the table, for `run` or before it; raises `DATABASE_ERRORS`."""
        try:
            read = queries()["revocations"]
            rows = await in_time(self._pool, READ_SECONDS, lambda database: database.fetch(read))
        except asyncpg.UndefinedTableError:  # a database that is still to be migrated
            rows = []
        revoked = {
            row["subject"]: Revocation(row["revoked_at"], row["blocked_until"]) for row in rows
        }
        self._know(revoked, {})

    async def run(self) -> None:
        """Keeps up until it is cancelled."""
        await until_one_ends(self._channels.run(), self._look())

    async def _look(self) -> None:
        """Looks whenever it is told to, and every few seconds without."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    SWEEP_SECONDS if self.connected.is_set() else POLL_SECONDS
                ):
                    await self._rung.wait()
                self._rung.clear()
                self._written = None
            if not await self._refresh():
                self.connected.clear()
            elif self._channels.is_confirmed(CHANNEL) and not self._rung.is_set():
                self.connected.set()

    def _lost(self) -> None:
        if self.connected.is_set():
            self.connected.clear()
            self._rung.set()  # it would wait as long as one who hears of everything

    def _know(self, revoked: dict[str, Revocation], copied: dict[bytes, Revocation]) -> None:
        if (revoked, copied) == (self._revoked, self._copied):
            return
        self._revoked, self._copied = revoked, copied
        for callback in tuple(self._callbacks):
            try:
                callback()
            except Exception as error:  # the others still look, and so does each use of a login
                log.error("open connections could not be looked at: %s", type(error).__name__)

    async def _refresh(self) -> bool:
        """From the table, or while that cannot be read from the copy as well; whether it could."""
        try:
            await self.load()
        except DATABASE_ERRORS as error:
            log.warning("revoked logins cannot be read: %s", type(error).__name__)
            with suppress(*_VALKEY_ERRORS, ValueError, TypeError):
                async with asyncio.timeout(TELL_SECONDS):
                    copy: Any = self._redis.hgetall(COPY)
                    self._know(self._revoked, _read(await copy))
            return False
        await self._pass_on()
        return True

    async def _pass_on(self) -> None:
        """Has Valkey hold what the table held, nothing else, and for a while from now."""
        revoked = self._revoked
        try:
            async with (
                asyncio.timeout(TELL_SECONDS),
                self._redis.pipeline(transaction=True) as pipe,
            ):
                if revoked != self._written:
                    pipe.delete(COPY)
                    for name, value in _copy(revoked).items():
                        pipe.hset(COPY, name, value)
                pipe.expire(COPY, COPY_SECONDS)
                *_, is_there = await pipe.execute()
        except _VALKEY_ERRORS:
            self._written = None
        else:
            self._written = revoked if is_there or not revoked else None


async def revoke(
    connection: Connection, redis: Redis, subject: str, *, until: datetime | None, reason: str
) -> bool:
    """Refuses a login's tokens from now on, and new ones too until then; a longer block stays.

    Whether Valkey has taken the wake-up; without it, processes look every `POLL_SECONDS`.
    """
    until = await connection.fetchval(queries()["revoke_login"], subject, until, reason)
    blocked = 0.0 if until is None else until.timestamp()
    return await _told(redis, _copy({subject: Revocation(time.time(), blocked)}), None)


async def restore(connection: Connection, redis: Redis, subject: str) -> tuple[bool, bool]:
    """Accepts a login's tokens again; whether it was revoked, and whether Valkey was told."""
    found = await connection.fetchval(queries()["restore_login"], subject)
    return bool(found), await _told(redis, {}, _hash(subject).hex())


async def listed(connection: Connection, rows: int) -> list[Row]:
    """What is revoked, the newest first."""
    return await connection.fetch(queries()["list_revocations"], rows)


async def _told(redis: Redis, added: Mapping[str, str], gone: str | None) -> bool:
    try:
        async with asyncio.timeout(TELL_SECONDS), redis.pipeline(transaction=True) as pipe:
            for name, value in added.items():
                pipe.hset(COPY, name, value)
            if gone is not None:
                pipe.hdel(COPY, gone)
            pipe.expire(COPY, COPY_SECONDS)
            pipe.spublish(CHANNEL, "look")
            await pipe.execute()
    except _VALKEY_ERRORS:
        return False
    return True


def _hash(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()


def _copy(revoked: Mapping[str, Revocation]) -> dict[str, str]:
    """As Valkey holds them."""
    return {_hash(subject).hex(): orjson.dumps([*one]).decode() for subject, one in revoked.items()}


def _read(copy: Mapping[bytes, bytes]) -> dict[bytes, Revocation]:
    return {
        bytes.fromhex(subject.decode()): Revocation(*orjson.loads(written))
        for subject, written in copy.items()
    }
