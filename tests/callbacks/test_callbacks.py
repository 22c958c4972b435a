"""`POST /callbacks/sms`: what is answered, and when."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.callbacks import MAX_BODY_BYTES, PATH, SIGNATURE_HEADER
from app.dev.embedded import Servers
from app.domain.notice import Channel
from app.settings import SettingsError, load_settings
from tests.workers.place import MORNING, Place, eventually
from tests.world import World, open_world

from .reports import OLD_SECRET, PHONE, SECRET, Reporter, counted, token, told


async def test_a_signed_report_is_answered_when_it_is_committed(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    before = counted("DELIVERED")
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "DELIVERED"
    assert counted("DELIVERED") == before + 1
    [receipt] = await reporter.receipts()
    assert (receipt["number"], receipt["provider"], receipt["status"]) == (1, "sms", "DELIVERED")


async def test_the_secret_of_before_counts_while_it_is_replaced(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    await reporter.tell(told(attempt), OLD_SECRET)
    assert await reporter.status(attempt) == "DELIVERED"


async def test_the_token_counts_and_not_the_body(reporter: Reporter) -> None:
    attempt, other = await reporter.sent(), await reporter.sent()
    answer = await reporter.send(
        token(told(attempt, "UNDELIVERABLE")), httpx.Request("POST", "/", json=told(other)).read()
    )
    assert answer.status_code == 200
    assert await reporter.status(attempt) == "FAILED"
    assert await reporter.status(other) == "SENT"


async def test_a_reference_that_is_not_ours_gets_the_same_answer(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    before = counted("unknown")
    references = (
        *("", "x", str(attempt.delivery_id), f"{attempt.delivery_id}.2"),
        *(f"{attempt.delivery_id}.0", f"{attempt.delivery_id}.01", f"{attempt.delivery_id}.99999"),
        *(f" {attempt.reference}", f"{attempt.reference}\n", attempt.reference.upper()),
        f"00000000-0000-7000-8000-{1:012}.1",
    )
    for reference in references:
        await reporter.tell(told(attempt, userref=reference))
    assert counted("unknown") == before + len(references)
    assert await reporter.status(attempt) == "SENT"
    assert await reporter.receipts() == []


async def test_the_second_gateway_reports_to_the_same_address(reporter: Reporter) -> None:
    await reporter.place.notice(await reporter.place.citizen(email=None))
    attempt = await reporter.begin(provider="sms_fallback")
    await reporter.settle(attempt)
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "DELIVERED"
    assert [receipt["provider"] for receipt in await reporter.receipts()] == ["sms_fallback"]


async def test_an_sms_gateway_has_nothing_to_say_of_a_mail(reporter: Reporter) -> None:
    await reporter.place.notice(await reporter.place.citizen(sms=None))
    attempt = await reporter.begin(Channel.EMAIL)
    await reporter.settle(attempt)
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "SENT"
    assert await reporter.receipts() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_allowed(reporter: Reporter, method: str) -> None:
    answer = await reporter.world.client.request(method, reporter.url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_without_a_secret_there_is_no_such_address(world: World) -> None:
    for signature in (token({}), token({}, b""), ""):
        answer = await world.client.post(
            f"{world.base_url}{PATH}", headers={SIGNATURE_HEADER: signature}
        )
        assert answer.status_code == 404


async def test_a_body_has_a_limit_though_it_does_not_count(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    too_large = await reporter.send(token(told(attempt)), b"x" * (MAX_BODY_BYTES + 1))
    assert too_large.status_code == 413
    assert await reporter.status(attempt) == "SENT"
    assert (await reporter.send(token(told(attempt)), b"x" * MAX_BODY_BYTES)).status_code == 200
    assert await reporter.status(attempt) == "DELIVERED"


async def test_a_body_that_does_not_come_is_not_waited_for(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    url = httpx.URL(reporter.url)
    reader, writer = await asyncio.open_connection("127.0.0.1", url.port)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n"
        f"{SIGNATURE_HEADER}: {token(told(attempt))}\r\n\r\n12345"
    )
    with reporter.hurried():
        writer.write(head.encode())
        async with asyncio.timeout(10):
            assert (await reader.readline()).split()[1] == b"408"
        writer.close()
    assert await reporter.status(attempt) == "SENT"


@asynccontextmanager
async def database_away(place: Place, servers: Servers) -> AsyncIterator[None]:
    """Nobody gets into the test's database, and who was in it is out."""
    name = await place.pool.fetchval("select current_database()")
    admin = await asyncpg.connect(servers.database_url)
    try:
        await admin.execute(f"alter database {name} with allow_connections false")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
        )
        yield
    finally:
        await admin.execute(f"alter database {name} with allow_connections true")
        await admin.close()


