"""How the citizen wants to be told, and what was seen."""

from typing import Any
from uuid import UUID

import pytest

from app.actions.notification import (
    PreferenceDraft,
    mark_notifications_seen,
    update_notification_preference,
)
from app.errors import BadUserInput, Forbidden, NotFound, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, Desk, Outcome, citizen_viewer
from tests.actions.register import published


async def prefer(desk: Desk, citizen_id: UUID, **wanted: Any) -> dict[str, Any]:
    draft = PreferenceDraft(**wanted)
    done = await desk.run(
        citizen_viewer(citizen_id), lambda work: update_notification_preference(work, draft)
    )
    assert (done.versions, done.notices) == ({}, 0)
    kept: dict[str, Any] = done.done.values["notification_preference"]
    return kept


async def see(desk: Desk, citizen_id: UUID, ids: list[UUID] | None) -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id), lambda work: mark_notifications_seen(work, ids)
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [("00 14 17 62", "00141762"), ("+45 12345678", "12345678"), ("004670123456", "+4670123456")],
)
async def test_a_number_is_kept_in_one_form(desk: Desk, written: str, kept: str) -> None:
    citizen_id = await desk.citizen()
    assert (await prefer(desk, citizen_id, sms=True, sms_number=written))["sms_number"] == kept


async def test_what_is_left_out_stays_and_the_same_again_keeps_its_time(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    first = await prefer(desk, citizen_id, sms=True, sms_number="12345678")
    second = await prefer(desk, citizen_id, email=True, email_address=" s@borger.example ")
    assert (second["sms"], second["email_address"]) == (True, "s@borger.example")
    assert second["updated_at"] > first["updated_at"]
    assert await prefer(desk, citizen_id, sms=True) == second


async def test_an_address_cannot_be_removed_while_it_is_used(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number="12345678")
    with pytest.raises(RulesBroken) as refused:
        await prefer(desk, citizen_id, sms_number=None, email=True)
    assert [(b.code, b.path) for b in refused.value.breaches] == [
        ("ADDRESS_MISSING", ("input", "smsNumber")),
        ("ADDRESS_MISSING", ("input", "emailAddress")),
    ]
    assert await desk.value("select sms_number from notification_preference") == "12345678"
    off = await prefer(desk, citizen_id, sms=False, sms_number=None)
    assert (off["sms"], off["sms_number"]) == (False, None)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"sms_number": "112"}, "smsNumber"), ({"email_address": "signe"}, "emailAddress")],
)
async def test_what_is_no_address_is_bad_input(
    desk: Desk, wanted: dict[str, Any], field: str
) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(BadUserInput) as refused:
        await prefer(desk, citizen_id, **wanted)
    assert refused.value.path == ("input", field)
    assert await desk.value("select count(*) from notification_preference") == 0


async def test_a_preference_decides_on_the_messages_of_the_next_notice(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await prefer(desk, citizen_id, sms=True, sms_number="12345678")
    await published(desk, citizen_id)
    assert await desk.value("select array_agg(channel) from delivery") == ["SMS"]


async def test_notices_are_seen_once_by_id_or_all_together(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    for _ in range(3):
        await published(desk, citizen_id)
    ids = await desk.value("select array_agg(notice_id) from notice")
    assert (await see(desk, citizen_id, ids[:1])).done.values["seen"] == ids[:1]
    assert (await see(desk, citizen_id, ids[:1])).done.values["seen"] == []
    assert set((await see(desk, citizen_id, None)).done.values["seen"]) == set(ids[1:])


async def test_somebody_elses_notices_do_not_exist(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    await published(desk, other)
    ids = await desk.value("select array_agg(notice_id) from notice")
    with pytest.raises(NotFound):
        await see(desk, citizen_id, ids)
    assert (await see(desk, citizen_id, None)).done.values["seen"] == []
    assert await desk.value("select count(*) from notice where seen_at is null") == 1


async def test_staff_have_no_notices_of_their_own(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        await desk.run(JOBCENTER_VIEWER, lambda work: mark_notifications_seen(work, None))
