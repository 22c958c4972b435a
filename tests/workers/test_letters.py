"""Print files of letters: one for each version of an exempt citizen's plan, and its removal."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from prometheus_client import REGISTRY

from app.actions.intervention import create_intervention
from app.channels.letter import manifest_name, pdf_name
from app.settings import SettingsError, load_settings
from app.texts import text
from app.workers.letters import measure, open_letters, purge_letters
from tests.actions.desk import JOBCENTER_VIEWER, open_desk
from tests.actions.register import published
from tests.actions.test_acknowledgement import AID
from tests.channels.bucket import KEY_ID, REGION, SECRET, bucket_server

from .letter_place import LetterPlace, files, sweep
from .place import HandClock

KEEP_DAYS = 30


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[LetterPlace]:
    async with open_desk(database_url) as desk:
        yield LetterPlace(desk, HandClock(), tmp_path)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"minplan_{name}", labels) or 0.0


async def shown(place: LetterPlace) -> tuple[float, ...]:
    """Seconds that the oldest letter waits; how many wait; how many failed."""
    async with place.desk.pool.acquire() as connection:
        await measure(connection, place.clock.now)
    return tuple(
        counted(f"letters_{name}") for name in ("oldest_unwritten_seconds", "unwritten", "failing")
    )


@pytest.mark.rule("R115", "allowed")
async def test_each_version_becomes_a_letter_that_says_what_that_version_said(
    place: LetterPlace,
) -> None:
    citizen_id = await place.exempt_citizen()
    await published(place.desk, citizen_id)
    first = await place.newest()
    await place.desk.run(JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, AID))
    second = await place.newest()
    async with place.worker() as made:
        await sweep(made)
    assert place.names() == sorted(files(first) + files(second))
    assert "Du søger to job om ugen." in place.said(first)
    assert "Du låner en skærm." in place.said(second)
    assert "Du låner en skærm." not in place.said(first)
    assert "Signe Test" in place.said(first)
    row = await place.row(second)
    assert (row["status"], row["printed_at"], row["print_attempts"]) == ("OPEN", place.clock.now, 1)
    assert orjson.loads((place.folder / manifest_name(second)).read_bytes()) == {
        "schemaVersion": 1,
        "letterTaskId": str(second),
        "citizenId": str(citizen_id),
        "planVersion": 2,
        "createdAt": row["created_at"].isoformat().replace("+00:00", "Z"),
        "pdfSha256": hashlib.sha256((place.folder / pdf_name(second)).read_bytes()).hexdigest(),
    }


@pytest.mark.rule("R115", "refused")
async def test_a_citizen_who_is_not_exempt_gets_no_letter(place: LetterPlace) -> None:
    await published(place.desk, await place.desk.citizen())
    async with place.worker() as made:
        await sweep(made)
    assert place.names() == []


async def test_the_letter_of_a_funds_member_is_the_citizens_own_full_version(
    place: LetterPlace,
) -> None:
    """What the fund may not see stands in it, and no word of hidden parts."""
    citizen_id = await place.exempt_citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await place.desk.run(JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, AID))
    async with place.worker() as made:
        await sweep(made)
    said = place.said(await place.newest())
    assert "Du låner en skærm." in said
    assert text("plan.hidden_parts_notice") not in said


async def test_a_letter_is_written_once_however_often_a_worker_looks(place: LetterPlace) -> None:
    task = await place.letter()
    async with place.worker() as made:
        await sweep(made)
        before = {path: path.stat().st_mtime_ns for path in place.folder.iterdir()}
        place.clock.turn(timedelta(days=2))
        await sweep(made)
    assert {path: path.stat().st_mtime_ns for path in place.folder.iterdir()} == before
    assert (await place.row(task))["print_claim"] == 1


async def test_a_repeated_attempt_writes_the_same_bytes_days_later(place: LetterPlace) -> None:
    """The letter says what was current when its version was published, not when it was printed."""
    task = await place.letter()
    async with place.worker() as made:
        await sweep(made)
        before = {path.name: path.read_bytes() for path in place.folder.iterdir()}
        await place.desk.value(
            "update letter_task set printed_at = null, print_claimed_until = $1", place.clock.now
        )
        place.clock.turn(timedelta(days=400))
        await sweep(made)
    assert {path.name: path.read_bytes() for path in place.folder.iterdir()} == before
    assert (await place.row(task))["printed_at"] == place.clock.now


async def test_a_folder_that_is_away_is_tried_again_and_operations_are_told(
    place: LetterPlace,
) -> None:
    alarms = counted("letter_operator_alarms_total", reason="folder_missing")
    task = await place.letter()
    async with place.worker() as made:
        away = place.folder.rename(place.folder.with_name("away"))
        await sweep(made)
        row = await place.row(task)
        assert (row["printed_at"], row["print_outcome"]) == (None, "folder_missing")
        assert row["print_due_at"] == place.clock.now + timedelta(minutes=1)
        assert counted("letter_operator_alarms_total", reason="folder_missing") == alarms + 1
        assert (await shown(place))[1:] == (1, 1)
        await sweep(made)
        assert (await place.row(task))["print_attempts"] == 1
        away.rename(place.folder)
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
    assert place.names() == files(task)
    assert await shown(place) == (0, 0, 0)
    assert (await place.row(task))["print_outcome"] is None


async def test_a_letter_is_never_given_up(place: LetterPlace) -> None:
    """Every hour after the first day: the task waits for a caseworker all the same."""
    task = await place.letter()
    async with place.worker() as made:
        away = place.folder.rename(place.folder.with_name("away"))
        for _ in range(30):
            await sweep(made)
            place.clock.now = (await place.row(task))["print_due_at"]
        assert (await place.row(task))["print_attempts"] == 30
        away.rename(place.folder)
        await sweep(made)
    assert place.names() == files(task)


async def test_a_letter_that_cannot_be_printed_holds_up_no_other(place: LetterPlace) -> None:
    task = await place.letter()
    await place.desk.value(
        "insert into letter_task (plan_id, version, created_at)"
        " select plan_id, 99, created_at from letter_task"
    )
    broken = await place.newest()
    async with place.worker() as made:
        await sweep(made)
    assert place.names() == files(task)
    assert (await place.row(broken))["print_outcome"] == "no_such_version"


async def test_of_a_task_that_was_dropped_or_sent_before_nothing_is_printed(
    place: LetterPlace,
) -> None:
    dropped, sent = await place.letter(), await place.letter()
    await place.drop(dropped)
    await place.send(sent)
    async with place.worker() as made:
        await sweep(made)
    assert place.names() == []
    assert (await place.row(dropped))["print_claim"] == 0


async def test_the_file_of_a_letter_that_was_dropped_goes_away_at_once(place: LetterPlace) -> None:
    dropped, open_still = await place.letter(), await place.letter()
    async with place.worker() as made:
        await sweep(made)
        await place.drop(dropped)
        await sweep(made)
        assert place.names() == files(open_still)
        assert (await place.row(dropped))["print_removed_at"] == place.clock.now
        place.clock.turn(timedelta(days=1))
        await sweep(made)
    assert (await place.row(dropped))["print_claim"] == 2


async def test_what_could_not_be_taken_away_is_tried_again(place: LetterPlace) -> None:
    task = await place.letter()
    async with place.worker() as made:
        await sweep(made)
        await place.drop(task)
        away = place.folder.rename(place.folder.with_name("away"))
        await sweep(made)
        assert await shown(place) == (0, 0, 1)
        away.rename(place.folder)
        place.clock.turn(timedelta(hours=1))
        await sweep(made)
    assert place.names() == []


async def test_a_letter_that_waits_for_its_next_attempt_is_forgotten_when_it_is_dropped(
    place: LetterPlace,
) -> None:
    task = await place.letter()
    async with place.worker() as made:
        away = place.folder.rename(place.folder.with_name("away"))
        await sweep(made)
        away.rename(place.folder)
        await place.drop(task)
        await sweep(made)
    assert (await place.row(task))["print_removed_at"] == place.clock.now


async def test_the_file_of_a_letter_that_was_sent_is_kept_for_its_days(place: LetterPlace) -> None:
    task, open_still = await place.letter(), await place.letter()
    pool = place.desk.pool
    async with place.worker() as made:
        await sweep(made)
        await place.send(task)
        sent_at = (await place.row(task))["sent_at"]
        place.clock.now = sent_at + timedelta(days=KEEP_DAYS)
        assert await purge_letters(pool, place.clock.now, KEEP_DAYS) == 0
        await sweep(made)
        assert place.names() == sorted(files(task) + files(open_still))
        place.clock.turn(timedelta(seconds=1))
        assert await purge_letters(pool, place.clock.now, KEEP_DAYS) == 1
        assert await purge_letters(pool, place.clock.now, KEEP_DAYS) == 0
        await sweep(made)
    assert place.names() == files(open_still)


async def test_operations_see_how_long_letters_have_waited(place: LetterPlace) -> None:
    assert await shown(place) == (0, 0, 0)
    task = await place.letter()
    await place.letter()
    place.clock.now = (await place.row(task))["created_at"] + timedelta(minutes=3)
    assert await shown(place) == (180, 2, 0)
    written = counted("letter_files_total", outcome="WRITTEN")
    async with place.worker() as made:
        await sweep(made)
    assert await shown(place) == (0, 0, 0)
    assert counted("letter_files_total", outcome="WRITTEN") == written + 2


async def test_the_bucket_of_the_settings_gets_letters_and_loses_them_again(
    place: LetterPlace,
) -> None:
    task = await place.letter()
    async with bucket_server() as bucket:
        settings = load_settings(
            letter_bucket_url=bucket.url,
            letter_bucket_key_id=KEY_ID,
            letter_bucket_secret=SECRET,
            letter_bucket_region=REGION,
        )
        async with place.worker(open_letters(settings)) as made:
            bucket.status = 403
            await sweep(made)
            assert (await place.row(task))["print_outcome"] == "bucket_refuses"
            bucket.status = None
            place.clock.turn(timedelta(minutes=1))
            await sweep(made)
            assert sorted(path.rpartition("/")[2] for path in bucket.objects) == files(task)
            await place.drop(task)
            await sweep(made)
            assert bucket.objects == {}


def test_without_a_folder_or_bucket_nothing_is_printed() -> None:
    settings = load_settings()
    assert not settings.prints_letters
    assert open_letters(settings) is None


def test_a_folder_that_takes_no_files_is_refused_by_its_settings_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        open_letters(load_settings(letter_folder=tmp_path / "absent"))
    assert "MINPLAN_LETTER_FOLDER" in str(refused.value)
    assert "absent" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        {"letter_folder": "/tmp", "letter_bucket_url": "https://s3.example/letters"},
        {"letter_bucket_url": "https://s3.example/letters"},
        {"letter_bucket_url": "https://s3.example/letters", "letter_bucket_key_id": "k"},
        {"letter_bucket_url": "https://k:s@s3.example/letters"},
        {"letter_bucket_url": "https://s3.example"},
        {"letter_bucket_url": "s3://letters"},
        {"letter_keep_days": 0},
    ],
)
def test_settings_that_cannot_work_are_refused_without_their_values(
    given: dict[str, object],
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(**given)
    assert "MINPLAN_LETTER_" in str(refused.value)
    assert "example" not in str(refused.value)


def test_production_wants_tls_to_the_bucket() -> None:
    given = {"letter_bucket_key_id": "k", "letter_bucket_secret": "s", "environment": "production"}
    for url, wanted in (("http://s3.example/letters", True), ("https://s3.example/letters", False)):
        with pytest.raises(SettingsError) as refused:
            load_settings(letter_bucket_url=url, **given)
        assert ("MINPLAN_LETTER_BUCKET_URL" in str(refused.value)) is wanted
