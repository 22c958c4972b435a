"""One-time codes on their way: drawn when sent, at any hour, and never left behind in clear."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.actions.notification import (
    PreferenceDraft,
    update_notification_preference,
    verify_contact,
)
from app.channels.gsm7 import parts
from app.dev.sinks import Sink
from app.domain.notice import Channel
from app.domain.viewer import NEVER, Role, Viewer
from app.errors import RulesBroken
from app.store.contact_codes import CodeSeal, ContactCodes, draw_code
from app.store.db import Connection
from app.store.deliveries import Attempt, begin, claim
from app.store.readers import open_readers
from app.store.work import Work
from app.workers.codes import CodeDeliverer
from app.workers.courier import LEASE
from app.workers.deliver import Deliverer

from .gateway import Gateway
from .place import MORNING, Place, mail_providers, sms_providers

SEAL = CodeSeal(b"codes-of-" + b"workers" * 3 + b"..")
NUMBER = "20301010"
BUSY: tuple[int, dict[str, Any]] = (503, {"code": "0x0100"})


async def act(place: Place, citizen_id: UUID, *drafts: PreferenceDraft, code: str = "") -> None:
    """The citizen's own operation: preferences, and then a code for SMS, if one is given."""
    viewer = Viewer(Role.CITIZEN, "c", "Anna Prøve", None, citizen_id, NEVER)
    async with (
        open_readers(place.database_url) as readers,
        place.pool.acquire() as connection,
        connection.transaction(),
    ):
        codes = ContactCodes(SEAL, readers)
        work = Work(connection, viewer, place.clock.now, place.policy, codes=codes)
        for draft in drafts:
            await update_notification_preference(work, draft)
        if code:
            await verify_contact(work, Channel.SMS, code)


async def newcomer(place: Place) -> UUID:
    """A citizen in a target group, with both channels off."""
    citizen_id = await place.citizen(sms=None, email=None)
    await place.pool.execute(
        "insert into target_group_period (citizen_id, target_group, plan_type, valid_from)"
        " values ($1, 'CASH_BENEFIT_JOB_READY', 'JOB_PLAN', $2)",
        *(citizen_id, place.clock().today),
    )
    return citizen_id


async def asking(place: Place) -> UUID:
    """A citizen who has asked for a code by SMS."""
    citizen_id = await newcomer(place)
    await act(place, citizen_id, PreferenceDraft(sms=True, sms_number=NUMBER))
    return citizen_id


@asynccontextmanager
async def code_deliverer(place: Place, gateway: Gateway) -> AsyncIterator[CodeDeliverer]:
    async with sms_providers(gateway.url) as providers:
        made = CodeDeliverer(place.pool, Channel.SMS, providers, place.clock, seal=SEAL)
        yield made
        await made.drain()


async def held(place: Place, connection: Connection) -> Attempt:
    """The attempt at the one code that waits, begun by a worker that does no more."""
    now = place.clock.now
    claims = await claim(connection, Channel.SMS, now, 1, LEASE, codes=True)
    [attempt] = await begin(connection, claims, "sms", now, now + LEASE)
    return attempt


async def sweep(made: Deliverer) -> None:
    await made.deliver_due()
    await made.drain()


def codes_in(gateway: Gateway) -> list[str]:
    """Those that the gateway was handed, in order."""
    return [re.findall(r"\b[0-9]{6}\b", body["message"])[0] for body in gateway.bodies]


async def outcomes(place: Place) -> list[tuple[str, str | None]]:
    rows = await place.pool.fetch("select status, outcome from delivery order by delivery_id")
    return [(row["status"], row["outcome"]) for row in rows]


async def test_a_code_is_sent_by_night_as_by_day(place: Place, gateway: Gateway) -> None:
    place.clock.turn(timedelta(hours=15))
    citizen_id = await asking(place)
    async with code_deliverer(place, gateway) as made:
        await sweep(made)
    assert gateway.bodies[0]["recipients"] == [{"msisdn": 4520301010}]
    assert parts(gateway.bodies[0]["message"]) == 1
    await act(place, citizen_id, code=codes_in(gateway)[0])
    assert await place.statuses() == ["SENT"]


async def test_a_code_arrives_by_email_too(place: Place) -> None:
    sink = Sink()
    port = await sink.start_smtp()
    citizen_id = await newcomer(place)
    await act(place, citizen_id, PreferenceDraft(email=True, email_address="anna@example.dk"))
    try:
        async with mail_providers(port) as providers:
            await sweep(CodeDeliverer(place.pool, Channel.EMAIL, providers, place.clock, seal=SEAL))
    finally:
        await sink.stop()
    [sent] = sink.messages()
    assert sent["to"] == "anna@example.dk"
    assert re.search(r"\b[0-9]{6}\b", sent["body"])
    assert not re.search(r"[0-9]", sent["subject"] or "")


async def test_notices_and_codes_are_sent_apart(place: Place, gateway: Gateway) -> None:
    citizen_id = await asking(place)
    await place.notice(await place.citizen(email=None))
    async with code_deliverer(place, gateway) as made, sms_providers(gateway.url) as providers:
        await sweep(Deliverer(place.pool, Channel.SMS, providers, place.clock))
        assert len(gateway.accepted) == 1
        assert gateway.bodies[0]["message"].startswith("Der er nyt")
        await sweep(made)
    await act(place, citizen_id, code=codes_in_last(gateway))
    assert await place.statuses() == ["SENT", "SENT"]


