"""A number or address is used once the code that was sent there has been entered (R123)."""

import asyncio
import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from app.actions.notification import (
    PreferenceDraft,
    update_notification_preference,
    verify_contact,
)
from app.domain.notice import Channel
from app.errors import RulesBroken
from app.rules.contact_code import TRIES
from app.store.contact_codes import CodeSeal, draw_code
from app.store.deliveries import accepted, begin, claim, settle
from tests.actions.desk import SEAL, Desk, citizen_viewer
from tests.actions.register import published

MINUTE = timedelta(minutes=1)
NUMBER = "12345678"


async def prefer(desk: Desk, citizen_id: UUID, **wanted: Any) -> dict[str, Any]:
    draft = PreferenceDraft(**wanted)
    done = await desk.run(
        citizen_viewer(citizen_id), lambda work: update_notification_preference(work, draft)
    )
    kept: dict[str, Any] = done.done.values["notification_preference"]
    return kept


async def enter(
    desk: Desk, citizen_id: UUID, code: str, channel: Channel = Channel.SMS
) -> dict[str, Any]:
    done = await desk.run(
        citizen_viewer(citizen_id), lambda work: verify_contact(work, channel, code)
    )
    kept: dict[str, Any] = done.done.values["notification_preference"]
    return kept


async def refusal(desk: Desk, citizen_id: UUID, code: str, channel: Channel = Channel.SMS) -> str:
    with pytest.raises(RulesBroken) as refused:
        await enter(desk, citizen_id, code, channel)
    [breach] = refused.value.breaches
    assert breach.path == ("input", "code")
    return breach.code


async def drawn(desk: Desk, channel: Channel = Channel.SMS) -> str:
    """The one code that waits, drawn as the worker draws it."""
    async with desk.pool.acquire() as connection:
        now = desk.now
        claims = await claim(connection, channel, now, 9, MINUTE, codes=True)
        [attempt] = await begin(connection, claims, "sms", now, now + MINUTE)
        code = await draw_code(connection, SEAL, attempt, now)
        await settle(connection, [accepted(attempt)], now)
    assert code is not None
    return code


def other(code: str, by: int = 1) -> str:
    """A code that is not this one."""
    return f"{(int(code) + by) % 10**6:06d}"


