"""Whatever happens to a letter in whatever order: in the end its file is there, or it is not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from app.channels.letter import Folder, Letter
from app.store.db import Pool
from app.workers.courier import LEASE
from app.workers.letters import Letters, purge_letters
from tests.actions.desk import open_desk

from .letter_place import LetterPlace, files, sweep
from .place import HandClock, eventually

STEPS = (
    *("sweep", "sweep", "folder away", "folder back", "minute", "past the lease"),
    *("freeze before", "freeze after", "thaw", "send", "drop", "purge"),
)


class Gate(Folder):
    """The folder of a worker that freezes just before, or just after, its files change."""

    def __init__(self, folder: Path, *, before: bool) -> None:
        super().__init__(folder)
        self._before = before
        self.held = 0
        self.open = asyncio.Event()

    async def put(self, letter: Letter) -> None:
        await self._freeze(self._before)
        await super().put(letter)
        await self._freeze(not self._before)

    async def remove(self, letter_task_id: UUID) -> None:
        await self._freeze(self._before)
        await super().remove(letter_task_id)
        await self._freeze(not self._before)

    async def _freeze(self, here: bool) -> None:
        if here:
            self.held += 1
            await self.open.wait()


class Tale:
    """One letter, what befell it, and the workers that are frozen over it."""

    def __init__(self, place: LetterPlace, task: UUID) -> None:
        self._place = place
        self._task = task
        self._away = place.folder.with_name(f"{place.folder.name}-away")
        self._box = Folder(place.folder)
        self._frozen: list[tuple[Letters, Gate]] = []

    @property
    def _pool(self) -> Pool:
        return self._place.desk.pool

    async def step(self, name: str) -> None:
        match name:
            case "sweep":
                async with self._place.worker(self._box) as made:
                    await sweep(made)
            case "folder away" if self._place.folder.exists():
                self._place.folder.rename(self._away)
            case "folder back":
                self.restore()
            case "minute":
                self._place.clock.turn(timedelta(minutes=1))
            case "past the lease":
                self._place.turn_past_the_lease()
            case "freeze before" | "freeze after" if self._place.folder.exists():
                await self._freeze(before=name == "freeze before")
            case "thaw" if self._frozen:
                await self.thaw()
            case "send" | "drop":
                await self._settle(name)
            case "purge":
                await purge_letters(self._pool, self._place.clock.now + timedelta(days=31), 30)

    async def _settle(self, how: str) -> None:
        if (await self._place.row(self._task))["status"] == "OPEN":
            await (self._place.send if how == "send" else self._place.drop)(self._task)

    async def _freeze(self, *, before: bool) -> None:
        claims = (await self._place.row(self._task))["print_claim"]
        gate = Gate(self._place.folder, before=before)
        made = Letters(self._pool, gate, self._place.clock)
        await made.deliver_due()
        if (await self._place.row(self._task))["print_claim"] > claims:

            async def reached() -> bool:
                return gate.held > 0

            await eventually(reached)
            self._frozen.append((made, gate))
        else:
            gate.open.set()
            await made.drain()

    async def thaw(self) -> None:
        """The worker that has been frozen longest goes on."""
        made, gate = self._frozen.pop(0)
        gate.open.set()
        await made.drain()

    async def thaw_all(self) -> None:
        while self._frozen:
            await self.thaw()

    def restore(self) -> None:
        if self._away.exists():
            self._away.rename(self._place.folder)

    async def end(self) -> None:
        """Whatever is to be done is done, and then the files are as they must be."""
        self.restore()
        for _ in range(3):
            self._place.clock.turn(LEASE + timedelta(days=1))
            await self.step("sweep")
        row = await self._place.row(self._task)
        assert row["print_work"] is None
        printed = row["printed_at"] is not None
        wanted = {
            "OPEN": True,
            "DROPPED": False,
            "SENT": printed and not row["print_expired"],
        }[row["status"]]
        assert self._place.names() == (files(self._task) if wanted else [])
        assert printed or row["status"] != "OPEN"


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[LetterPlace]:
    async with open_desk(database_url) as desk:
        yield LetterPlace(desk, HandClock(), tmp_path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
@example(steps=[*("freeze before", "past the lease") * 3, "send"])
@example(
    steps=[
        *("freeze before", "past the lease") * 2,
        "sweep",
        "drop",
        "freeze after",
        "thaw",
        "thaw",
    ]
)
async def test_in_the_end_a_letter_has_its_file_or_none(
    place: LetterPlace, steps: list[str]
) -> None:
    place.folder = place.folder.with_name(f"letters-{place.desk.numbers[0]}")
    place.folder.mkdir()
    tale = Tale(place, await place.letter())
    try:
        for name in steps:
            await tale.step(name)
        await tale.end()
    finally:
        tale.restore()
        await tale.thaw_all()
    await tale.end()
    if (await place.row(await place.newest()))["status"] == "OPEN":
        await place.drop(await place.newest())
        await tale.end()


async def test_what_is_written_late_while_it_is_taken_away_is_taken_away_once_more_and_at_once(
    place: LetterPlace,
) -> None:
    task = await place.letter()
    tale = Tale(place, task)
    for name in ("freeze before", "past the lease"):
        await tale.step(name)
    await place.abandoned()
    for name in ("past the lease", "sweep", "drop", "freeze after", "thaw"):
        await tale.step(name)
    assert place.names() == files(task)  # written by the first, after the last took it away
    for name in ("thaw", "sweep"):
        await tale.step(name)
    assert place.names() == []
    row = await place.row(task)
    assert (row["print_removed_at"], row["print_outcome"]) == (place.clock.now, None)