def codes_in_last(gateway: Gateway) -> str:
    return str(re.findall(r"\b[0-9]{6}\b", gateway.bodies[-1]["message"])[0])


async def test_a_worker_that_dies_before_it_sends_leads_to_another_code(
    place: Place, gateway: Gateway
) -> None:
    citizen_id = await asking(place)
    async with place.pool.acquire() as connection:
        claimed = await held(place, connection)
        lost = await draw_code(connection, SEAL, claimed, place.clock.now)
    assert lost is not None
    async with code_deliverer(place, gateway) as made:
        await sweep(made)
        assert gateway.asked == []
        place.clock.turn(LEASE)
        await place.recover()
        await sweep(made)
    [code] = codes_in(gateway)
    if lost != code:
        with pytest.raises(RulesBroken):
            await act(place, citizen_id, code=lost)
    await act(place, citizen_id, code=code)
    # the one that wakes up late can neither send nor spoil what was sent since
    async with place.pool.acquire() as connection:
        assert await draw_code(connection, SEAL, claimed, place.clock.now) is None


async def test_a_worker_that_wakes_up_late_does_not_spoil_the_code_of_another(
    place: Place, gateway: Gateway
) -> None:
    citizen_id = await asking(place)
    async with place.pool.acquire() as connection:
        late = await held(place, connection)
        place.clock.turn(LEASE)
        await place.recover()
        async with code_deliverer(place, gateway) as made:
            await sweep(made)
        assert await draw_code(connection, SEAL, late, place.clock.now) is None
    await act(place, citizen_id, code=codes_in(gateway)[0])


async def test_an_address_changed_on_the_way_gets_its_own_code(
    place: Place, gateway: Gateway
) -> None:
    citizen_id = await asking(place)
    gateway.open.clear()
    async with code_deliverer(place, gateway) as made:
        await made.deliver_due()
        await gateway.until(lambda g: len(g.asked) == 1)
        await act(place, citizen_id, PreferenceDraft(sms_number="20301011"))
        gateway.open.set()
        await made.drain()
        await sweep(made)
    numbers = [body["recipients"][0]["msisdn"] for body in gateway.bodies]
    assert numbers == [4520301010, 4520301011]
    old, new = codes_in(gateway)
    if old != new:
        with pytest.raises(RulesBroken):
            await act(place, citizen_id, code=old)
    await act(place, citizen_id, code=new)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (PreferenceDraft(sms=False), [("DROPPED", "superseded")]),
        (PreferenceDraft(sms=False, sms_number=None), [("DROPPED", "superseded")]),
        (PreferenceDraft(sms=True), [("DROPPED", "superseded"), ("SENT", None)]),
    ],
)
async def test_a_code_that_nobody_waits_for_is_not_sent(
    place: Place, gateway: Gateway, draft: PreferenceDraft, expected: list[tuple[str, str | None]]
) -> None:
    citizen_id = await asking(place)
    await act(place, citizen_id, draft)
    async with code_deliverer(place, gateway) as made:
        await sweep(made)
    assert await outcomes(place) == expected


async def test_a_code_claimed_before_it_was_ended_is_dropped(
    place: Place, gateway: Gateway
) -> None:
    citizen_id = await asking(place)
    async with place.pool.acquire() as connection:
        claimed = await held(place, connection)
        await act(place, citizen_id, PreferenceDraft(sms=False))
        assert await draw_code(connection, SEAL, claimed, place.clock.now) is None
    place.clock.turn(LEASE)
    await place.recover()
    async with code_deliverer(place, gateway) as made:
        await sweep(made)
    assert gateway.asked == []
    assert await outcomes(place) == [("DROPPED", "superseded")]


async def test_every_attempt_has_a_code_of_its_own_and_only_the_last_counts(
    place: Place, gateway: Gateway
) -> None:
    gateway.answers = [BUSY]
    citizen_id = await asking(place)
    async with code_deliverer(place, gateway) as made:
        await sweep(made)
        assert await outcomes(place) == [("RETRYING", "gateway_503")]
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
    first, second = codes_in(gateway)
    if first != second:
        with pytest.raises(RulesBroken):
            await act(place, citizen_id, code=first)
    await act(place, citizen_id, code=second)


async def test_a_code_never_arrives_long_after_it_was_asked_for(
    place: Place, gateway: Gateway
) -> None:
    gateway.answers = [BUSY] * 100
    [first] = [await asking(place)]
    async with code_deliverer(place, gateway) as made:
        while (await place.statuses())[0] in ("PENDING", "RETRYING"):
            await sweep(made)
            place.clock.turn(timedelta(minutes=1))
        assert await outcomes(place) == [("EXPIRED", "gateway_503")]
        assert place.clock.now <= MORNING + timedelta(minutes=10)
        gateway.answers = []
        await act(place, first, PreferenceDraft(sms=True))
        place.clock.turn(timedelta(minutes=10))
        await sweep(made)
    assert (await outcomes(place))[1] == ("EXPIRED", "too_late")
    assert gateway.accepted == []


async def test_no_code_and_no_number_stands_in_a_log(
    place: Place, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    gateway.answers = [BUSY]
    await asking(place)
    async with code_deliverer(place, gateway) as made:
        await sweep(made)
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
    for private in (*codes_in(gateway), NUMBER):
        assert private not in caplog.text
