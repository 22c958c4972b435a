"""Conversations: the meeting that one was, and the name of who held it."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.actions.conversation import register_conversation
from app.domain.authority import Authority
from app.domain.conversation import ConversationDraft
from app.domain.viewer import Viewer
from app.errors import Forbidden, NotFound, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, Desk, Outcome, day
from tests.actions.test_meeting import book


async def talk(
    desk: Desk,
    citizen_id: UUID,
    meeting_id: UUID | None = None,
    viewer: Viewer = JOBCENTER_VIEWER,
    **changes: object,
) -> Outcome:
    draft = ConversationDraft(
        Authority.JOBCENTER,
        desk.now,
        "PHONE",
        "Du søger to job om ugen.",
        meeting_id=str(meeting_id) if meeting_id else None,
    )
    return await desk.run(
        viewer,
        lambda work: register_conversation(work, citizen_id, replace(draft, **changes)),  # type: ignore[arg-type]  # fields by name
    )


async def test_a_meeting_is_one_conversation(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    meeting_id = (await book(desk, citizen_id)).done.values["meeting_id"]
    await talk(desk, citizen_id, meeting_id)
    assert (await desk.plan(citizen_id))["meetings"][0]["status"] == "HELD"
    with pytest.raises(RulesBroken) as refused:
        await talk(desk, citizen_id, meeting_id, agreement_text="x" * 4001)
    assert {(b.code, b.path) for b in refused.value.breaches} == {
        ("MEETING_HELD", ("input", "meetingId")),
        ("TEXT_TOO_LONG", ("input", "agreementText")),
    }


async def test_a_cancelled_meeting_was_not_held(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    meeting_id = (await book(desk, citizen_id, status="CANCELLED")).done.values["meeting_id"]
    with pytest.raises(RulesBroken) as refused:
        await talk(desk, citizen_id, meeting_id)
    assert [b.code for b in refused.value.breaches] == ["MEETING_CANCELLED"]
    assert await desk.value("select count(*) from conversation") == 0
    with pytest.raises(NotFound):
        await talk(desk, citizen_id, uuid4())


async def test_a_meeting_that_its_system_reports_as_held_still_gets_its_conversation(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    meeting_id = (await book(desk, citizen_id, status="HELD")).done.values["meeting_id"]
    assert (await talk(desk, citizen_id, meeting_id)).versions["FULL"] == 2


async def test_a_caseworker_keeps_the_name_that_documents_were_published_with(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    await talk(desk, citizen_id)
    await talk(desk, other, viewer=replace(JOBCENTER_VIEWER, name="Troels Holm"))
    await talk(desk, other, viewer=replace(JOBCENTER_VIEWER, name=""))
    assert await desk.value("select array_agg(name) from caseworker") == ["Troels Agerskov"]
    assert {a["caseworker"] for a in (await desk.plan(other))["agreements"]} == {"Troels Agerskov"}


@pytest.mark.parametrize("name", ["", "  "])
async def test_a_newcomer_without_a_name_is_refused(desk: Desk, name: str) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(Forbidden, match="no name"):
        await talk(desk, citizen_id, viewer=replace(JOBCENTER_VIEWER, name=name))
    assert await desk.value("select count(*) from caseworker") == 0


async def test_a_conversation_of_a_later_day_holds_no_meeting(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    meeting_id = (await book(desk, citizen_id)).done.values["meeting_id"]
    later = desk.now.replace(month=day(40).month)
    with pytest.raises(RulesBroken):
        await talk(desk, citizen_id, meeting_id, held_at=later)
    assert (await desk.plan(citizen_id))["meetings"][0]["status"] == "PLANNED"