@pytest.mark.rule("R123", "allowed")
@pytest.mark.rule("R123", "refused")
async def test_notices_go_to_an_address_from_when_its_code_is_entered(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    kept = await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    assert (kept["sms_verified"], kept["email_verified"]) == (False, False)
    await published(desk, citizen_id)
    assert await desk.value("select count(*) from notice") == 1
    assert await desk.value("select count(*) from delivery_notice") == 0
    code = await drawn(desk)
    kept = await enter(desk, citizen_id, f" {code[:3]} {code[3:]} ")
    assert (kept["sms_verified"], kept["email_verified"]) == (True, False)
    assert await desk.value("select count(*) from delivery_notice") == 0
    await published(desk, citizen_id)
    assert await desk.value("select channel from delivery_notice") == "SMS"


async def test_a_code_stands_nowhere_but_as_a_hash(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    for table in ("contact_code", "contact_try", "delivery", "notification_preference"):
        rows = await desk.pool.fetch(f"select to_jsonb(t)::text as row from {table} t")
        assert all(code not in row["row"].replace(NUMBER, "") for row in rows), table
    stored = await desk.value("select code_hash from contact_code")
    code_id = await desk.value("select contact_code_id from contact_code")
    assert SEAL.fits(code_id, code, stored)
    assert not CodeSeal(b"other" * 8).fits(code_id, code, stored)
    assert not SEAL.fits(UUID(int=1), code, stored)


async def test_codes_are_compared_in_constant_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def watched(one: bytes, two: bytes) -> bool:
        compared.append((len(one), len(two)))
        return real(one, two)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    assert await refusal(desk, citizen_id, other(code)) == "CODE_WRONG"
    await enter(desk, citizen_id, code)
    assert compared == [(32, 32), (32, 32)]


@pytest.mark.rule("R123", "refused")
async def test_five_wrong_tries_end_a_code_though_each_is_undone(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    for by in range(1, TRIES + 1):
        assert await refusal(desk, citizen_id, other(code, by)) == "CODE_WRONG"
    assert await refusal(desk, citizen_id, code) == "CODE_EXPIRED"
    await prefer(desk, citizen_id, sms=True)
    assert (await enter(desk, citizen_id, await drawn(desk)))["sms_verified"]


@pytest.mark.rule("R123", "allowed")
async def test_the_fifth_try_may_be_the_right_one(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    for by in range(1, TRIES):
        assert await refusal(desk, citizen_id, other(code, by)) == "CODE_WRONG"
    # what can be no code is no guess
    for text in ("", "12345", "1234567", "12345a", "१२३४५६", "x" * 10_000, "\ud800"):
        assert await refusal(desk, citizen_id, text) == "CODE_WRONG"
    assert (await enter(desk, citizen_id, code))["sms_verified"]


async def test_a_hundred_guesses_at_once_are_five(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    answers = await asyncio.gather(
        *(refusal(desk, citizen_id, other(code, by)) for by in range(1, 41))
    )
    assert sorted(answers) == ["CODE_EXPIRED"] * (40 - TRIES) + ["CODE_WRONG"] * TRIES


async def test_the_right_code_entered_twice_at_once_verifies_once(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    both = await asyncio.gather(*(enter(desk, citizen_id, code) for _ in range(2)))
    assert [kept["sms_verified"] for kept in both] == [True, True]
    assert await desk.value("select tries from contact_try") == 1


@pytest.mark.rule("R123", "refused")
async def test_a_code_counts_for_ten_minutes(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    desk.seconds += 598
    assert await refusal(desk, citizen_id, other(code)) == "CODE_WRONG"
    desk.seconds += 1
    assert await refusal(desk, citizen_id, code) == "CODE_EXPIRED"


async def test_who_asked_for_no_code_or_has_none_yet_learns_no_more(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    assert await refusal(desk, citizen_id, "123456") == "CODE_EXPIRED"
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    assert await refusal(desk, citizen_id, "123456") == "CODE_WRONG"
    assert await refusal(desk, citizen_id, "123456", Channel.EMAIL) == "CODE_EXPIRED"


async def test_a_code_is_good_for_its_citizen_and_channel_alone(desk: Desk) -> None:
    citizen_id, stranger = await desk.citizen(), await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    code = await drawn(desk)
    await prefer(desk, stranger, sms=True, sms_number="87654321")
    await drawn(desk)
    assert await refusal(desk, stranger, code) == "CODE_WRONG"
    await prefer(desk, citizen_id, email=True, email_address="s@borger.example")
    mailed = await drawn(desk, Channel.EMAIL)
    if mailed != code:
        assert await refusal(desk, citizen_id, code, Channel.EMAIL) == "CODE_WRONG"
    assert (await enter(desk, citizen_id, mailed, Channel.EMAIL))["email_verified"]
    assert (await enter(desk, citizen_id, code))["sms_verified"]


async def test_asking_again_ends_the_code_before(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    first = await drawn(desk)
    await prefer(desk, citizen_id, sms_number=NUMBER)
    second = await drawn(desk)
    if first != second:
        assert await refusal(desk, citizen_id, first) == "CODE_WRONG"
    assert (await enter(desk, citizen_id, second))["sms_verified"]


async def test_a_code_not_yet_sent_is_replaced_by_the_next(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    await prefer(desk, citizen_id, sms_number="87654321")
    statuses = await desk.value("select array_agg(status order by delivery_id) from delivery")
    assert statuses == ["DROPPED", "PENDING"]


@pytest.mark.rule("R123", "refused")
async def test_another_address_must_be_verified_anew_also_the_old_one(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    first = await drawn(desk)
    changed = await prefer(desk, citizen_id, sms_number="87654321")
    second = await drawn(desk)
    if first != second:
        assert await refusal(desk, citizen_id, first) == "CODE_WRONG"
    assert not changed["sms_verified"]
    assert (await enter(desk, citizen_id, second))["sms_verified"]
    assert not (await prefer(desk, citizen_id, sms_number=NUMBER))["sms_verified"]


@pytest.mark.rule("R123", "allowed")
async def test_a_verified_address_stays_so_while_the_channel_is_off(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number=NUMBER)
    await enter(desk, citizen_id, await drawn(desk))
    for wanted in ({"sms": False}, {"sms": True}, {"sms_number": f"+45 {NUMBER}"}):
        assert (await prefer(desk, citizen_id, **wanted))["sms_verified"]
    assert await desk.value("select count(*) from contact_code") == 1
    assert (await enter(desk, citizen_id, "000000"))["sms_verified"]
    removed = await prefer(desk, citizen_id, sms=False, sms_number=None)
    assert not removed["sms_verified"]


async def test_a_channel_that_is_off_or_not_named_gets_no_code(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms_number=NUMBER)
    assert await desk.value("select count(*) from contact_code") == 0
    await prefer(desk, citizen_id, sms=True)
    await prefer(desk, citizen_id, email=True, email_address="s@borger.example")
    asked = await desk.value("select array_agg(channel order by asked_at) from contact_code")
    assert asked == ["SMS", "EMAIL"]


@pytest.mark.rule("R123", "refused")
async def test_the_fourth_code_of_an_hour_and_the_eleventh_of_a_day_are_refused(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    number = 20_000_000

    async def ask() -> bool:
        nonlocal number
        number += 1
        try:
            await prefer(desk, citizen_id, sms=True, sms_number=str(number))
        except RulesBroken as refused:
            [breach] = refused.breaches
            assert (breach.code, breach.path) == ("TOO_MANY_CODES", ("input", "smsNumber"))
            return False
        return True

    assert [await ask() for _ in range(4)] == [True, True, True, False]
    # nothing of what was refused is stored
    assert await desk.value("select sms_number from notification_preference") == str(number - 1)
    assert (await prefer(desk, citizen_id, email=True, email_address="s@borger.example"))["email"]
    for _ in range(2):
        desk.seconds += 3600
        assert [await ask() for _ in range(4)] == [True, True, True, False]
    desk.seconds += 3600
    assert [await ask() for _ in range(2)] == [True, False]
    # a channel can be turned off whatever the limits say
    assert not (await prefer(desk, citizen_id, sms=False))["sms"]
    desk.seconds += 86_400
    assert await ask()


@given(st.binary(min_size=32, max_size=32), st.uuids(), st.integers(0, 10**6 - 1))
def test_a_hash_fits_its_own_code_only(key: bytes, code_id: UUID, number: int) -> None:
    seal, code = CodeSeal(key), f"{number:06d}"
    stored = seal.hash(code_id, code)
    assert seal.fits(code_id, code, stored)
    assert not seal.fits(code_id, other(code), stored)
    assert code.encode() not in stored
