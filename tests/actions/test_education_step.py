"""What the citizen saves of a step, and sends."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.actions.education import (
    reopen_education_step,
)
from app.domain.education import (
    ApplicationDraft,
    EducationProposalDraft,
    StepDataDraft,
)
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, Desk, citizen_viewer, day
from tests.actions.youths import (
    SCHOOL,
    STEP_1,
    STEP_2,
    STEP_3,
    YOUTH,
    save,
    send,
    youth,
)


@pytest.mark.rule("R98", "refused")
@pytest.mark.rule("R126", "refused")
async def test_saved_data_are_the_citizens_alone_and_make_no_version(desk: Desk) -> None:
    citizen_id = await youth(desk)
    outcome = await save(desk, citizen_id, STEP_1)
    assert (outcome.versions, outcome.notices) == ({}, 0)
    mine = (await desk.plan(citizen_id, citizen_viewer(citizen_id)))["education_order"]["steps"]
    assert (mine[0]["status"], mine[0]["education_proposals"]) == (
        "SAVED",
        [{"priority": 1, "education_name": "Smed", "reason": "Jeg kan lide metal"}],
    )
    theirs = (await desk.plan(citizen_id))["education_order"]["steps"]
    assert (theirs[0]["status"], theirs[0]["education_proposals"]) == ("OPEN", [])


@pytest.mark.rule("R98", "allowed")
@pytest.mark.rule("R102", "allowed")
async def test_what_was_saved_is_sent_and_lands_in_the_inbox(desk: Desk) -> None:
    citizen_id = await youth(desk, step=2)
    await save(desk, citizen_id, replace(STEP_2, institution_reason=None))
    saved = await save(desk, citizen_id, STEP_2)
    outcome = await send(desk, citizen_id, 2)
    assert (outcome.versions["FULL"], outcome.notices, outcome.warnings) == (2, 0, [])
    for viewer in (JOBCENTER_VIEWER, citizen_viewer(citizen_id)):
        step = (await desk.plan(citizen_id, viewer))["education_order"]["steps"][0]
        assert (step["status"], step["late"], step["institution_reason"]) == (
            "SENT",
            False,
            "Tæt på bussen",
        )
        assert step["institution_proposals"] == [{"goal": "Smed", "institution": SCHOOL}]
    assert (
        await desk.value(
            "select o.code || ' ' || i.kind || ' ' || i.subject_id from inbox_item i"
            " join organisation o using (organisation_id)"
        )
        == f"101 STEP_SENT {saved.done.values['step_id']}"
    )
    assert await desk.value("select count(*) from education_step_draft") == 0


@pytest.mark.rule("R99", "allowed")
@pytest.mark.rule("R99", "refused")
async def test_a_step_that_is_sent_is_locked_until_it_is_reopened(desk: Desk) -> None:
    citizen_id = await youth(desk)
    await send(desk, citizen_id, 1, STEP_1)
    for act in (save(desk, citizen_id, STEP_1), send(desk, citizen_id, 1, STEP_1)):
        with pytest.raises(RulesBroken) as refused:
            await act
        assert [breach.rule for breach in refused.value.breaches] == ["R99"]
    reopened = await desk.run(
        JOBCENTER_VIEWER, lambda work: reopen_education_step(work, citizen_id, day(21))
    )
    assert reopened.notices == 1
    step = (await desk.plan(citizen_id))["education_order"]["steps"][0]
    assert (step["status"], step["deadline"]) == ("REOPENED", day(21).isoformat())
    await send(desk, citizen_id, 1)
    step = (await desk.plan(citizen_id))["education_order"]["steps"][0]
    assert (step["status"], len(step["education_proposals"])) == ("SENT", 1)


async def test_only_a_sent_step_is_reopened(desk: Desk) -> None:
    citizen_id = await youth(desk)
    with pytest.raises(NotFound):
        await desk.run(
            JOBCENTER_VIEWER, lambda work: reopen_education_step(work, citizen_id, day(21))
        )


@pytest.mark.rule("R100", "refused")
async def test_too_late_is_accepted_and_marked(desk: Desk) -> None:
    citizen_id = await youth(desk)
    desk.today = day(14)
    await save(desk, citizen_id, STEP_1)
    desk.today = day(15)
    assert (await send(desk, citizen_id, 1)).warnings == ["DEADLINE_PASSED"]
    assert (await desk.plan(citizen_id))["education_order"]["steps"][0]["late"] is True


@pytest.mark.rule("R98", "refused")
@pytest.mark.rule("R101", "refused")
@pytest.mark.rule("R102", "refused")
@pytest.mark.rule("R80", "refused")
async def test_sending_names_everything_that_is_missing(desk: Desk) -> None:
    citizen_id = await youth(desk, step=2)
    with pytest.raises(RulesBroken) as refused:
        await send(desk, citizen_id, 2, StepDataDraft(2))
    assert [breach.code for breach in refused.value.breaches] == [
        "PROPOSAL_REQUIRED",
        "REASON_REQUIRED",
    ]
    with pytest.raises(RulesBroken) as refused:
        await send(
            desk,
            citizen_id,
            3,
            replace(STEP_3, applications=(ApplicationDraft("x" * 201, sent=True),)),
        )
    assert [breach.rule for breach in refused.value.breaches] == ["R98", "R80", "R101"]
    step = (await desk.plan(citizen_id))["education_order"]["steps"][0]
    assert step["status"] == "OPEN"


async def test_a_step_takes_its_own_data_only(desk: Desk) -> None:
    citizen_id = await youth(desk)
    with pytest.raises(BadUserInput) as other:
        await save(desk, citizen_id, replace(STEP_1, institution_reason="Bus"))
    assert other.value.path == ("input", "institutionReason")
    with pytest.raises(BadUserInput) as blank:
        await save(desk, citizen_id, StepDataDraft(1, (EducationProposalDraft(" "),)))
    assert blank.value.path == ("input", "educationProposals", 0, "educationName")
    with pytest.raises(NotFound):
        await save(desk, await desk.citizen(YOUTH), STEP_1)


async def test_applications_keep_their_id_from_saving_to_sending_and_after(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    await save(desk, citizen_id, STEP_3)
    mine = (await desk.plan(citizen_id, citizen_viewer(citizen_id)))["education_order"]
    first = mine["applications"][0]
    assert (first["institution"], first["sent"], first["answer"]) == (SCHOOL, True, "AWAITING")
    kept = ApplicationDraft("Smed", SCHOOL, True, "ADMITTED", first["id"])
    added = ApplicationDraft("Bager")
    await send(desk, citizen_id, 3, StepDataDraft(3, applications=(added, kept)))
    stored = (await desk.plan(citizen_id))["education_order"]["applications"]
    assert [(item["goal"], item["id"] == first["id"]) for item in stored] == [
        ("Bager", False),
        ("Smed", True),
    ]
    unknown = ApplicationDraft("Smed", application_id=str(uuid4()))
    other = await youth(desk, step=3)
    with pytest.raises(NotFound):
        await save(desk, other, StepDataDraft(3, applications=(unknown,)))
    with pytest.raises(NotFound):
        await save(desk, other, StepDataDraft(3, applications=(kept,)))
