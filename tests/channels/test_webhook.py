"""Events over HTTP: what is signed, what the receiver's answers mean, what a broken line means."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.channels.contract import TryAgain, Undeliverable
from app.channels.web import Timeouts, http_client
from app.channels.webhook import TOLERANCE_SECONDS, Webhook, is_signed, signature
from tests.channels.servers import listening, unused_port
from tests.workers.receiver import SECRET, DataBase, listening_data_base

ROOT = Path(__file__).parents[2]
EVENT = UUID(int=7)
BODY = b'{"type":"plan.published"}'
OTHER = b"quite another secret of 32 bytes"


@pytest.fixture
async def data_base() -> AsyncIterator[DataBase]:
    async with listening_data_base() as found:
        yield found


@asynccontextmanager
async def webhook(url: str, *secrets: bytes, total: float = 20.0) -> AsyncIterator[Webhook]:
    async with http_client() as client:
        yield Webhook(
            client, url=url, secrets=secrets or (SECRET,), timeouts=Timeouts(1.0, total, total)
        )


def headers(stamp: float, *secrets: bytes, body: bytes = BODY) -> dict[str, str]:
    return {
        "webhook-id": str(EVENT),
        "webhook-timestamp": str(int(stamp)),
        "webhook-signature": signature(secrets, str(EVENT), int(stamp), body),
    }


def test_the_signature_is_that_of_the_published_example() -> None:
    """The example that the libraries of Standard Webhooks are tested with."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_an_event_arrives_signed_by_its_id_time_and_body(data_base: DataBase) -> None:
    async with webhook(data_base.url) as sender:
        await sender.send(EVENT, BODY)
    assert (data_base.taken, data_base.bodies, data_base.unsigned) == ([str(EVENT)], [BODY], 0)
    assert data_base.headers[0]["content-type"] == "application/json"


def test_a_forged_changed_or_old_request_is_not_signed() -> None:
    now = time.time()
    good = headers(now, SECRET)
    assert is_signed([SECRET], good, BODY, now)
    assert not is_signed([OTHER], good, BODY, now)
    assert not is_signed([SECRET], good, BODY + b" ", now)
    assert not is_signed([SECRET], good | {"webhook-id": str(UUID(int=8))}, BODY, now)
    assert not is_signed([SECRET], good | {"webhook-timestamp": str(int(now) + 1)}, BODY, now)
    assert not is_signed([SECRET], good, BODY, now + TOLERANCE_SECONDS + 1)
    assert not is_signed([SECRET], good, BODY, now - TOLERANCE_SECONDS - 1)
    for name in good:
        for value in ("", "x", "v1,", "æ", "²"):
            assert not is_signed([SECRET], good | {name: value}, BODY, now)
        assert not is_signed([SECRET], {k: v for k, v in good.items() if k != name}, BODY, now)
    assert not is_signed([], good, BODY, now)


def test_while_a_secret_is_replaced_the_receiver_may_know_the_old_or_the_new_one() -> None:
    now = time.time()
    both = headers(now, OTHER, SECRET)
    assert len(both["webhook-signature"].split()) == 2
    assert is_signed([SECRET], both, BODY, now) and is_signed([OTHER], both, BODY, now)


async def test_without_a_secret_nothing_is_sent() -> None:
    async with http_client() as client:
        with pytest.raises(ValueError, match="secret"):
            Webhook(client, url="http://127.0.0.1/", secrets=[])


@pytest.mark.parametrize("status", [400, 405, 410, 413, 422])
async def test_a_refusal_is_for_good_and_told_to_the_operator(
    data_base: DataBase, status: int
) -> None:
    data_base.answers = [(status, {})]
    async with webhook(data_base.url) as sender:
        with pytest.raises(Undeliverable) as refused:
            await sender.send(EVENT, BODY)
    assert (refused.value.reason, refused.value.operator) == (f"receiver_{status}", True)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_receiver_that_cannot_now_is_asked_again_when_it_wishes(
    data_base: DataBase, status: int
) -> None:
    data_base.answers = [(status, {"retry-after": "120"})]
    async with webhook(data_base.url) as sender:
        with pytest.raises(TryAgain) as failed:
            await sender.send(EVENT, BODY)
    assert (failed.value.reason, failed.value.retry_after) == (f"receiver_{status}", 120.0)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_secret_or_path_kills_no_event_and_is_told_to_the_operator(
    data_base: DataBase, status: int
) -> None:
    data_base.answers = [(status, {})]
    async with webhook(data_base.url) as sender:
        with pytest.raises(TryAgain) as failed:
            await sender.send(EVENT, BODY)
        await sender.send(EVENT, BODY)
    assert (failed.value.reason, failed.value.operator) == (f"receiver_{status}", True)
    assert data_base.taken == [str(EVENT)]


async def test_a_redirect_is_not_followed(data_base: DataBase) -> None:
    data_base.answers = [(307, {"location": data_base.url})]
    async with webhook(data_base.url) as sender:
        with pytest.raises(TryAgain) as failed:
            await sender.send(EVENT, BODY)
    assert (failed.value.reason, failed.value.operator) == ("receiver_307", True)
    assert len(data_base.asked) == 1


async def test_a_receiver_that_does_not_answer_in_time_is_asked_again(data_base: DataBase) -> None:
    data_base.open.clear()
    async with webhook(data_base.url, total=0.2) as sender:
        with pytest.raises(TryAgain, match="no_answer_in_time"):
            await sender.send(EVENT, BODY)
        data_base.open.set()
        await sender.send(EVENT, BODY)
    assert data_base.asked == [str(EVENT)] * 2


async def test_a_line_that_breaks_before_or_after_the_request_loses_nothing() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with listening(hang_up) as port, webhook(f"http://127.0.0.1:{port}/") as sender:
        with pytest.raises(TryAgain, match="answer_lost"):
            await sender.send(EVENT, BODY)
    async with unused_port() as port, webhook(f"http://127.0.0.1:{port}/") as sender:
        with pytest.raises(TryAgain, match="receiver_unreachable"):
            await sender.send(EVENT, BODY)


async def test_a_receiver_without_end_is_cut_off() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        finally:
            writer.transport.abort()

    async with listening(talk) as port, webhook(f"http://127.0.0.1:{port}/", total=5) as sender:
        await sender.send(EVENT, BODY)


def test_the_verification_that_the_contract_prints_works() -> None:
    """docs/events.md, as the receiver's developer copies it."""
    contract = (ROOT / "docs" / "events.md").read_text()
    given: dict[str, Any] = {}
    exec(contract.split("```python\n")[1].split("```")[0], given)  # noqa: S102 - our own text
    is_genuine = given["is_genuine"]
    written = [f"whsec_{base64.b64encode(secret).decode()}" for secret in (OTHER, SECRET)]
    now = time.time()
    assert is_genuine(headers(now, SECRET), BODY, written)
    assert is_genuine(headers(now, OTHER, SECRET), BODY, written[:1])
    assert not is_genuine(headers(now, SECRET), BODY, written[:1])
    assert not is_genuine(headers(now, SECRET), BODY + b" ", written)
    assert not is_genuine(headers(now - 301, SECRET), BODY, written)
