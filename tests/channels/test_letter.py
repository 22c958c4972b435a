"""Letters in a folder and in a bucket: whole or not at all, and never twice."""

import hashlib
import resource
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from app.channels.contract import TryAgain
from app.channels.letter import Folder, Letter, manifest_name, pdf_name
from app.channels.letter_bucket import Bucket
from app.channels.web import Timeouts

from .bucket import KEY_ID, REGION, SECRET, BucketServer, bucket_server
from .servers import unused_port

LETTER = Letter(
    UUID("01990000-0000-7000-8000-000000000001"),
    UUID("01990000-0000-7000-8000-000000000002"),
    7,
    datetime(2026, 3, 2, 11, tzinfo=UTC),
    b"%PDF-1.7 a plan",
)
PDF, JSON = pdf_name(LETTER.letter_task_id), manifest_name(LETTER.letter_task_id)


@pytest.fixture
async def bucket() -> AsyncIterator[BucketServer]:
    async with bucket_server() as found:
        yield found


def box(url: str, total: float = 5.0) -> Bucket:
    bounds = Timeouts(total, total, total)
    return Bucket(url, key_id=KEY_ID, secret=SECRET, region=REGION, timeouts=bounds)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def refusal(made: Folder | Bucket, letter: Letter = LETTER) -> tuple[str, bool]:
    """Why a letter could not be put, and whether the operator is told."""
    with pytest.raises(TryAgain) as refused:
        await made.put(letter)
    return refused.value.reason, refused.value.operator


async def test_a_letter_is_a_pdf_and_a_json_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    await Folder(tmp_path).put(LETTER)
    assert names(tmp_path) == sorted([PDF, JSON])
    assert (tmp_path / PDF).read_bytes() == LETTER.pdf
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


async def test_the_json_says_which_letter_it_is_and_nothing_of_the_person(tmp_path: Path) -> None:
    await Folder(tmp_path).put(LETTER)
    assert orjson.loads((tmp_path / JSON).read_bytes()) == {
        "schemaVersion": 1,
        "letterTaskId": str(LETTER.letter_task_id),
        "citizenId": str(LETTER.citizen_id),
        "planVersion": 7,
        "createdAt": "2026-03-02T11:00:00Z",
        "pdfSha256": hashlib.sha256(LETTER.pdf).hexdigest(),
    }


async def test_a_letter_that_is_put_again_is_the_same_two_files(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    await folder.put(LETTER)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    await folder.put(LETTER)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


async def test_what_a_dead_worker_left_half_written_goes_with_the_next_attempt(
    tmp_path: Path,
) -> None:
    half = tmp_path / f".{PDF}.0011223344556677.half"
    other = tmp_path / f".{pdf_name(LETTER.citizen_id)}.0011223344556677.half"
    for path in (half, other):
        path.write_bytes(b"%PDF")
    await Folder(tmp_path).put(LETTER)
    assert names(tmp_path) == sorted([other.name, PDF, JSON])


async def test_removing_takes_both_files_and_may_be_repeated(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    other = replace(LETTER, letter_task_id=LETTER.citizen_id)
    await folder.put(LETTER)
    await folder.put(other)
    for _ in range(2):
        await folder.remove(LETTER.letter_task_id)
    assert names(tmp_path) == sorted(
        [pdf_name(other.letter_task_id), manifest_name(other.letter_task_id)]
    )


async def test_a_disk_that_fills_up_midway_leaves_nothing_of_a_letter(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, before[1]))
    try:
        told = await refusal(folder, replace(LETTER, pdf=bytes(2**21)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told == ("folder_full", True)
    assert names(tmp_path) == []


async def test_a_folder_that_is_gone_is_told_to_the_operator(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    moved = tmp_path.rename(tmp_path.with_name("elsewhere"))
    assert await refusal(folder) == ("folder_missing", True)
    moved.rename(tmp_path)
    await folder.put(LETTER)


def test_a_folder_that_is_not_there_or_is_none_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "absent"):
        with pytest.raises(OSError):
            Folder(path)
    Folder(tmp_path)
    assert names(tmp_path) == ["file"]


async def test_a_bucket_gets_the_pdf_first_and_the_json_last_both_signed(
    bucket: BucketServer,
) -> None:
    await box(bucket.url).put(LETTER)
    assert bucket.asked == [("PUT", "pdf"), ("PUT", "json")]
    assert bucket.unsigned == 0
    assert bucket.objects == {
        f"/letters/min-plan/{PDF}": LETTER.pdf,
        f"/letters/min-plan/{JSON}": LETTER.manifest,
    }
    assert sorted(bucket.kinds.values()) == ["application/json", "application/pdf"]


async def test_a_letter_that_is_put_again_is_the_same_two_objects(bucket: BucketServer) -> None:
    made = box(bucket.url)
    for _ in range(2):
        await made.put(LETTER)
    assert len(bucket.objects) == 2


async def test_removing_takes_the_json_first_and_may_be_repeated(bucket: BucketServer) -> None:
    made = box(bucket.url)
    await made.put(LETTER)
    await made.remove(LETTER.letter_task_id)
    bucket.status = 404
    await made.remove(LETTER.letter_task_id)
    assert bucket.objects == {}
    assert bucket.asked[2:] == [("DELETE", "json"), ("DELETE", "pdf")] * 2


@pytest.mark.parametrize(
    ("status", "reason", "operator"),
    [
        (403, "bucket_refuses", True),
        (401, "bucket_refuses", True),
        (404, "bucket_missing", True),
        (400, "bucket_failed", False),
        (500, "bucket_failed", False),
        (503, "bucket_failed", False),
    ],
)
async def test_a_bucket_that_refuses_is_asked_once_and_again_later(
    bucket: BucketServer, status: int, reason: str, operator: bool
) -> None:
    bucket.status = status
    assert await refusal(box(bucket.url)) == (reason, operator)
    assert bucket.asked == [("PUT", "pdf")]


async def test_a_wrong_secret_is_told_to_the_operator(bucket: BucketServer) -> None:
    bucket.secret = "another"
    assert await refusal(box(bucket.url)) == ("bucket_refuses", True)


async def test_a_redirect_is_not_followed(bucket: BucketServer) -> None:
    async with bucket_server() as other:
        bucket.status, bucket.location = 307, other.url
        assert await refusal(box(bucket.url)) == ("bucket_failed", False)
        assert other.asked == []


async def test_a_bucket_that_does_not_answer_is_asked_again_later(bucket: BucketServer) -> None:
    bucket.open.clear()
    assert await refusal(box(bucket.url, total=0.2)) == ("bucket_failed", False)


async def test_a_bucket_that_is_not_reached_is_asked_again_later() -> None:
    async with unused_port() as port:
        made = box(f"http://127.0.0.1:{port}/letters")
        assert await refusal(made) == ("bucket_failed", False)
        with pytest.raises(TryAgain):
            await made.remove(LETTER.letter_task_id)


async def test_no_variable_of_the_environment_leads_letters_elsewhere(
    bucket: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "else",
        "AWS_SESSION_TOKEN": "token",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_REGION": "us-west-2",
        "AWS_BUCKET": "another",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AWS_UNSIGNED_PAYLOAD": "true",
        "AWS_ALLOW_INVALID_CERTIFICATES": "true",
        "AWS_PROXY_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    await box(bucket.url).put(LETTER)
    assert (len(bucket.objects), bucket.unsigned) == (2, 0)
    assert not any("x-amz-security-token" in headers for headers in bucket.headers)


def test_a_url_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValueError):
        box("http://127.0.0.1:9/")
