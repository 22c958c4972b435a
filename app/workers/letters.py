"""Writes the print files of letters to exempt citizens, and takes them away again (R115).

Of each open letter task the PDF of exactly its version is set and left in the folder or bucket of
the settings, under the task's id: an attempt after a crash writes the same names. A caseworker
settles the task, whether there is a file or not; so nothing here is ever given up. The file of a
task that was dropped, or sent before the file was ready, goes away at once; of one that was sent
after it was printed when `purge_letters` says so.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.channels.contract import SendFailure, TryAgain
from app.channels.letter import Folder, Letter, LetterBox
from app.channels.letter_bucket import Bucket
from app.pdf.booklet import booklet_of
from app.pdf.render import Unset, render
from app.settings import Settings, SettingsError, env_name
from app.store import letters
from app.store.clock import Clock
from app.store.db import DATABASE_ERRORS, Connection, Pool
from app.store.letters import ClaimedLetter, Content, LetterOutcome, LetterWork
from app.workers import metrics
from app.workers.backoff import LONGEST_PAUSE
from app.workers.courier import ACQUIRE_SECONDS, LEASE, SEND_SECONDS, Courier
from app.workers.outbound import DAY_AND_NIGHT

log = logging.getLogger("minplan.letters")

AT_ONCE: Final = 4
"""PDFs are set one after the other; more at once would only wait in memory."""
LOST_CLAIMS_LIMIT: Final = 3
"""How often a letter may vanish with its worker before it is tried once a day only."""
POISON_PAUSE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Written:
    """What one attempt led to; with a reason it is to be made again at `due_at`."""

    attempts: int
    reason: str | None = None
    due_at: datetime | None = None


class Letters(Courier[ClaimedLetter, Written, LetterOutcome]):
    """Keeps the letter box: what is to be printed is in it, what is not is out of it."""

    def __init__(
        self,
        pool: Pool,
        box: LetterBox,
        clock: Clock,
        *,
        lease: timedelta = LEASE,
        at_once: int = AT_ONCE,
    ) -> None:
        super().__init__(pool, clock, window=DAY_AND_NIGHT, lease=lease, at_once=at_once)
        self._box = box

    async def _take(
        self, connection: Connection, now: datetime, rows: int
    ) -> Sequence[ClaimedLetter] | None:
        return await letters.claim(connection, now, rows, self._lease) or None

    async def _attempt(self, one: ClaimedLetter) -> Written:
        if one.taken_over:
            metrics.LETTER_LOST_CLAIMS.inc()
            log.warning("letter %s is taken over", one.letter_task_id)
        if one.lost_claims >= LOST_CLAIMS_LIMIT:
            # one loss is forgiven, so that the next attempt is made, and another loss waits again
            _alarm("worker_lost")
            return Written(one.attempts + 2, "worker_lost", self._clock().now + POISON_PAUSE)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._do(one)
        except TimeoutError:
            return self._again(one, TryAgain("no_answer_in_time", provider=True))
        except SendFailure as failure:
            return self._again(one, failure)
        except Exception as error:
            # A defect. Another attempt does no harm: it writes the same names.
            log.error("a letter broke its worker's promise: %s", type(error).__name__)
            return self._again(one, TryAgain("unexpected_failure", operator=True))
        return Written(one.attempts + 1)

    async def _do(self, one: ClaimedLetter) -> None:
        if one.work is LetterWork.REMOVE:
            await self._box.remove(one.letter_task_id)
            return
        content = await self._read(one)
        try:
            pdf = await asyncio.to_thread(_pdf, content)
        except Unset:
            raise TryAgain("unprintable", operator=True) from None
        letter = Letter(one.letter_task_id, one.citizen_id, one.version, one.created_at, pdf)
        await self._box.put(letter)

    async def _read(self, one: ClaimedLetter) -> Content:
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                content = await letters.read(connection, one)
        except DATABASE_ERRORS:
            raise TryAgain("database_away") from None
        if content is None:
            raise TryAgain("no_such_version", operator=True)
        return content

    def _again(self, one: ClaimedLetter, failure: SendFailure) -> Written:
        """After a day of attempts it goes on every hour: the task stays open all the same."""
        if failure.operator:
            _alarm(failure.reason)
        attempts = one.attempts + 1
        due_at = self._due_again(attempts, one.first_tried_at)
        return Written(attempts, failure.reason, due_at or self._clock().now + LONGEST_PAUSE)

    async def _settle(
        self, connection: Connection, batch: Sequence[tuple[ClaimedLetter, Written]], now: datetime
    ) -> Sequence[LetterOutcome | None]:
        return [await self._settle_one(connection, one, written, now) for one, written in batch]

    async def _settle_one(
        self, connection: Connection, one: ClaimedLetter, written: Written, now: datetime
    ) -> LetterOutcome | None:
        outcome = await letters.settle(
            connection,
            one,
            now,
            reason=written.reason,
            attempts=written.attempts,
            due_at=written.due_at,
        )
        if outcome is None and one.work is LetterWork.WRITE:
            await letters.rewritten(connection, one)
        return outcome

    def _settled(self, one: ClaimedLetter, outcome: Written, status: LetterOutcome | None) -> None:
        metrics.LETTER_FILES.labels(status or "TAKEN_OVER").inc()
        level = logging.WARNING if status in (None, LetterOutcome.FAILED) else logging.DEBUG
        log.log(level, "letter %s: %s (%s)", one.letter_task_id, status, outcome.reason)
        if status in (None, LetterOutcome.OVERTAKEN):
            self.look_again()  # what was written in vain is to be taken away


def open_letters(settings: Settings) -> LetterBox | None:
    """Where print files go, by the settings; None where none are written.

    Raises SettingsError for a folder that is not there or takes no files.
    """
    if settings.letter_folder is not None:
        try:
            return Folder(settings.letter_folder)
        except OSError as error:
            raise SettingsError(
                f"{env_name('letter_folder')} takes no files: {error.strerror or 'it failed'}."
                " It must be a folder that the worker may write to."
            ) from None
    if settings.letter_bucket_url is None:
        return None
    assert settings.letter_bucket_key_id and settings.letter_bucket_secret
    return Bucket(
        settings.letter_bucket_url,
        key_id=settings.letter_bucket_key_id,
        secret=settings.letter_bucket_secret.get_secret_value(),
        region=settings.letter_bucket_region,
    )


async def purge_letters(pool: Pool, now: datetime, keep_days: int) -> int:
    """Have the print files taken away whose letters were sent `keep_days` ago; how many.

    The workers that write letters do it, and try again what fails. Raises `DATABASE_ERRORS`.
    """
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        return await letters.expire(connection, now - timedelta(days=keep_days))


async def measure(connection: Connection, now: datetime) -> None:
    """Shows Prometheus which letters have no print file, as of `now`."""
    backlog = await letters.backlog(connection)
    age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    metrics.LETTERS_OLDEST.set(max(age, 0.0))
    metrics.LETTERS_WAITING.set(backlog.waiting)
    metrics.LETTERS_FAILING.set(backlog.failing)


def _pdf(content: Content) -> bytes:
    return render(booklet_of(content.plan, content.name))


def _alarm(reason: str) -> None:
    metrics.LETTER_OPERATOR_ALARMS.labels(reason).inc()
    log.error("letters need their operator: %s", reason)
