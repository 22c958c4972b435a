"""Exempt citizens with plans, workers that write their letters, and what is stored of that."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from pypdf import PdfReader

from app.actions.closing import close_plan
from app.actions.exemption import complete_letter_task, exempt_from_digital
from app.channels.letter import Folder, LetterBox, manifest_name, pdf_name
from app.channels.letter_bucket import Bucket
from app.store import letters
from app.store.letters import ClaimedLetter
from app.workers.courier import LEASE
from app.workers.letters import Letters
from tests.actions.desk import JOBCENTER_VIEWER, Desk
from tests.actions.register import published
from tests.channels.bucket import KEY_ID, REGION, SECRET

from .place import HandClock


@dataclass
class LetterPlace:
    """A desk, the clock of its letter workers, and the folder that they write to."""

    desk: Desk
    clock: HandClock
    folder: Path

    async def exempt_citizen(
        self, target_group: str = "CASH_BENEFIT_JOB_READY", *, fund_is_responsible: bool = False
    ) -> UUID:
        citizen_id = await self.desk.citizen(target_group, fund_is_responsible=fund_is_responsible)
        await self.desk.run(
            JOBCENTER_VIEWER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST")
        )
        return citizen_id

    async def letter(self) -> UUID:
        """The letter task of a new plan's first version."""
        await published(self.desk, await self.exempt_citizen())
        return await self.newest()

    async def newest(self) -> UUID:
        found: UUID = await self.desk.value(
            "select letter_task_id from letter_task order by letter_task_id desc limit 1"
        )
        return found

    async def row(self, task: UUID) -> asyncpg.Record:
        found = await self.desk.pool.fetchrow(
            "select l.*, p.citizen_id from letter_task l join plan p using (plan_id)"
            " where letter_task_id = $1",
            task,
        )
        assert found is not None
        return found

    async def send(self, task: UUID) -> None:
        """A caseworker notes that the letter was sent."""
        citizen = (await self.row(task))["citizen_id"]
        await self.desk.run(
            JOBCENTER_VIEWER,
            lambda work: complete_letter_task(work, citizen, letter_task_id=task),
        )

    async def drop(self, task: UUID) -> None:
        """The plan is closed; its letters are not sent."""
        citizen = (await self.row(task))["citizen_id"]
        await self.desk.run(
            JOBCENTER_VIEWER,
            lambda work: close_plan(work, citizen, export_to_kui=False, expected_version=None),
        )

    async def abandoned(self) -> list[ClaimedLetter]:
        """A worker that takes what is due and is never heard of again."""
        async with self.desk.pool.acquire() as connection:
            return await letters.claim(connection, self.clock.now, 10, LEASE)

    def turn_past_the_lease(self) -> None:
        self.clock.turn(LEASE + timedelta(seconds=1))

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def said(self, task: UUID) -> str:
        """The words of a letter's PDF."""
        reader = PdfReader(io.BytesIO((self.folder / pdf_name(task)).read_bytes()))
        return " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    @asynccontextmanager
    async def worker(self, box: LetterBox | None = None) -> AsyncIterator[Letters]:
        made = Letters(self.desk.pool, box or Folder(self.folder), self.clock)
        yield made
        await made.drain()


def files(task: UUID) -> list[str]:
    return sorted([pdf_name(task), manifest_name(task)])


def bucket_at(url: str) -> Bucket:
    return Bucket(url, key_id=KEY_ID, secret=SECRET, region=REGION)


async def sweep(made: Letters) -> None:
    await made.deliver_due()
    await made.drain()
