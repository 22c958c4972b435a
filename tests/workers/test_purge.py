"""What is not kept for ever goes in the night, once; the ledger stays, and knows no address."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from app.dev.sinks import SentMessage
from app.settings import load_settings
from app.store.clock import Clock
from app.store.documents import Moment
from app.store.revocations import FOR_GOOD
from app.store.work import COPENHAGEN
from app.workers.purge import HOLD, Keep, Purger, keep_of

from .event_stream import event
from .gateway import Gateway
from .place import MORNING, Place, eventually
from .sending import send_all

NIGHT = MORNING.replace(hour=1, minute=30)
"""Half past two in Copenhagen."""


@pytest.fixture(autouse=True)
def by_night(place: Place) -> None:
    place.clock.now = NIGHT


def purger(place: Place, keep: Keep | None = None, *, rows: int = 1000) -> Purger:
    """Of a worker that has just started."""
    return Purger(place.pool, place.clock, keep or Keep(), rows=rows)


async def count(place: Place, table: str) -> int:
    found: int = await place.pool.fetchval(f"select count(*) from {table}")
    return found


async def asked(place: Place, days: float, status: str = "FAILED") -> UUID:
    """A code asked for so long ago, tried once, and what became of its message."""
    at = place.clock.now - timedelta(days=days)
    final = status not in ("PENDING", "UNCERTAIN")
    code: UUID = await place.pool.fetchval(
        "with code as (insert into contact_code (citizen_id, channel, asked_at, ended_at)"
        " values ($1, 'SMS', $2, $2) returning contact_code_id), message as ("
        " insert into delivery (contact_code_id, citizen_id, channel, ready_at, due_at, status,"
        " settled_at) select contact_code_id, $1, 'SMS', $2, $2, $3, $4 from code)"
        " insert into contact_try select contact_code_id, 1 from code returning contact_code_id",
        *(await place.citizen(), at, status, at if final else None),
    )
    return code


async def codes(place: Place) -> list[UUID]:
    """Those that are left."""
    rows = await place.pool.fetch("select contact_code_id as id from contact_code order by id")
    return [row["id"] for row in rows]


async def sent(place: Place, days: float) -> UUID:
    """An SMS that was sent so long ago, with the provider's id."""
    at = place.clock.now - timedelta(days=days)
    delivery: UUID = await place.pool.fetchval(
        "with sent as (insert into delivery (citizen_id, channel, ready_at, due_at, status,"
        " accepted_at, settled_at, claim) values ($1, 'SMS', $2, $2, 'SENT', $2, $2, 1)"
        " returning delivery_id) insert into delivery_attempt (delivery_id, number, provider,"
        " begun_at, ended_at, outcome, provider_id)"
        " select delivery_id, 1, 'sms', $2, $2, 'ACCEPTED', '4213' from sent returning delivery_id",
        *(await place.citizen(), at),
    )
    return delivery


async def with_provider_id(place: Place) -> list[UUID]:
    rows = await place.pool.fetch(
        "select delivery_id as id from delivery_attempt where provider_id is not null order by id"
    )
    return [row["id"] for row in rows]


async def test_old_codes_go_with_the_tries_at_them_and_their_messages_stay(place: Place) -> None:
    old, young = await asked(place, 31), await asked(place, 29)
    await purger(place).deliver_due()
    assert await codes(place) == [young]
    assert await count(place, "contact_try") == 1
    kept = await place.pool.fetch("select contact_code_id from delivery order by delivery_id")
    assert [row["contact_code_id"] for row in kept] == [old, young]


@pytest.mark.parametrize("status", ["PENDING", "UNCERTAIN"])
async def test_a_code_whose_message_is_on_its_way_stays_however_old(
    place: Place, status: str
) -> None:
    waiting = await asked(place, 300, status)
    await purger(place).deliver_due()
    assert await codes(place) == [waiting]


async def test_events_go_once_they_were_delivered_long_ago(place: Place) -> None:
    citizen = await place.citizen()
    for status, days in (("DELIVERED", 91), ("DELIVERED", 89), ("DEAD", 400), ("PENDING", 400)):
        settled = None if status == "PENDING" else place.clock.now - timedelta(days=days)
        await place.pool.execute(
            "update system_event set status = $2, settled_at = $3 where system_event_id = $1::uuid",
            *(await event(place, citizen), status, settled),
        )
    await purger(place).deliver_due()
    left = await place.pool.fetch("select status from system_event order by ordinal")
    assert [row["status"] for row in left] == ["DELIVERED", "DEAD", "PENDING"]


