"""The record of what was refused: counted in memory, written now and then, never waited for.

A flood of bad tokens costs the database a bounded number of rows a minute. What comes too thick
to be told apart is counted by its reason alone; what the database does not take in time is
counted as lost.
"""

import asyncio
import hmac
import logging
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from prometheus_client import Counter as Metric

from app.domain.network import network_of
from app.domain.refusal import Reason, Refused
from app.domain.viewer import Role, Viewer
from app.store.db import DATABASE_ERRORS, Connection, Pool, Row
from app.store.queries import queries

log = logging.getLogger("minplan.logins")

REFUSED = Metric(
    "minplan_refused",
    "Tokens that were refused, and uses that the role may not make, by reason.",
    ["reason"],
)
REFUSED_LOST = Metric(
    "minplan_refused_lost",
    "Such refusals that are in no record: the database did not take them in time.",
)

WRITE_SECONDS: Final = 5.0
"""Between two times of writing."""
MAX_ROWS: Final = 1000
"""Refusals that each process tells apart in a minute, and keeps while the database is away."""
MAX_ROWS_A_SUBJECT: Final = 20
"""Of these, with different operations and addresses, of one login."""

_NAME: Final = re.compile(r"[_A-Za-z][_A-Za-z0-9]{0,99}", re.ASCII)
"""Of an operation; anything else that a client sends as one is not kept."""

Clock = Callable[[], float]


class _Row(NamedTuple):
    """What is counted as one, in the order of the query's parameters."""

    minute: datetime
    reason: str
    role: str | None = None
    organisation_code: str | None = None
    subject: str | None = None
    operation: str | None = None
    client: bytes | None = None


class Refusals:
    """The record of one process."""

    def __init__(
        self, pool: Pool, key: bytes, *, max_rows: int = MAX_ROWS, clock: Clock = time.time
    ) -> None:
        """key: of the hash by which a client's address is recognised and not told."""
        self._pool = pool
        self._key = key
        self._max_rows = max_rows
        self._clock = clock
        self._counted: Counter[_Row] = Counter()
        self._minute = datetime.fromtimestamp(0, UTC)
        self._told_apart: set[_Row] = set()
        self._by_subject: Counter[str] = Counter()

    def note(self, refused: Refused, client: str | None = None, operation: str = "") -> None:
        """Counts one refusal; returns at once and never fails.

        client: the address it came from. operation: its name, of a proven viewer only.
        """
        REFUSED.labels(refused.reason.value).inc()
        now = self._clock()
        minute = datetime.fromtimestamp(now - now % 60, UTC)
        bare = _Row(minute, refused.reason)
        row = bare._replace(
            role=refused.role,
            organisation_code=refused.organisation_code,
            subject=refused.subject,
            operation=operation if refused.subject and _NAME.fullmatch(operation) else None,
            client=self._hash(client) if client else None,
        )
        if minute != self._minute:
            self._minute, self._told_apart = minute, set()
            self._by_subject.clear()
        if row.subject and row not in self._told_apart:
            # one login could otherwise take the room of everybody else's refusals
            self._by_subject[row.subject] += 1
            if self._by_subject[row.subject] > MAX_ROWS_A_SUBJECT:
                row = row._replace(operation=None, client=None)
        if not self._count(row, 1) and not self._count(bare, 1):
            REFUSED_LOST.inc()

    def forbidden(self, viewer: Viewer, operation: str = "", client: str | None = None) -> None:
        """Notes that a viewer used a field its role may not use; nothing of the anonymous."""
        if viewer.role is not Role.ANONYMOUS:
            self.note(Refused.of(Reason.FORBIDDEN, viewer), client, operation)

    async def write(self) -> None:
        """Writes what was counted; what cannot be written is kept for the next time."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        rows = sorted(counted.items(), key=lambda one: [str(part) for part in one[0]])
        columns = zip(*((*row, times) for row, times in rows), strict=True)
        try:
            await self._pool.execute(queries()["note_refusals"], *map(list, columns))
        except DATABASE_ERRORS as error:
            log.warning("refusals cannot be written: %s", type(error).__name__)
            for row, times in counted.items():
                if not self._count(row, times):
                    REFUSED_LOST.inc(times)

    async def run(self) -> None:
        """Writes now and then until it is cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    def _count(self, row: _Row, times: int) -> bool:
        """Whether there was room; there is more of it for reasons alone, of which there are few."""
        is_bare = row == _Row(row.minute, row.reason)
        room = self._max_rows * 2 if is_bare else self._max_rows
        if row not in self._counted:
            is_new = row.minute == self._minute and row not in self._told_apart
            if len(self._counted) >= room or (is_new and len(self._told_apart) >= room):
                return False
            self._told_apart.add(row)
        self._counted[row] += times
        return True

    def _hash(self, address: str) -> bytes:
        return hmac.digest(
            self._key, network_of(address).encode("utf-8", "surrogatepass"), "sha256"
        )[:8]


async def listed(connection: Connection, since: datetime, rows: int) -> list[Row]:
    """What was refused since then, by all processes, the most frequent first."""
    return await connection.fetch(queries()["list_refusals"], since, rows)
