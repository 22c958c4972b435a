"""The education order as the jobcenter keeps it: steps, applications, admission."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.education import (
    AdmissionDraft,
    ApplicationChange,
    ApplicationDraft,
    OpenStepDraft,
    StepDataDraft,
    SupportNeedDraft,
)
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import Desk, Outcome, citizen_viewer, day
from tests.actions.youths import (
    CONTACT,
    SCHOOL,
    admitted,
    apply,
    assess,
    move,
    save,
    send,
    youth,
)

NEWEST = "select event from notice order by notice_id desc limit 1"


async def order_of(desk: Desk, citizen_id: UUID) -> Any:
    return (await desk.plan(citizen_id))["education_order"]


async def record(desk: Desk, citizen_id: UUID, draft: AdmissionDraft) -> Outcome:
    return await move(desk, citizen_id, OpenStepDraft(admission=draft))


@pytest.mark.rule("R96", "allowed")
async def test_an_order_opens_and_moves_to_any_step(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    outcome = await move(desk, citizen_id, OpenStepDraft(1, day(7)))
    assert outcome.notices == 1
    assert await desk.value(NEWEST) == "STEP_OPENED"
    order = await order_of(desk, citizen_id)
    assert order["current_step"] == 1
    steps = [(item["step"], item["status"], item["deadline"]) for item in order["steps"]]
    assert steps == [(3, "CLOSED", day(14).isoformat()), (1, "OPEN", day(7).isoformat())]
    assert (await move(desk, citizen_id, OpenStepDraft(1, day(7)))).versions == {}
    await move(desk, citizen_id, OpenStepDraft(1, day(9)))
    order = await order_of(desk, citizen_id)
    assert [item["deadline"] for item in order["steps"]][1:] == [day(9).isoformat()]


@pytest.mark.rule("R48", "refused")
@pytest.mark.rule("R95", "refused")
@pytest.mark.rule("R96", "refused")
async def test_who_may_not_have_an_order_and_which_steps_there_are(desk: Desk) -> None:
    for group, rule in (("CASH_BENEFIT_JOB_READY", "R95"), ("EDU_BENEFIT_JOB_TRACK", "R48")):
        citizen_id = await desk.citizen(group)
        with pytest.raises(RulesBroken) as refused:
            await move(desk, citizen_id, OpenStepDraft(5, day(7)))
        assert [breach.rule for breach in refused.value.breaches] == [rule, "R96"]
    assert await desk.value("select count(*) from plan") == 0


@pytest.mark.rule("R97", "refused")
@pytest.mark.rule("R97", "allowed")
async def test_step_4_begins_with_an_admission(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    waiting = ApplicationChange(None, "Smed", SCHOOL, sent=True, answer="WAITING_LIST")
    application_id = await apply(desk, citizen_id, waiting)
    start = OpenStepDraft(4, day(30), admission=AdmissionDraft(start_date=day(28)))
    with pytest.raises(RulesBroken) as refused:
        await move(desk, citizen_id, start)
    assert [breach.code for breach in refused.value.breaches] == ["ADMISSION_REQUIRED"]
    answered = ApplicationChange(application_id, answer="ADMITTED")
    await move(desk, citizen_id, replace(start, applications=(answered,)))
    order = await order_of(desk, citizen_id)
    assert order["admitted_application"] == {
        "id": application_id,
        "goal": "Smed",
        "institution": SCHOOL,
        "sent": True,
        "answer": "ADMITTED",
    }
    assert order["start_date"] == day(28).isoformat()
    with pytest.raises(RulesBroken) as refused:
        await save(desk, citizen_id, StepDataDraft(4))
    assert [breach.rule for breach in refused.value.breaches] == ["R98"]


async def test_an_order_may_begin_at_step_4_with_the_admission_itself(desk: Desk) -> None:
    """What comes with the step is written before the step is judged."""
    citizen_id = await youth(desk)
    given = (ApplicationChange(None, "Smed", SCHOOL, True, "ADMITTED"),)
    await move(desk, citizen_id, OpenStepDraft(4, day(30), given))
    order = await order_of(desk, citizen_id)
    assert (order["current_step"], order["admitted_application"]["goal"]) == (4, "Smed")


@pytest.mark.rule("R101", "refused")
@pytest.mark.rule("R101", "allowed")
async def test_an_application_that_was_sent_names_its_institution(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    with pytest.raises(RulesBroken) as refused:
        await apply(desk, citizen_id, ApplicationChange(None, "Smed", " ", sent=True))
    (breach,) = refused.value.breaches
    assert (breach.rule, breach.path) == ("R101", ("input", "applications", 0, "institution"))
    await apply(desk, citizen_id, ApplicationChange(None, "Smed", None, sent=False))
    with pytest.raises(NotFound):
        await apply(desk, citizen_id, ApplicationChange(str(uuid4()), answer="REJECTED"))
    with pytest.raises(BadUserInput) as blank:
        await apply(desk, citizen_id, ApplicationChange(answer="REJECTED"))
    assert blank.value.path == ("input", "applications", 0, "goal")


async def test_what_is_learnt_later_leaves_the_step_where_it_is(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    first = await apply(desk, citizen_id, ApplicationChange(None, "Smed", SCHOOL, True))
    assert await desk.value(NEWEST) == "PLAN_CHANGED"
    outcome = await move(
        desk,
        citizen_id,
        OpenStepDraft(
            applications=(
                ApplicationChange(first, answer="REJECTED"),
                ApplicationChange(None, "Bager", SCHOOL, True, "WAITING_LIST"),
            )
        ),
    )
    assert outcome.versions["FULL"] == 3
    order = await order_of(desk, citizen_id)
    assert [(item["step"], item["status"]) for item in order["steps"]] == [(3, "OPEN")]
    assert [(a["goal"], a["sent"], a["answer"]) for a in order["applications"]] == [
        ("Smed", True, "REJECTED"),
        ("Bager", True, "WAITING_LIST"),
    ]
    for nothing in (OpenStepDraft(), OpenStepDraft(step=2), OpenStepDraft(deadline=day(3))):
        with pytest.raises(BadUserInput):
            await move(desk, citizen_id, nothing)
    with pytest.raises(NotFound):
        await record(desk, await desk.citizen("EDU_BENEFIT_EDU_READY"), AdmissionDraft())


async def test_what_the_jobcenter_records_is_not_lost_when_the_citizen_sends(desk: Desk) -> None:
    """The citizen's saved list gets the application too, and nobody else sees the list for it."""
    citizen_id = await youth(desk, step=3)
    mine = ApplicationDraft("Bager", SCHOOL, sent=True)
    await save(desk, citizen_id, StepDataDraft(3, applications=(mine,)))
    await apply(desk, citizen_id, ApplicationChange(None, "Smed", SCHOOL, True, "ADMITTED"))
    assert [a["goal"] for a in (await order_of(desk, citizen_id))["applications"]] == ["Smed"]
    seen = (await desk.plan(citizen_id, citizen_viewer(citizen_id)))["education_order"]
    assert [a["goal"] for a in seen["applications"]] == ["Bager", "Smed"]
    await send(desk, citizen_id, 3)
    sent = (await order_of(desk, citizen_id))["applications"]
    assert [(a["goal"], a["answer"]) for a in sent] == [("Bager", "AWAITING"), ("Smed", "ADMITTED")]