async def test_what_mutations_answered_goes_after_a_day(place: Place) -> None:
    for name, hours in (("old", 24.1), ("young", 23.9)):
        await place.pool.execute(
            "insert into kept_answer (claim, request, kept_at) values ($1, $1, $2)",
            *(name.encode().ljust(32), place.clock.now - timedelta(hours=hours)),
        )
    await purger(place).deliver_due()
    left = await place.pool.fetch("select claim from kept_answer")
    assert [bytes(row["claim"]).strip() for row in left] == [b"young"]


async def test_what_was_refused_goes_with_its_days(place: Place) -> None:
    for days in (90.1, 89.9):
        await place.pool.execute(
            "insert into login_refusal (minute, reason, times) values ($1, 'EXPIRED', 1)",
            place.clock.now - timedelta(days=days),
        )
    await purger(place).deliver_due()
    assert await count(place, "login_refusal") == 1


async def test_a_revocation_goes_once_its_tokens_and_its_block_are_over(place: Place) -> None:
    now = place.clock.now
    for subject, days, until in (
        ("over", 401, None),
        ("block over", 500, now - timedelta(days=401)),
        ("blocked", 500, now - timedelta(days=399)),
        ("blocked for good", 500, FOR_GOOD),
        ("young", 399, None),
    ):
        await place.pool.execute(
            "insert into login_revocation values ($1, $2, $3, 'LEFT')",
            *(subject, now - timedelta(days=days), until),
        )
    await purger(place).deliver_due()
    left = await place.pool.fetch("select subject from login_revocation order by 1")
    assert [row["subject"] for row in left] == ["blocked", "blocked for good", "young"]


async def test_providers_ids_go_and_the_ledger_stays(place: Place) -> None:
    await sent(place, 91)
    young = await sent(place, 89)
    await place.notice(await place.citizen())
    await purger(place).deliver_due()
    assert await with_provider_id(place) == [young]
    for table, rows in (("delivery_attempt", 2), ("delivery", 4), ("notice", 1)):
        assert await count(place, table) == rows
    place.clock.turn(timedelta(days=2))
    await purger(place).deliver_due()
    assert await with_provider_id(place) == []


async def test_the_settings_say_how_long(place: Place) -> None:
    settings = load_settings(
        keep_contact_codes_days=2, keep_events_days=3, keep_provider_ids_days=4
    )
    keep = keep_of(settings)
    assert keep == Keep(2, 3, 4, letters=None)
    await asked(place, 2.1)
    await sent(place, 4.1)
    await purger(place, keep).deliver_due()
    assert (await codes(place), await with_provider_id(place)) == ([], [])


async def test_the_print_files_of_letters_are_called_back(place: Place) -> None:
    await place.pool.execute(
        "with p as (insert into plan (citizen_id, plan_type, created_at)"
        " values ($1, 'JOB_PLAN', $2) returning plan_id)"
        " insert into letter_task (plan_id, version, created_at, status, sent_at, printed_at)"
        " select plan_id, 1, $2, 'SENT', $2, $2 from p",
        *(await place.citizen(), place.clock.now - timedelta(days=31)),
    )
    expired = "letter_task where print_expired"
    await purger(place).deliver_due()
    assert await count(place, expired) == 0  # no print files are written here
    place.clock.turn(timedelta(days=1))
    await purger(place, Keep(letters=30)).deliver_due()
    assert await count(place, expired) == 1


async def test_a_purge_is_done_in_the_night_and_once(place: Place) -> None:
    await purger(place).deliver_due()
    again = await asked(place, 31)
    place.clock.turn(timedelta(hours=1))
    await purger(place).deliver_due()
    place.clock.turn(timedelta(hours=12))
    await purger(place).deliver_due()
    assert await codes(place) == [again]
    place.clock.turn(timedelta(hours=11))
    await purger(place).deliver_due()
    assert await codes(place) == []


async def test_where_none_was_done_for_two_days_it_is_done_by_day(place: Place) -> None:
    await purger(place).deliver_due()
    await asked(place, 31)
    place.clock.turn(timedelta(hours=47))
    place.clock.now = place.clock.now.replace(hour=0, minute=10)  # before the hours of the night
    await purger(place).deliver_due()
    assert await count(place, "contact_code") == 1
    place.clock.turn(timedelta(hours=12))
    await purger(place).deliver_due()
    assert await count(place, "contact_code") == 0


async def test_of_workers_that_ask_at_once_one_does_it(place: Place) -> None:
    for _ in range(25):
        await asked(place, 31)
    name, labels = "minplan_purge_rows_total", {"kind": "contact_codes"}
    before = REGISTRY.get_sample_value(name, labels) or 0
    await asyncio.gather(*(purger(place, rows=7).deliver_due() for _ in range(6)))
    assert await codes(place) == []
    assert REGISTRY.get_sample_value(name, labels) == before + 25
    assert await count(place, "purge_run where ended_at is not null") == 1


