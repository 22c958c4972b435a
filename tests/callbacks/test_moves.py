"""What a report makes of a message, whenever it comes."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from app.callbacks import SIGNATURE_HEADER
from app.domain.notice import Channel, NoticeEvent
from app.rules.delivery import UNCERTAIN_WAIT
from app.store.deliveries import AttemptOutcome
from app.store.receipts import Verdict, note_receipt
from app.workers.courier import LEASE

from .reports import TOLD_AT, Reporter, token, told

MEANING = {
    "DELIVERED": "DELIVERED",
    "EXPIRED": "EXPIRED",
    **dict.fromkeys(("UNDELIVERABLE", "REJECTED", "SKIPPED", "DELETED"), "FAILED"),
    **dict.fromkeys(("ACCEPTED", "UNKNOWN", "SCHEDULED", "BUFFERED", "ENROUTE"), "SENT"),
    **dict.fromkeys(("SOMETHING_NEW", "delivered", "", "X" * 50), "SENT"),
}


@pytest.mark.parametrize(("status", "becomes"), MEANING.items())
async def test_each_status_of_the_gateway_has_one_meaning(
    shared_reporter: Reporter, status: str, becomes: str
) -> None:
    attempt = await shared_reporter.sent()
    await shared_reporter.tell(told(attempt, status))
    assert await shared_reporter.status(attempt) == becomes


async def test_the_reason_of_a_failure_is_the_gateways_number_and_not_its_words(
    reporter: Reporter,
) -> None:
    attempt = await reporter.sent()
    said = "no such number: 4520301010"
    await reporter.tell(told(attempt, "UNDELIVERABLE", code="0x0310", error=said))
    row = await reporter.place.row(attempt.delivery_id)
    assert (row["status"], row["outcome"]) == ("FAILED", "0x0310")
    assert said not in str(await reporter.receipts())


@pytest.mark.parametrize("code", ["merged", "worker_lost", "4520301010", "0x" + "1" * 30, ""])
async def test_what_is_no_number_of_the_gateway_is_not_kept(
    shared_reporter: Reporter, code: str
) -> None:
    attempt = await shared_reporter.sent()
    await shared_reporter.tell(told(attempt, "UNDELIVERABLE", code=code))
    row = await shared_reporter.place.row(attempt.delivery_id)
    assert (row["status"], row["outcome"]) == ("FAILED", "receipt")


async def test_what_comes_late_after_the_final_word_changes_nothing(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    for status in ("DELIVERED", "BUFFERED", "UNDELIVERABLE", "EXPIRED", "DELIVERED"):
        await reporter.tell(told(attempt, status))
        assert await reporter.status(attempt) == "DELIVERED"
    assert len(await reporter.receipts()) == 4


async def test_a_phone_that_got_it_after_all_has_the_last_word(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    await reporter.tell(told(attempt, "EXPIRED"))
    await reporter.tell(told(attempt, "ENROUTE"))
    assert await reporter.status(attempt) == "EXPIRED"
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "DELIVERED"


async def test_a_report_may_come_before_the_answer_to_the_sending(reporter: Reporter) -> None:
    attempt = await reporter.begun()
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "CLAIMED"
    await reporter.settle(attempt)
    assert await reporter.status(attempt) == "DELIVERED"


@pytest.mark.parametrize(
    ("status", "becomes"), [("ENROUTE", "SENT"), ("DELIVERED", "DELIVERED"), ("REJECTED", "FAILED")]
)
async def test_a_report_settles_what_nobody_knew(
    reporter: Reporter, status: str, becomes: str
) -> None:
    attempt = await reporter.begun()
    await reporter.settle(attempt, AttemptOutcome.UNCERTAIN)
    assert await reporter.status(attempt) == "UNCERTAIN"
    await reporter.tell(told(attempt, status))
    assert await reporter.status(attempt) == becomes
    reporter.place.clock.turn(UNCERTAIN_WAIT)
    await reporter.place.recover()
    assert await reporter.status(attempt) == becomes


async def test_a_report_of_a_message_whose_worker_died_settles_it(reporter: Reporter) -> None:
    attempt = await reporter.begun()
    await reporter.tell(told(attempt))
    reporter.place.clock.turn(LEASE)
    await reporter.place.recover()
    assert await reporter.status(attempt) == "DELIVERED"


async def test_a_report_after_the_choice_of_silence_still_tells_the_truth(
    reporter: Reporter,
) -> None:
    attempt = await reporter.begun()
    await reporter.settle(attempt, AttemptOutcome.UNCERTAIN)
    reporter.place.clock.turn(UNCERTAIN_WAIT)
    await reporter.place.recover()
    row = await reporter.place.row(attempt.delivery_id)
    assert (row["status"], row["decision"]) == ("UNCERTAIN", "SILENCE")
    await reporter.tell(told(attempt))
    assert await reporter.status(attempt) == "DELIVERED"


async def uncertain_reminder(reporter: Reporter) -> str:
    """A reminder that is about to be sent a second time; the reference of the first."""
    attempt = await reporter.begun()
    # told of a deadline from here on: a reminder from the start would need a plan that has one
    await reporter.place.pool.execute(
        "update notice set event = $1", NoticeEvent.STEP_DEADLINE_REMINDER
    )
    await reporter.settle(attempt, AttemptOutcome.UNCERTAIN)
    reporter.place.clock.turn(UNCERTAIN_WAIT)
    await reporter.place.recover()
    row = await reporter.place.row(attempt.delivery_id)
    assert (row["status"], row["decision"]) == ("RETRYING", "RESEND")
    return attempt.reference


@pytest.mark.parametrize(("status", "becomes"), [("BUFFERED", "SENT"), ("DELIVERED", "DELIVERED")])
async def test_a_late_report_spares_the_citizen_the_second_message(
    reporter: Reporter, status: str, becomes: str
) -> None:
    reference = await uncertain_reminder(reporter)
    await reporter.tell({"userref": reference, "status": status, "time": TOLD_AT})
    assert await reporter.place.statuses() == [becomes]
    reporter.place.clock.turn(timedelta(days=1))
    await reporter.place.recover()
    assert await reporter.place.statuses() == [becomes]


async def test_a_late_refusal_lets_the_second_message_go(reporter: Reporter) -> None:
    reference = await uncertain_reminder(reporter)
    await reporter.tell({"userref": reference, "status": "REJECTED", "time": TOLD_AT})
    assert await reporter.place.statuses() == ["RETRYING"]


async def test_each_attempt_has_reports_of_its_own(reporter: Reporter) -> None:
    first = await reporter.begun()
    await reporter.settle(first, AttemptOutcome.RETRY)
    reporter.place.clock.turn(timedelta(minutes=1))
    second = await reporter.begin()
    await reporter.settle(second)
    await reporter.tell(told(first, "REJECTED"))
    assert await reporter.status(second) == "SENT"
    await reporter.tell(told(second, "REJECTED"))
    assert await reporter.status(second) == "FAILED"


async def test_a_report_under_another_number_of_the_gateway_counts_and_is_told_to_the_operator(
    reporter: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = await reporter.sent()
    for _ in range(2):
        await reporter.tell(told(attempt, id=7))
    assert await reporter.status(attempt) == "DELIVERED"
    warnings = [record for record in caplog.records if record.name == "minplan.receipts"]
    assert [record.getMessage() for record in warnings] == [
        f"delivery {attempt.delivery_id}, attempt 1: taken under two ids"
    ]


async def test_a_thousand_duplicates_at_once_are_one_report(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    headers = {SIGNATURE_HEADER: token(told(attempt))}
    # the tests' usual client takes half a minute to queue as many
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1000)) as client:

        async def tell() -> int:
            async with client.post(reporter.url, headers=headers) as answer:
                return answer.status

        assert set(await asyncio.gather(*(tell() for _ in range(1000)))) == {200}
    assert await reporter.status(attempt) == "DELIVERED"
    assert len(await reporter.receipts()) == 1


async def test_a_report_and_the_settling_at_once_lose_neither(reporter: Reporter) -> None:
    for _ in range(20):
        attempt = await reporter.begun()
        await asyncio.gather(
            reporter.tell(told(attempt)),
            reporter.settle(attempt),
            reporter.tell(told(attempt, "ENROUTE")),
        )
        assert await reporter.status(attempt) == "DELIVERED"


async def test_a_bounce_goes_the_same_way(reporter: Reporter) -> None:
    place = reporter.place
    await place.notice(await place.citizen(sms=None))
    attempt = await reporter.begin(Channel.EMAIL)
    await reporter.settle(attempt)
    for provider, known in (("sms", False), ("email", True), ("email", True)):
        async with place.pool.acquire() as connection:
            assert known is await note_receipt(
                connection,
                reference=attempt.reference,
                provider=provider,
                status="FAILED",
                verdict=Verdict.FAILED,
                code="5.1.1",
                at=None,
                now=place.clock.now,
            )
    row = await place.row(attempt.delivery_id)
    assert (row["status"], row["outcome"]) == ("FAILED", "5.1.1")
    assert len(await reporter.receipts()) == 1