@pytest.mark.rule("R103", "refused")
@pytest.mark.rule("R103", "allowed")
async def test_completing_the_education_closes_step_4_when_support_is_assessed(desk: Desk) -> None:
    citizen_id, application_id = await admitted(desk)
    done = AdmissionDraft(application_id, day(-9), day(-9), day(0))
    with pytest.raises(RulesBroken) as refused:
        await record(desk, citizen_id, done)
    assert [breach.code for breach in refused.value.breaches] == [
        *("SUPPORT_NEED_REQUIRED", "CONTACT_PERSON_REQUIRED"),
    ]
    await record(desk, citizen_id, replace(done, completed_on=None))
    await assess(desk, citizen_id, SupportNeedDraft(False, contact=CONTACT))
    await record(desk, citizen_id, AdmissionDraft(completed_on=day(0)))
    order = await order_of(desk, citizen_id)
    assert (order["started_on"], order["completed_on"], order["steps"][-1]["status"]) == (
        day(-9).isoformat(),
        day(0).isoformat(),
        "CLOSED",
    )


@pytest.mark.rule("R103", "refused")
@pytest.mark.rule("R103", "allowed")
async def test_leaving_step_4_closes_it_too(desk: Desk) -> None:
    citizen_id, _ = await admitted(desk)
    with pytest.raises(RulesBroken) as refused:
        await move(desk, citizen_id, OpenStepDraft(3, day(7)))
    assert {breach.rule for breach in refused.value.breaches} == {"R103"}
    await assess(desk, citizen_id, SupportNeedDraft(False))
    with pytest.raises(RulesBroken) as refused:
        await move(desk, citizen_id, OpenStepDraft(3, day(7)))
    assert [breach.code for breach in refused.value.breaches] == ["CONTACT_PERSON_REQUIRED"]
    await assess(desk, citizen_id, SupportNeedDraft(False, contact=CONTACT))
    await move(desk, citizen_id, OpenStepDraft(3, day(7)))
    order = await order_of(desk, citizen_id)
    assert [(s["step"], s["status"]) for s in order["steps"]] == [
        *((3, "CLOSED"), (4, "CLOSED"), (3, "OPEN")),
    ]


