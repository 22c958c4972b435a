"""Meetings and events from booking systems: idempotent, told once, nobody else's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.actions.citizen import citizen_of
from app.actions.meeting import upsert_meeting
from app.domain.authority import Authority
from app.domain.meeting import MeetingDraft
from app.domain.viewer import Viewer
from app.errors import BadUserInput, NotFound, RulesBroken
from app.store.work import Done, Work
from tests.actions.desk import COLLEAGUE, FUND_VIEWER, JOBCENTER_VIEWER, Desk, Outcome
from tests.actions.register import (
    BOOKING,
    NUMBER,
    OTHER_BOOKING,
    VAULT,
    Act,
    published,
    registered,
)

START = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
MEETING = MeetingDraft(
    external_id="M-1",
    authority=Authority.JOBCENTER,
    source="SUMMONS",
    status="PLANNED",
    starts_at=START,
    ends_at=START + timedelta(minutes=45),
    mode="IN_PERSON",
    caseworker_name="Troels Agerskov",
    place="Jobcenter København",
    map_url="https://kort.example/1",
)


async def book(
    desk: Desk,
    citizen_id: UUID,
    viewer: Viewer = BOOKING,
    office: str | None = None,
    **changes: Any,
) -> Outcome:
    draft = replace(MEETING, **changes)
    return await desk.run(
        viewer, lambda work: upsert_meeting(work, citizen_id, draft, organisation_code=office)
    )


async def event(desk: Desk) -> str | None:
    found: str | None = await desk.value("select event from notice order by notice_id desc limit 1")
    return found


async def test_a_meeting_is_in_the_plan_and_told(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    booked = await book(desk, citizen_id)
    assert (booked.versions, booked.notices) == ({"FULL": 1, "FUND": 1}, 1)
    assert await event(desk) == "MEETING_NEW"
    meeting = (await desk.plan(citizen_id))["meetings"][0]
    assert meeting["id"] == str(booked.done.values["meeting_id"])
    assert (meeting["organisation"], meeting["starts_on"]) == ("Jobcenter København", "2026-03-20")


async def test_the_same_import_again_is_nothing_and_answers_the_same_id(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    booked = await book(desk, citizen_id)
    again = await book(desk, citizen_id)
    assert again.done.values == booked.done.values
    assert (again.versions, again.notices) == ({}, 0)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"starts_at": START - timedelta(hours=1), "status": "CHANGED"}, "MEETING_CHANGED"),
        ({"place": "Rådhuset"}, "MEETING_CHANGED"),
        ({"status": "CANCELLED"}, "MEETING_CHANGED"),
        ({"description": "Tag dit cv med."}, "PLAN_CHANGED"),
    ],
)
async def test_a_changed_meeting_is_told_by_what_changed(
    desk: Desk, changes: dict[str, Any], told: str
) -> None:
    citizen_id = await desk.citizen()
    await book(desk, citizen_id)
    changed = await book(desk, citizen_id, **changes)
    assert (changed.versions["FULL"], changed.notices) == (2, 1)
    assert await event(desk) == told
    assert await desk.value("select count(*) from meeting") == 1


async def test_a_meeting_that_was_held_is_not_told_and_not_changed_any_more(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await book(desk, citizen_id)
    held = await book(desk, citizen_id, status="HELD")
    assert held.notices == 0
    assert (await book(desk, citizen_id)).versions == {}
    assert (await desk.plan(citizen_id))["meetings"][0]["status"] == "HELD"
    with pytest.raises(RulesBroken) as refused:
        await book(desk, citizen_id, place="Rådhuset")
    assert [b.code for b in refused.value.breaches] == ["MEETING_HELD"]


async def test_all_broken_rules_come_at_once_and_nothing_is_stored(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(RulesBroken) as refused:
        await book(
            desk,
            citizen_id,
            JOBCENTER_VIEWER,
            ends_at=START - timedelta(minutes=1),
            description="x" * 1001,
        )
    assert {b.code for b in refused.value.breaches} == {
        "FORBIDDEN",
        "INVALID_PERIOD",
        "TEXT_TOO_LONG",
    }
    assert await desk.value("select count(*) from plan") == 0


@pytest.mark.rule("R154", "allowed")
async def test_each_system_has_ids_of_its_own(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await book(desk, citizen_id)
    await book(desk, citizen_id, OTHER_BOOKING, place="Biblioteket")
    assert await desk.value("select count(*) from meeting") == 2


async def test_a_meeting_does_not_move_to_another_citizen(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    await book(desk, citizen_id)
    with pytest.raises(NotFound):
        await book(desk, other)
    await published(desk, other, COLLEAGUE)
    with pytest.raises(NotFound):
        await book(desk, other, place="Rådhuset")
    assert len((await desk.plan(citizen_id))["meetings"]) == 1


async def test_the_office_is_the_citizens_own_unless_it_is_named(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    fund = Authority.UNEMPLOYMENT_FUND
    await book(desk, citizen_id, authority=fund)
    assert (await desk.plan(citizen_id, FUND_VIEWER))["meetings"][0]["organisation"] != ""
    await book(desk, citizen_id, authority=fund, external_id="M-2", office="20815116")
    with pytest.raises(BadUserInput) as unknown:
        await book(desk, citizen_id, external_id="M-3", office="X")
    assert unknown.value.path == ("input", "organisationCode")
    without = await desk.citizen()
    with pytest.raises(BadUserInput):
        await book(desk, without, authority=fund, external_id="M-4")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": " "}, "externalId"),
        ({"caseworker_name": ""}, "caseworkerName"),
        ({"map_url": "javascript:alert(1)"}, "mapUrl"),
    ],
)
async def test_empty_and_unsafe_texts_are_bad_input(
    desk: Desk, changes: dict[str, Any], field: str
) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(BadUserInput) as refused:
        await book(desk, citizen_id, **changes)
    assert refused.value.path == ("input", field)


async def test_the_citizen_is_named_by_id_or_by_number(desk: Desk) -> None:
    citizen_id = await registered(desk)

    def naming(known: UUID | None, cpr: str | None) -> Act:
        async def act(work: Work) -> Done:
            work.vault = VAULT
            return Done(await citizen_of(work, known, cpr))

        return act

    for known, cpr in ((citizen_id, None), (None, NUMBER), (None, NUMBER.replace("-", ""))):
        assert (await desk.run(BOOKING, naming(known, cpr))).done.citizen_id == citizen_id
    for known, cpr in ((None, None), (citizen_id, NUMBER), (None, "12")):
        with pytest.raises(BadUserInput):
            await desk.run(BOOKING, naming(known, cpr))
    with pytest.raises(NotFound):
        await desk.run(BOOKING, naming(None, "010190-4009"))
