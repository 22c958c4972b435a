"""The education order as the jobcenter keeps it: steps, applications, admission."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.actions.education import (
    record_admission,
)
from app.domain.education import (
    AdmissionDraft,
    ApplicationDraft,
    OpenStepDraft,
    StepDataDraft,
    SupportNeedDraft,
)
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, Desk, Outcome, day
from tests.actions.youths import (
    CONTACT,
    SCHOOL,
    admitted,
    apply,
    assess,
    move,
    save,
    youth,
)


async def test_an_order_opens_and_moves_to_any_step(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    outcome = await move(desk, citizen_id, OpenStepDraft(1, day(7)))
    assert outcome.notices == 1
    newest = "select event from notice order by notice_id desc limit 1"
    assert await desk.value(newest) == "STEP_OPENED"
    order = (await desk.plan(citizen_id))["education_order"]
    assert order["current_step"] == 1
    steps = [(item["step"], item["status"], item["deadline"]) for item in order["steps"]]
    assert steps == [(3, "CLOSED", day(14).isoformat()), (1, "OPEN", day(7).isoformat())]
    assert (await move(desk, citizen_id, OpenStepDraft(1, day(7)))).versions == {}
    await move(desk, citizen_id, OpenStepDraft(1, day(9)))
    order = (await desk.plan(citizen_id))["education_order"]
    assert [item["deadline"] for item in order["steps"]][1:] == [day(9).isoformat()]


async def test_who_may_not_have_an_order_and_which_steps_there_are(desk: Desk) -> None:
    for group, rule in (("CASH_BENEFIT_JOB_READY", "R95"), ("EDU_BENEFIT_JOB_TRACK", "R48")):
        citizen_id = await desk.citizen(group)
        with pytest.raises(RulesBroken) as refused:
            await move(desk, citizen_id, OpenStepDraft(5, day(7)))
        assert [breach.rule for breach in refused.value.breaches] == [rule, "R96"]
    assert await desk.value("select count(*) from plan") == 0


async def test_step_4_begins_with_an_admission(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    draft = ApplicationDraft("Smed", SCHOOL, sent=True, answer="WAITING_LIST")
    application_id = await apply(desk, citizen_id, draft)
    start = OpenStepDraft(4, day(30), start_date=day(28))
    with pytest.raises(RulesBroken) as refused:
        await move(desk, citizen_id, start)
    assert [breach.code for breach in refused.value.breaches] == ["ADMISSION_REQUIRED"]
    answered = replace(draft, answer="ADMITTED", application_id=str(application_id))
    await apply(desk, citizen_id, answered)
    await move(desk, citizen_id, start)
    order = (await desk.plan(citizen_id))["education_order"]
    assert order["admitted_application"]["id"] == str(application_id)
    assert order["start_date"] == day(28).isoformat()
    with pytest.raises(RulesBroken) as refused:
        await save(desk, citizen_id, StepDataDraft(4))
    assert [breach.rule for breach in refused.value.breaches] == ["R98"]


async def test_an_application_that_was_sent_names_its_institution(desk: Desk) -> None:
    citizen_id = await youth(desk, step=3)
    with pytest.raises(RulesBroken) as refused:
        await apply(desk, citizen_id, ApplicationDraft("Smed", " ", sent=True))
    assert [breach.rule for breach in refused.value.breaches] == ["R101"]
    with pytest.raises(NotFound):
        await apply(desk, citizen_id, ApplicationDraft("Smed", application_id=str(uuid4())))


async def test_completing_the_education_closes_step_4_when_support_is_assessed(desk: Desk) -> None:
    citizen_id, application_id = await admitted(desk)
    done = AdmissionDraft(str(application_id), day(-9), day(-9), day(0))

    async def record(draft: AdmissionDraft) -> Outcome:
        return await desk.run(
            JOBCENTER_VIEWER, lambda work: record_admission(work, citizen_id, draft)
        )

    with pytest.raises(RulesBroken) as refused:
        await record(done)
    assert {breach.rule for breach in refused.value.breaches} == {"R103"}
    await record(replace(done, completed_on=None))
    await assess(desk, citizen_id, SupportNeedDraft(False, contact=CONTACT))
    await record(done)
    order = (await desk.plan(citizen_id))["education_order"]
    assert (order["completed_on"], order["steps"][-1]["status"]) == (day(0).isoformat(), "CLOSED")
    with pytest.raises(BadUserInput):
        await record(replace(done, started_on=day(1)))
    with pytest.raises(NotFound):
        await record(replace(done, application_id=str(uuid4())))
    waiting = await apply(desk, citizen_id, ApplicationDraft("Bager", SCHOOL, True, "AWAITING"))
    with pytest.raises(RulesBroken) as refused:
        await record(AdmissionDraft(str(waiting)))
    assert [breach.rule for breach in refused.value.breaches] == ["R97"]