async def test_a_purge_that_was_left_behind_is_taken_up_when_its_hold_is_over(
    place: Place,
) -> None:
    await asked(place, 31)
    await place.pool.execute(
        "insert into purge_run (day, begun_at, held_until) values ($1, $2, $3)",
        *(place.clock().today, place.clock.now, place.clock.now + HOLD),
    )
    other = purger(place)
    await other.deliver_due()
    assert await count(place, "contact_code") == 1
    place.clock.turn(HOLD)
    await other.deliver_due()
    assert await count(place, "contact_code") == 0


async def test_a_worker_that_stops_leaves_the_rest_to_another_at_once(place: Place) -> None:
    for _ in range(300):
        await asked(place, 31)
    stopped = purger(place, rows=1)
    purging = asyncio.create_task(stopped.deliver_due())

    async def begun() -> bool:
        return len(await codes(place)) < 300

    await eventually(begun)
    stopped.stop()
    await purging
    assert await codes(place) != []
    await purger(place).deliver_due()
    assert await codes(place) == []


@pytest.mark.parametrize(
    ("day", "hour"),
    [(date(2026, 3, 28), 2), (date(2026, 3, 29), 3), (date(2026, 10, 25), 2)],
    ids=["any day", "summer time begins", "summer time ends"],
)
async def test_every_night_has_its_purge(place: Place, day: date, hour: int) -> None:
    """On the day on which the clocks are put forward there is no half past two."""
    midnight = await place.pool.fetchval("select copenhagen_midnight($1)", day)
    await Purger(place.pool, _at(midnight, day - timedelta(days=1)), Keep()).deliver_due()
    for half_hour in range(46):
        now = midnight + timedelta(minutes=30 * half_hour)
        await Purger(place.pool, _at(now, day), Keep()).deliver_due()
    [(begun, ended)] = await place.pool.fetch(
        "select begun_at, ended_at from purge_run where day = $1", day
    )
    assert begun == ended
    assert begun.astimezone(COPENHAGEN).strftime("%H:%M") == f"0{hour}:00"


def _at(now: datetime, day: date) -> Clock:
    return lambda: Moment(now, day)


async def dump(place: Place) -> str:
    """Every row of every table, with what stands in bytes as the text that it is."""
    tables = await place.pool.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    )
    parts = []
    for table in tables:
        rows = await place.pool.fetch(f"select t::text as row from {table['name']} t")
        parts += [row["row"] for row in rows]
    text = "\n".join(parts)
    binary = (bytes.fromhex(one) for one in re.findall(r"\\x((?:[0-9a-f]{2})+)", text))
    return text + "\n".join(one.decode("utf-8", "replace") for one in binary)


REFUSED: tuple[int, dict[str, Any]] = (
    422,
    {"code": "0x0213", "message": "4529384756 is no number", "variables": ["4529384756"]},
)


async def test_neither_address_nor_text_of_what_was_sent_is_in_the_database(
    place: Place, gateway: Gateway
) -> None:
    """Nor anywhere the code; and the addresses stand in one place, where the citizen gave them."""
    place.clock.now = MORNING
    number, address = "29384756", "signe.havn@borger.example"
    gateway.answers.append(REFUSED)
    citizen, *_ = await send_all(place, gateway, sms=number, email=address, code=True)
    await place.notice(citizen)
    sms, code_sms = (body["message"] for body in gateway.bodies)
    private = [number, address, "signe", sms, code_sms, sms[:24]]
    found = await dump(place)
    assert str(citizen) in found
    given = await place.pool.fetchval("select t::text from notification_preference t")
    elsewhere = found.replace(given, "")
    assert [one for one in private if one in elsewhere] == []
    [code] = re.findall(r"\b\d{6}\b", code_sms)
    assert not re.search(rf"(?<![0-9a-f.-]){code}(?![0-9a-f-])", found)
    await place.prefer(citizen, None, None)
    assert [one for one in private if one in await dump(place)] == []


async def test_the_text_of_an_email_is_not_kept_either(place: Place, gateway: Gateway) -> None:
    place.clock.now = MORNING
    kept: list[SentMessage] = []
    await send_all(place, gateway, sms="29384756", email="signe@borger.example", mails=kept)
    [mail] = kept
    found = await dump(place)
    lines = [line for line in mail["body"].splitlines() if line]
    assert lines
    assert [part for part in (str(mail["subject"]), *lines) if part in found] == []