async def test_while_the_database_is_away_the_gateway_is_asked_to_repeat(
    reporter: Reporter, servers: Servers
) -> None:
    attempt = await reporter.sent()
    signature = token(told(attempt))
    async with database_away(reporter.place, servers):
        for known in (signature, token(told(attempt, userref="x"))):
            answer = await reporter.send(known)
            assert (answer.status_code, answer.content) == (503, b"")

    async def taken() -> bool:
        return (await reporter.send(signature)).status_code == 200

    await eventually(taken)
    assert await reporter.status(attempt) == "DELIVERED"


async def test_the_gateway_hears_nothing_before_the_commit(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    async with reporter.place.pool.acquire() as other:
        holding = other.transaction()
        await holding.start()
        await other.execute(
            "select from delivery where delivery_id = $1 for update", attempt.delivery_id
        )
        telling = asyncio.create_task(reporter.tell(told(attempt)))

        async def waits() -> bool:
            found: bool = await reporter.place.pool.fetchval(
                "select exists (select from pg_stat_activity where datname = current_database()"
                " and wait_event_type = 'Lock')"
            )
            return found

        await eventually(waits)
        assert not telling.done()
        await holding.rollback()
    await telling
    assert await reporter.status(attempt) == "DELIVERED"


async def test_a_message_that_somebody_holds_for_long_is_reported_again_later(
    reporter: Reporter,
) -> None:
    attempt = await reporter.sent()
    async with reporter.place.pool.acquire() as other, other.transaction():
        await other.execute(
            "select from delivery where delivery_id = $1 for update", attempt.delivery_id
        )
        with reporter.hurried():
            assert (await reporter.send(token(told(attempt)))).status_code == 503
    assert await reporter.receipts() == []
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "DELIVERED"


async def test_neither_token_nor_number_is_logged_or_stored(
    reporter: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = await reporter.sent()
    with caplog.at_level(logging.DEBUG):
        await reporter.tell(told(attempt, id=1))
        await reporter.send(token(told(attempt), b"another shared secret, as long"))
    # the test's own client may say what it likes
    logged = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("minplan", "uvi"))
    )
    assert "taken under two ids" in logged
    assert str(PHONE) not in logged
    assert token(told(attempt, id=1)).split(".")[1] not in logged
    [receipt] = await reporter.receipts()
    assert str(PHONE) not in str(dict(receipt))
    metrics = await reporter.world.client.get(f"{reporter.world.base_url}/metrics")
    assert str(PHONE) not in metrics.text


@pytest.mark.parametrize(
    "given_secret", ["short", f"{SECRET.decode()},", f"{'a' * 16},{'b' * 16},{'c' * 16}", "x" * 300]
)
def test_a_secret_that_could_be_guessed_is_refused_and_not_repeated(given_secret: str) -> None:
    with pytest.raises(SettingsError, match="MINPLAN_SMS_CALLBACK_SECRET") as refused:
        load_settings(sms_callback_secret=given_secret)
    assert given_secret not in str(refused.value)


async def test_the_development_gateway_reports_each_sms_as_delivered(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    order = {
        "sender": "JOBNET",
        "message": "Der er nyt",
        "recipients": [{"msisdn": PHONE}],
        "userref": attempt.reference,
        "callback_url": reporter.url,
    }
    gateway = f"{reporter.world.base_url}/rest/mtsms"
    answer = await reporter.world.client.post(gateway, json=order, auth=("t", ""))
    assert answer.status_code == 200

    async def delivered() -> bool:
        return await reporter.status(attempt) == "DELIVERED"

    await eventually(delivered)


async def test_the_development_gateway_reports_to_this_computer_only_and_ends_with_it(
    tmp_path: Path, servers: Servers, database_url: str
) -> None:
    settings = load_settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=servers.redis_url,
        sms_callback_secret=SECRET.decode(),
    )
    async with open_world(settings) as world:
        world.at(MORNING.date())
        sink = world.api.sink
        assert sink is not None
        order = {"sender": "JOBNET", "message": "x", "recipients": [{"msisdn": PHONE}]}
        for url in (None, 5, "http://192.0.2.1/x", "http://[", f"{world.base_url}{PATH}"):
            await world.client.post(
                f"{world.base_url}/rest/mtsms", json={**order, "callback_url": url}, auth=("t", "")
            )
        assert len(sink._reporting) == 1
    assert not sink._reporting
