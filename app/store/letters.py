"""The print files of letters to exempt citizens (R115): claimed, settled, and measured.

What a worker has to do is a column of the letter task (`db/migrations/0022_letter.sql`). Every
function is one statement, and none needs a transaction around it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.document import PlanDocument
from app.domain.viewer import NEVER, Role, Viewer
from app.store.db import Connection
from app.store.documents import Moment, citizen_read
from app.store.queries import queries
from app.store.work import COPENHAGEN


class LetterWork(StrEnum):
    """What is to be done about a print file."""

    WRITE = "WRITE"
    REMOVE = "REMOVE"


class LetterOutcome(StrEnum):
    """What is stored of an attempt.

    OVERTAKEN: written, but its task was settled meanwhile; taken away, but written late meanwhile.
    """

    WRITTEN = "WRITTEN"
    REMOVED = "REMOVED"
    OVERTAKEN = "OVERTAKEN"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter task that this process has to itself until its claim runs out.

    version: of the citizen's own, full plan. created_at: when that version was published.
    attempts: earlier ones whose outcome is known. claim: its number. taken_over: from a worker
    that never told what became of it.
    """

    letter_task_id: UUID
    work: LetterWork
    claim: int
    attempts: int
    first_tried_at: datetime
    taken_over: bool
    citizen_id: UUID
    plan_id: UUID
    version: int
    created_at: datetime

    @property
    def lost_claims(self) -> int:
        """How many earlier claims ran out without an outcome."""
        return self.claim - self.attempts - 1


@dataclass(frozen=True, slots=True)
class Content:
    """What is printed: a version as the citizen reads it, and the citizen's name."""

    plan: PlanDocument
    name: str


@dataclass(frozen=True, slots=True)
class LetterBacklog:
    """`oldest`: since when the letter that has no file yet waits; None when none does."""

    oldest: datetime | None
    waiting: int
    failing: int


async def claim(
    connection: Connection, now: datetime, rows: int, lease: timedelta
) -> list[ClaimedLetter]:
    """At most `rows` letter tasks that are due, no other worker's; each is held for `lease`."""
    found = await connection.fetch(queries()["claim_letters"], now, now + lease, rows)
    return [ClaimedLetter(**{**row, "work": LetterWork(row["work"])}) for row in found]


async def read(connection: Connection, letter: ClaimedLetter) -> Content | None:
    """The letter's version, with what was current on the day it was published; None without one."""
    row = await connection.fetchrow(
        queries()["read_version"], letter.plan_id, "FULL", letter.version
    )
    if row is None:
        return None
    day = letter.created_at.astimezone(COPENHAGEN).date()
    citizen = Viewer(Role.CITIZEN, "letter", "", None, letter.citizen_id, NEVER)
    found = citizen_read(row, Moment(letter.created_at, day), citizen, drafts=False)
    return Content(found.plan, found.citizen["name"]["full"]) if found.plan else None


async def settle(
    connection: Connection,
    letter: ClaimedLetter,
    now: datetime,
    *,
    reason: str | None,
    attempts: int,
    due_at: datetime | None,
) -> LetterOutcome | None:
    """Store that the work is done, or for a `reason` (a short code) is to be tried at `due_at`.

    attempts: how many are known by now. None when another worker has taken the task over.
    """
    stored = await connection.fetchval(
        queries()["settle_letter"],
        *(letter.letter_task_id, letter.claim, letter.work, reason is None),
        *(attempts, now, due_at, reason),
    )
    return LetterOutcome(stored) if stored else None


async def rewritten(connection: Connection, letter: ClaimedLetter) -> None:
    """A file was written by a claim that was lost: of a settled task it is taken away again."""
    await connection.execute(queries()["rewritten_letter"], letter.letter_task_id)


async def expire(connection: Connection, sent_before: datetime) -> int:
    """Have the files of letters that were sent before a moment taken away; how many."""
    expired: int = await connection.fetchval(queries()["expire_letters"], sent_before)
    return expired


async def backlog(connection: Connection) -> LetterBacklog:
    row = await connection.fetchrow(queries()["letter_backlog"])
    assert row is not None
    return LetterBacklog(row["oldest"], row["waiting"], row["failing"])
