"""What a worker knows of a message is not lost with its connection, its claim or its time."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from app.channels.breaker import Breaker
from app.channels.contract import Accepted, Message, TryAgain
from app.channels.providers import Provider, Providers
from app.domain.notice import Channel, NoticeEvent
from app.store import deliveries, ledger
from app.store.db import open_pool
from app.store.deliveries import Attempt, AttemptOutcome, DeliveryStatus, Settlement
from app.store.receipts import note_receipt
from app.workers import courier
from app.workers.codes import CodeDeliverer
from app.workers.courier import LEASE
from app.workers.deliver import Deliverer
from app.workers.sweep import Sweeper

from .gateway import Gateway
from .place import Place, eventually, sms_providers
from .sending import SEAL, ask_for_code
from .test_deliver import BUSY, deliverer, sweep

QUARTER = timedelta(minutes=16)


async def begin(place: Place) -> Attempt:
    """An attempt at the one message that waits, by a worker that does no more."""
    now = place.clock.now
    async with place.pool.acquire() as connection:
        claims = await deliveries.claim(connection, Channel.SMS, now, 1, LEASE)
        [attempt] = await deliveries.begin(connection, claims, "sms", now, now + LEASE)
    return attempt


async def settle(place: Place, *settlements: Settlement) -> list[DeliveryStatus | None]:
    async with place.pool.acquire() as connection:
        return await deliveries.settle(connection, settlements, place.clock.now)


def not_sent(place: Place, attempt: Attempt) -> Settlement:
    return Settlement(
        attempt, AttemptOutcome.NOT_SENT, DeliveryStatus.RETRYING, due_at=place.clock.now
    )


async def lose(place: Place) -> None:
    place.clock.turn(LEASE)
    await place.recover()


class Way:
    """A provider in trouble, until it is `well`."""

    well = False
    asked = 0

    async def send(self, message: Message) -> Accepted:
        self.asked += 1
        if not self.well:
            raise TryAgain("down", provider=True)
        return Accepted("1")


async def test_an_outcome_waits_for_a_connection_as_long_as_it_takes(
    place: Place, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "ACQUIRE_SECONDS", 0.05)
    [sms] = await place.notice(await place.citizen(email=None))
    gateway.open.clear()
    gateway.answers = [BUSY]
    async with open_pool(place.database_url, size=1) as pool, sms_providers(gateway.url) as chosen:
        made = Deliverer(pool, Channel.SMS, chosen, place.clock)
        await made.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 1)
        async with pool.acquire():
            gateway.open.set()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await made.drain()
        await made.drain()
    assert await place.attempts(sms) == [(1, "RETRY", "gateway_503")]


@pytest.mark.parametrize("committed", [True, False])
async def test_what_could_not_be_begun_for_sure_is_sent_later(
    place: Place, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """The connection breaks around the commit of the attempt: the provider was never asked."""
    real = deliveries.begin

    async def lost(*given: object, **named: object) -> None:
        if committed:
            await real(*given, **named)  # type: ignore[arg-type]  # passed on as given
        raise asyncpg.ConnectionDoesNotExistError("gone")

    [sms] = await place.notice(await place.citizen(email=None))
    async with deliverer(place, gateway) as made:
        for _ in range(4):
            with monkeypatch.context() as patched:
                patched.setattr(deliveries, "begin", lost)
                with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                    await made.deliver_due()
                await made.drain()
        await sweep(made)
    assert gateway.accepted == [f"{sms}.5"]
    assert await place.statuses() == ["SENT"]


async def test_one_message_that_cannot_be_begun_holds_up_no_other(
    place: Place, gateway: Gateway
) -> None:
    for _ in range(5):
        await place.notice(await place.citizen(email=None))
    poisoned = await place.citizen(email=None)
    [poison] = await place.notice(poisoned, NoticeEvent.ACK_REMINDER)
    await place.pool.execute(
        """create or replace function still_stands(e scheduled_event, at timestamptz)
        returns boolean language plpgsql stable
        as $$ begin return e.occasion::integer > 0; end $$"""
    )
    await place.pool.execute(
        "insert into scheduled_event (citizen_id, kind, subject_id, occasion, fired_at)"
        " values ($1, 'ACK_REMINDER', $1, 'x', $2)",
        *(poisoned, place.clock.now),
    )
    async with deliverer(place, gateway) as made:
        for _ in range(3):
            await sweep(made)
            await lose(place)
    assert len(gateway.accepted) == 5
    row = await place.row(poison)
    assert (row["status"], row["outcome"]) == ("FAILED", "worker_lost")


async def test_a_message_that_was_not_sent_after_all_joins_the_one_that_waits(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(email=None)
    [first] = await place.notice(citizen)
    frozen = await begin(place)
    await lose(place)
    [second] = await place.notice(citizen, NoticeEvent.MEETING_NEW)
    assert await settle(place, not_sent(place, frozen)) == [DeliveryStatus.DROPPED]
    assert (await place.row(first))["merged_into"] == second
    async with deliverer(place, gateway) as made:
        await sweep(made)
    assert await place.told_by(second) == ["PLAN_CHANGED", "MEETING_NEW"]


async def test_what_was_left_for_silence_is_sent_when_it_turns_out_not_to_have_been(
    place: Place, gateway: Gateway
) -> None:
    [sms] = await place.notice(await place.citizen(email=None))
    frozen = await begin(place)
    await lose(place)
    place.clock.turn(QUARTER)
    await place.recover()
    assert (await place.row(sms))["decision"] == "SILENCE"
    assert await settle(place, not_sent(place, frozen)) == [DeliveryStatus.RETRYING]
    async with deliverer(place, gateway) as made:
        await sweep(made)
    assert gateway.accepted == [f"{sms}.2"]


async def test_two_claims_of_a_message_in_one_batch_settle_their_own(place: Place) -> None:
    [sms] = await place.notice(await place.citizen(email=None))
    old = await begin(place)
    await lose(place)
    async with place.pool.acquire() as connection:
        await ledger.retry(connection, sms, place.clock.now, place.clock.now, may_duplicate=True)
    new = await begin(place)
    refused = Settlement(old, AttemptOutcome.REFUSED, DeliveryStatus.FAILED, "late")
    await settle(place, refused, deliveries.accepted(new, "77"))
    assert await place.attempts(sms) == [(1, "REFUSED", "late"), (2, "ACCEPTED", None)]
    assert await place.statuses() == ["SENT"]


async def test_news_that_joins_a_tired_message_gets_a_day_of_its_own(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(email=None)
    [sms] = await place.notice(citizen)
    gateway.answers = [BUSY] * 3
    async with deliverer(place, gateway) as made:
        await sweep(made)
        place.clock.turn(timedelta(hours=23))
        await sweep(made)
        await place.notice(citizen, NoticeEvent.OFFER_GIVEN)
        place.clock.turn(timedelta(hours=1))
        await sweep(made)
        assert await place.statuses() == ["RETRYING"]
        place.clock.turn(timedelta(hours=1))
        await sweep(made)
    assert await place.statuses() == ["SENT"]
    assert len(await place.told_by(sms)) == 2


async def test_a_provider_that_took_what_it_had_declined_does_not_silence_what_joined_since(
    place: Place, gateway: Gateway
) -> None:
    citizen = await place.citizen(email=None)
    [sms] = await place.notice(citizen)
    gateway.answers = [BUSY]
    async with deliverer(place, gateway) as made:
        await sweep(made)
        place.clock.turn(timedelta(minutes=1))
        await place.notice(citizen, NoticeEvent.MEETING_NEW)
        assert await told(place, sms, 1, "DELIVERED")
        assert await place.statuses() == ["RETRYING"]
        await sweep(made)
    assert gateway.accepted == [f"{sms}.2"]


async def told(place: Place, sms: UUID, number: int, status: str) -> bool:
    async with place.pool.acquire() as connection, connection.transaction():
        return await note_receipt(
            connection,
            reference=f"{sms}.{number}",
            provider="sms",
            status=status,
            verdict=status,  # type: ignore[arg-type]  # DELIVERED is both
            code=None,
            at=place.clock.now,
            now=place.clock.now,
        )


async def test_an_acceptance_that_is_told_late_calls_off_the_second_sending(
    place: Place, gateway: Gateway
) -> None:
    """A one-time code, which is sent again as soon as its worker is lost."""
    code = await ask_for_code(place, await place.citizen(email=None))
    async with place.pool.acquire() as connection:
        now = place.clock.now
        claims = await deliveries.claim(connection, Channel.SMS, now, 1, LEASE, codes=True)
        [frozen] = await deliveries.begin(connection, claims, "sms", now, now + LEASE)
    await lose(place)
    assert (await place.row(code))["decision"] == "RESEND"
    assert await settle(place, deliveries.accepted(frozen, "9")) == [DeliveryStatus.SENT]
    async with sms_providers(gateway.url) as chosen:
        await sweep(CodeDeliverer(place.pool, Channel.SMS, chosen, place.clock, seal=SEAL))
    assert gateway.asked == []


async def test_a_worker_whose_clock_runs_ahead_stops_no_other(place: Place) -> None:
    now = place.clock.now
    async with place.pool.acquire() as connection:
        ahead = await deliveries.take_sends(connection, "sms", 9, 10.0, now + timedelta(hours=1))
        assert ahead == 1
        assert await deliveries.take_sends(connection, "sms", 9, 10.0, now) == 0
        soon = now + timedelta(milliseconds=200)
        assert await deliveries.take_sends(connection, "sms", 9, 10.0, soon) == 1


async def test_codes_that_came_too_late_do_not_keep_a_provider_from_being_tried(
    place: Place,
) -> None:
    loop, way = asyncio.get_running_loop(), Way()
    breaker = Breaker(failures=1, shortest=0.05, longest=0.05, probe_seconds=3600)
    chosen = Providers([Provider("sms", way, breaker, at_once=5)])
    choice = chosen.choose(loop.time())
    assert choice is not None
    chosen.report(choice, TryAgain("down", provider=True), loop.time())
    for number in range(3):
        await ask_for_code(place, await place.citizen(email=None, sms=f"203011{number:02d}"))
    place.clock.turn(timedelta(minutes=30))
    await ask_for_code(place, await place.citizen(email=None, sms="20301199"))
    way.well = True
    sweeper = Sweeper(
        CodeDeliverer(place.pool, Channel.SMS, chosen, place.clock, seal=SEAL), seconds=3600
    )
    sweeping = asyncio.create_task(sweeper.run())
    await place.until("EXPIRED", "EXPIRED", "EXPIRED", "SENT")
    sweeper.stop()
    await sweeping


async def test_after_a_probe_that_went_well_the_others_follow_at_once(place: Place) -> None:
    """Also where a rate lets one message go at a time."""
    for _ in range(5):
        await place.notice(await place.citizen(email=None))
    way = Way()
    breaker = Breaker(failures=1, shortest=0.05)
    chosen = Providers([Provider("sms", way, breaker, at_once=20, per_second=1000.0)])
    made = Deliverer(place.pool, Channel.SMS, chosen, place.clock, at_once=1)
    sweeper = Sweeper(made, seconds=3600)
    sweeping = asyncio.create_task(sweeper.run())

    async def tried() -> bool:
        return way.asked > 0

    await eventually(tried)
    way.well = True
    place.clock.turn(timedelta(minutes=2))
    await place.until(*["SENT"] * 5)
    sweeper.stop()
    await sweeping
