"""Letters whose workers die, freeze, or work side by side; tasks that are settled meanwhile."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from app.workers.letters import LOST_CLAIMS_LIMIT, POISON_PAUSE
from tests.actions.desk import open_desk
from tests.channels.bucket import BucketServer, bucket_server

from .letter_place import LetterPlace, bucket_at, files, sweep
from .place import ROOT, HandClock, eventually

WORKER = """
import asyncio, sys
from pathlib import Path
from app.settings import load_settings
from app.store.clock import system_clock
from app.store.db import open_pool
from app.workers.letters import Letters, open_letters

async def main():
    async with open_pool(sys.argv[1]) as pool:
        box = open_letters(load_settings(letter_folder=Path(sys.argv[2])))
        made = Letters(pool, box, system_clock)
        await made.deliver_due()
        await made.drain()

asyncio.run(main())
"""


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[LetterPlace]:
    async with open_desk(database_url) as desk:
        yield LetterPlace(desk, HandClock(), tmp_path)


@pytest.fixture
async def bucket() -> AsyncIterator[BucketServer]:
    async with bucket_server() as found:
        yield found


async def waits_for_a_lock(place: LetterPlace) -> bool:
    found: int = await place.desk.value(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    return found > 0


async def test_a_worker_killed_between_file_and_settling_leaves_one_letter(
    place: LetterPlace, database_url: str
) -> None:
    task = await place.letter()
    history, settling = [await asyncpg.connect(database_url) for _ in range(2)]
    await history.execute("begin; lock table plan_version in access exclusive mode")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database_url, str(place.folder), cwd=ROOT, stdout=DEVNULL
    )
    try:
        # it has claimed, and waits to read the version: now the task's row is held, too
        await eventually(lambda: waits_for_a_lock(place))
        await settling.execute("begin; select from letter_task for update")
        await history.execute("rollback")

        async def written() -> bool:
            return place.names() == files(task) and await waits_for_a_lock(place)

        await eventually(written)
    finally:
        process.kill()
        await process.wait()
        # the server would not notice before it got the lock
        await history.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        )
        await settling.execute("rollback")
        for connection in (history, settling):
            await connection.close()
    row = await place.row(task)
    assert (row["status"], row["printed_at"], row["print_claim"]) == ("OPEN", None, 1)
    place.clock.now = datetime.now(UTC)
    place.turn_past_the_lease()
    async with place.worker() as made:
        await sweep(made)
    assert place.names() == files(task)
    row = await place.row(task)
    assert (row["printed_at"], row["print_claim"]) == (place.clock.now, 2)


async def test_what_a_dead_worker_left_of_a_task_that_is_dropped_goes_away(
    place: LetterPlace,
) -> None:
    task = await place.letter()
    await place.abandoned()
    for name in files(task):
        (place.folder / name).write_bytes(b"written, and never settled")
    await place.drop(task)
    async with place.worker() as made:
        await sweep(made)
        assert place.names() == files(task)  # who claimed it may be writing still
        place.turn_past_the_lease()
        await sweep(made)
    assert place.names() == []


async def _holds(bucket: BucketServer) -> bool:
    return bucket.putting > 0


@pytest.mark.parametrize("status", ["DROPPED", "SENT"])
async def test_a_task_that_is_settled_while_its_file_is_written_leaves_no_file(
    place: LetterPlace, bucket: BucketServer, status: str
) -> None:
    task = await place.letter()
    bucket.open.clear()
    async with place.worker(bucket_at(bucket.url)) as made:
        looked: list[str] = []
        made.look_again = lambda: looked.append("again")
        await made.deliver_due()
        await eventually(lambda: _holds(bucket))
        await (place.drop(task) if status == "DROPPED" else place.send(task))
        bucket.open.set()
        await made.drain()
        assert (len(bucket.objects), looked) == (2, ["again"])
        await sweep(made)
    assert bucket.objects == {}
    row = await place.row(task)
    assert (row["status"], row["printed_at"]) == (status, None)
    assert row["print_removed_at"] == place.clock.now


async def test_a_worker_that_wakes_up_late_leaves_no_file_of_a_task_that_was_dropped(
    place: LetterPlace, bucket: BucketServer
) -> None:
    task = await place.letter()
    bucket.open.clear()
    async with (
        place.worker(bucket_at(bucket.url)) as late,
        place.worker(bucket_at(bucket.url)) as other,
    ):
        await late.deliver_due()
        await eventually(lambda: _holds(bucket))
        place.turn_past_the_lease()
        await place.drop(task)
        await sweep(other)
        assert (await place.row(task))["print_removed_at"] is not None
        bucket.open.set()
        await late.drain()
        assert len(bucket.objects) == 2
        assert (await place.row(task))["print_removed_at"] is None
        await sweep(other)
    assert bucket.objects == {}


async def test_a_late_worker_cannot_settle_what_another_has_taken_over(
    place: LetterPlace, bucket: BucketServer
) -> None:
    task = await place.letter()
    bucket.open.clear()
    async with place.worker(bucket_at(bucket.url)) as late, place.worker() as other:
        await late.deliver_due()
        await eventually(lambda: _holds(bucket))
        place.turn_past_the_lease()
        await sweep(other)
        settled = await place.row(task)
        place.clock.turn(timedelta(hours=1))
        bucket.open.set()
        await late.drain()
    assert await place.row(task) == settled
    assert settled["print_claim"] == 2


async def test_workers_side_by_side_write_each_letter_once(
    place: LetterPlace, bucket: BucketServer
) -> None:
    for _ in range(12):
        await place.letter()
    async with (
        place.worker(bucket_at(bucket.url)) as one,
        place.worker(bucket_at(bucket.url)) as other,
    ):
        await asyncio.gather(sweep(one), sweep(other))
    assert (len(bucket.asked), len(bucket.objects)) == (24, 24)
    assert await place.desk.value("select max(print_claim) from letter_task") == 1


async def test_a_letter_under_which_workers_die_is_tried_once_a_day(place: LetterPlace) -> None:
    task = await place.letter()
    for _ in range(LOST_CLAIMS_LIMIT):
        await place.abandoned()
        place.turn_past_the_lease()
    async with place.worker() as made:
        await sweep(made)
        row = await place.row(task)
        assert (row["printed_at"], row["print_outcome"]) == (None, "worker_lost")
        assert row["print_due_at"] == place.clock.now + POISON_PAUSE
        place.clock.now = row["print_due_at"]
        await place.abandoned()
        place.turn_past_the_lease()
        await sweep(made)
        row = await place.row(task)
        assert (row["print_outcome"], row["print_claim"]) == ("worker_lost", 6)
        place.clock.now = row["print_due_at"]
        await sweep(made)
    assert place.names() == files(task)
