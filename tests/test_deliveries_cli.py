"""`minplan deliveries`, as operations use it: exit codes, moves, and nothing of a person."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.notice import Channel, NoticeEvent
from app.domain.policy import Policy
from app.rules.notice import COPENHAGEN, next_send_time
from app.store.db import open_pool
from app.store.deliveries import (
    Attempt,
    AttemptOutcome,
    DeliveryStatus,
    Settlement,
    accepted,
    begin,
    claim,
    decide_uncertain,
    settle,
)
from app.store.receipts import Verdict, note_receipt
from app.workers.courier import LEASE
from tests.command import NONE, as_process, in_thread
from tests.workers.place import HandClock, Place

PHONE = "20301010"


@dataclass
class Desk:
    """An operator at a ledger of one message by SMS; by real time, at any hour of the day."""

    place: Place
    citizen: UUID
    message: str

    async def minplan(
        self, *arguments: str, process: bool = False, environment: Mapping[str, str] = NONE
    ) -> tuple[int, str]:
        """`minplan deliveries ...`: its status, and what it told and printed.

        process: from the shell.
        """
        servers = {
            "MINPLAN_DATABASE_URL": self.place.database_url,
            "MINPLAN_REDIS_URL": "redis://127.0.0.1:9",
        }
        command = as_process if process else in_thread
        ended = await command("deliveries", *arguments, environment={**servers, **environment})
        text = ended.told + ended.printed
        assert str(self.citizen) not in text and PHONE not in text
        return ended.status, text

    async def begin(self) -> Attempt:
        """The next attempt at what is due is committed."""
        now = self.place.clock.now = datetime.now(UTC)
        async with self.place.pool.acquire() as connection:
            claims = await claim(connection, Channel.SMS, now, 1, LEASE)
            (attempt,) = await begin(connection, claims, "gateway-1", now, now + LEASE)
        return attempt

    async def end(self, attempt: Attempt, outcome: AttemptOutcome, status: DeliveryStatus) -> None:
        now = self.place.clock.now
        ended = Settlement(attempt, outcome, status, "gateway_503", due_at=now)
        if outcome is AttemptOutcome.ACCEPTED:
            ended = accepted(attempt, "421332671")
        async with self.place.pool.acquire() as connection:
            await settle(connection, [ended], now)

    async def fail(self, outcome: AttemptOutcome, status: DeliveryStatus) -> None:
        await self.end(await self.begin(), outcome, status)

    async def fact(self, column: str) -> object:
        return (await self.place.row(UUID(self.message)))[column]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with open_pool(database_url) as pool:
        always = Policy(send_window_start_hour=0, send_window_end_hour=24)
        place = Place(pool, database_url, HandClock(datetime.now(UTC)), always)
        citizen = await place.citizen(sms=PHONE, email=None)
        (message,) = await place.notice(citizen)
        yield Desk(place, citizen, str(message))


async def test_the_list_begins_with_what_needs_somebody_and_ends_with_what_waits(
    desk: Desk,
) -> None:
    await desk.fail(AttemptOutcome.REFUSED, DeliveryStatus.FAILED)
    (waiting,) = await desk.place.notice(desk.citizen)
    other = await desk.place.citizen(sms=None)
    (mail,) = await desk.place.notice(other)
    status, printed = await desk.minplan("list", process=True)
    heading, *rows = [line.split("\t") for line in printed.splitlines()]
    assert status == 0
    assert [column.strip() for column in heading] == [
        *("delivery_id", "channel", "status", "outcome", "attempts", "ready_at")
    ]
    assert rows[0][:5] == [desk.message, "SMS", "FAILED", "gateway_503", "1"]
    assert {(row[0], row[2]) for row in rows[1:]} == {
        (str(waiting), "PENDING"),
        (str(mail), "PENDING"),
    }
    status, printed = await desk.minplan("list", "--channel", "EMAIL", "--status", "PENDING")
    assert (status, printed.splitlines()[1].split("\t")[0]) == (0, str(mail))
    status, printed = await desk.minplan("list", "--limit", "1")
    assert "There may be more than 1" in printed
    none = await desk.minplan("list", "--status", "UNCERTAIN", "--status", "EXPIRED")
    assert none == (1, "There is none.\n")


async def test_a_message_is_shown_with_all_that_happened_and_without_whom_it_is_for(
    desk: Desk,
) -> None:
    await desk.place.notice(desk.citizen, NoticeEvent.OFFER_GIVEN)
    attempt = await desk.begin()
    await desk.end(attempt, AttemptOutcome.RETRY, DeliveryStatus.RETRYING)
    attempt = await desk.begin()
    await desk.end(attempt, AttemptOutcome.ACCEPTED, DeliveryStatus.SENT)
    async with desk.place.pool.acquire() as connection:
        now = desk.place.clock.now
        await note_receipt(
            connection,
            reference=attempt.reference,
            provider="gateway-1",
            status="DELIVERED",
            verdict=Verdict.DELIVERED,
            code=None,
            at=now,
            now=now,
        )
    status, printed = await desk.minplan("show", desk.message, process=True)
    assert status == 0
    assert "status: DELIVERED" in printed and "one_time_code: no" in printed
    parts = [line.strip().split("\t") for line in printed.splitlines() if line.startswith("  ")]
    assert [part[1] for part in parts[:2]] == ["PLAN_CHANGED", "OFFER_GIVEN"]
    assert [(part[0], part[1], *part[4:]) for part in parts[2:4]] == [
        ("1", "gateway-1", "RETRY", "gateway_503", "-"),
        ("2", "gateway-1", "ACCEPTED", "-", "-"),
    ]
    assert parts[4][:2] == ["2", "gateway-1"] and "DELIVERED" in parts[4]
    assert (await desk.minplan("show", str(uuid4())))[0] == 1


@pytest.mark.parametrize("status", [DeliveryStatus.FAILED, DeliveryStatus.EXPIRED])
async def test_what_was_given_up_gets_a_new_day_of_attempts(
    desk: Desk, status: DeliveryStatus
) -> None:
    await desk.fail(AttemptOutcome.RETRY, status)
    is_first = status is DeliveryStatus.FAILED
    again = await desk.minplan("retry", desk.message, process=is_first)
    assert again == (0, "It is sent again.\n")
    assert (await desk.fact("status"), await desk.fact("outcome")) == ("RETRYING", "operator")
    attempt = await desk.begin()
    assert (attempt.number, attempt.tries) == (2, 1)
    assert attempt.first_tried_at == desk.place.clock.now
    await desk.end(attempt, AttemptOutcome.ACCEPTED, DeliveryStatus.SENT)
    assert (await desk.minplan("retry", desk.message))[0] == 1


SPRING = {"MINPLAN_TODAY": "2031-03-05"}
EVENING = {"MINPLAN_SEND_WINDOW_START_HOUR": "23", "MINPLAN_SEND_WINDOW_END_HOUR": "24"}


@pytest.mark.parametrize("given", [{}, EVENING, SPRING])
async def test_it_is_due_by_the_hours_and_the_day_of_the_workers(
    desk: Desk, given: dict[str, str]
) -> None:
    """In development those of `minplan up`: at any hour, unless others are set."""
    await desk.fail(AttemptOutcome.REFUSED, DeliveryStatus.FAILED)
    assert (await desk.minplan("retry", desk.message, environment=given))[0] == 0
    retried_at, due_at = await desk.fact("retried_at"), await desk.fact("due_at")
    assert isinstance(retried_at, datetime)
    assert due_at == (next_send_time(retried_at, 23, 24) if given == EVENING else retried_at)
    day = retried_at.astimezone(COPENHAGEN).date()
    assert (day == date(2031, 3, 5)) == ("MINPLAN_TODAY" in given)


async def test_a_drop_is_on_the_day_of_the_workers(desk: Desk) -> None:
    assert (await desk.minplan("drop", desk.message, environment=SPRING))[0] == 0
    settled_at = await desk.fact("settled_at")
    assert isinstance(settled_at, datetime)
    assert settled_at.astimezone(COPENHAGEN).date() == date(2031, 3, 5)


async def test_a_message_given_up_joins_the_one_that_waits_already(desk: Desk) -> None:
    await desk.fail(AttemptOutcome.REFUSED, DeliveryStatus.FAILED)
    (waiting,) = await desk.place.notice(desk.citizen, NoticeEvent.OFFER_GIVEN)
    status, printed = await desk.minplan("retry", desk.message)
    assert (status, "instead" in printed) == (0, True)
    assert await desk.fact("merged_into") == waiting
    assert await desk.place.told_by(waiting) == ["PLAN_CHANGED", "OFFER_GIVEN"]


@pytest.mark.parametrize("decided", [True, False])
async def test_what_may_have_been_sent_is_sent_again_only_by_an_express_wish(
    desk: Desk, decided: bool
) -> None:
    await desk.fail(AttemptOutcome.UNCERTAIN, DeliveryStatus.UNCERTAIN)
    if decided:
        async with desk.place.pool.acquire() as connection:
            now = desk.place.clock.now + timedelta(hours=1)
            await decide_uncertain(connection, now, now)
    (waiting,) = await desk.place.notice(desk.citizen)
    status, printed = await desk.minplan("retry", desk.message)
    assert status == 1 and "--may-duplicate" in printed
    assert await desk.fact("status") == "UNCERTAIN"
    assert (await desk.minplan("retry", desk.message, "--may-duplicate"))[0] == 0
    assert (await desk.fact("status"), await desk.fact("decision")) == ("RETRYING", "RESEND")
    assert "RESEND" in (await desk.minplan("show", desk.message))[1]
    assert await desk.place.told_by(waiting) == ["PLAN_CHANGED"]  # nothing joins a resend


async def test_what_waits_is_dropped_and_what_is_uncertain_is_left(desk: Desk) -> None:
    dropped = await desk.minplan("drop", desk.message, process=True)
    assert dropped == (0, "It is not sent.\n")
    assert (await desk.fact("status"), await desk.fact("outcome")) == ("DROPPED", "operator")
    assert (await desk.minplan("drop", desk.message))[0] == 1
    (second,) = await desk.place.notice(desk.citizen)
    desk.message = str(second)
    await desk.fail(AttemptOutcome.UNCERTAIN, DeliveryStatus.UNCERTAIN)
    assert (await desk.minplan("drop", desk.message))[0] == 0
    assert (await desk.fact("status"), await desk.fact("decision")) == ("UNCERTAIN", "SILENCE")
    async with desk.place.pool.acquire() as connection:
        later = desk.place.clock.now + timedelta(hours=1)
        assert await decide_uncertain(connection, later, later) == []
    assert (await desk.minplan("drop", desk.message))[0] == 1


async def test_what_a_worker_holds_is_left_to_it(desk: Desk) -> None:
    attempt = await desk.begin()
    for wish in ("retry", "drop"):
        status, printed = await desk.minplan(wish, desk.message)
        assert status == 1 and "A worker is sending it" in printed
    await desk.end(attempt, AttemptOutcome.ACCEPTED, DeliveryStatus.SENT)
    assert await desk.fact("status") == "SENT"


async def test_all_that_failed_lately_is_sent_again_but_nothing_uncertain(desk: Desk) -> None:
    await desk.fail(AttemptOutcome.REFUSED, DeliveryStatus.FAILED)
    for status in (DeliveryStatus.EXPIRED, DeliveryStatus.UNCERTAIN, DeliveryStatus.FAILED):
        await desk.place.notice(await desk.place.citizen(email=None))
        await desk.fail(AttemptOutcome.UNCERTAIN, status)
    await desk.place.pool.execute(
        "update delivery set settled_at = now() - interval '30 days'"
        " where delivery_id = (select delivery_id from delivery order by delivery_id desc limit 1)"
    )
    assert await desk.minplan("retry", "--all-failed") == (0, "2 to be sent again\n")
    assert await desk.place.statuses() == ["RETRYING", "RETRYING", "UNCERTAIN", "FAILED"]
    assert await desk.minplan("retry", "--all-failed") == (1, "0 to be sent again\n")
    again = await desk.minplan("retry", "--all-failed", "--days", "60")
    assert again == (0, "1 to be sent again\n")


async def test_a_one_time_code_is_never_sent_again(desk: Desk) -> None:
    await desk.place.pool.execute(
        "with code as (insert into contact_code (citizen_id, channel, asked_at)"
        " values ($1, 'SMS', now()) returning contact_code_id)"
        " insert into delivery (citizen_id, channel, status, contact_code_id, ready_at, due_at,"
        " settled_at) select $1, 'SMS', 'FAILED', contact_code_id, now(), now(), now() from code",
        desk.citizen,
    )
    code = await desk.place.pool.fetchval(
        "select delivery_id from delivery where contact_code_id is not null"
    )
    status, printed = await desk.minplan("retry", str(code))
    assert status == 1 and "one-time code" in printed
    assert (await desk.minplan("retry", "--all-failed"))[0] == 1


async def test_a_wrong_command_is_told_apart_from_a_message_that_is_not_there(desk: Desk) -> None:
    for wish in ("retry", "drop"):
        assert (await desk.minplan(wish, str(uuid4())))[0] == 1
    wrong = (
        ("retry",),
        ("retry", desk.message, "--all-failed"),
        ("retry", "--all-failed", "--may-duplicate"),
        ("show", "not-an-id"),
        ("list", "--status", "LOST"),
        ("list", "--channel", "FRONT_PAGE"),
    )
    for arguments in wrong:
        assert (await desk.minplan(*arguments))[0] == 2