@pytest.mark.rule("R97", "refused")
async def test_an_admission_that_is_taken_back_takes_step_4_with_it(desk: Desk) -> None:
    """Without the admission there is nothing to support, so R103 asks for nothing."""
    citizen_id, application_id = await admitted(desk)
    rejected = (ApplicationChange(application_id, answer="REJECTED"),)
    with pytest.raises(RulesBroken) as refused:
        await move(desk, citizen_id, OpenStepDraft(applications=rejected))
    (breach,) = refused.value.breaches
    assert (breach.code, breach.path) == ("ADMISSION_REQUIRED", ("input", "applications"))
    await move(desk, citizen_id, OpenStepDraft(2, day(9), rejected))
    order = await order_of(desk, citizen_id)
    assert (order["current_step"], order["admitted_application"]) == (2, None)


@pytest.mark.parametrize(
    ("started", "completed", "path"),
    [
        (day(1), None, "startedOn"),
        (day(-5), day(1), "completedOn"),
        (None, day(0), "completedOn"),
        (day(-1), day(-2), "completedOn"),
    ],
)
async def test_dates_of_an_education_that_cannot_be(
    desk: Desk, started: date | None, completed: date | None, path: str
) -> None:
    citizen_id, _ = await admitted(desk)
    with pytest.raises(BadUserInput) as refused:
        await record(desk, citizen_id, AdmissionDraft(started_on=started, completed_on=completed))
    assert refused.value.path == ("input", "admission", path)


async def test_an_admission_is_of_an_application_that_was_admitted(desk: Desk) -> None:
    citizen_id, _ = await admitted(desk)
    with pytest.raises(NotFound):
        await record(desk, citizen_id, AdmissionDraft(str(uuid4())))
    waiting = await apply(desk, citizen_id, ApplicationChange(None, "Bager", SCHOOL, True))
    with pytest.raises(RulesBroken) as refused:
        await record(desk, citizen_id, AdmissionDraft(waiting))
    (breach,) = refused.value.breaches
    assert (breach.rule, breach.path) == ("R97", ("input", "admission", "applicationId"))


async def test_a_new_deadline_at_step_4_leaves_the_admission_alone(desk: Desk) -> None:
    citizen_id, _ = await admitted(desk)
    other = await apply(
        desk, citizen_id, ApplicationChange(None, "Bager", SCHOOL, True, "ADMITTED")
    )
    await record(desk, citizen_id, AdmissionDraft(other, day(-3), day(-3)))
    await move(desk, citizen_id, OpenStepDraft(4, day(40)))
    order = await order_of(desk, citizen_id)
    assert (order["admitted_application"]["goal"], order["started_on"]) == (
        "Bager",
        day(-3).isoformat(),
    )
