"""Support in the education, the handover to the institution, and tests."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from app.actions.handover import register_test_result, release_handover
from app.actions.intervention import create_intervention
from app.domain.education import (
    HandoverDraft,
    SupportNeedDraft,
    TestResultDraft,
)
from app.domain.intervention import InterventionDraft
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import INSTITUTION, JOBCENTER_VIEWER, Desk, Outcome, day
from tests.actions.youths import (
    CONTACT,
    SCHOOL,
    YOUTH,
    admitted,
    assess,
    youth,
)


@pytest.mark.rule("R103", "refused")
@pytest.mark.rule("R104", "allowed")
@pytest.mark.rule("R104", "refused")
async def test_the_handover_follows_admission_assessment_and_contact(desk: Desk) -> None:
    early = await youth(desk, step=3)
    package = HandoverDraft(INSTITUTION, "Sidder helst forrest.")

    async def release(citizen_id: UUID, draft: HandoverDraft = package) -> Outcome:
        return await desk.run(
            JOBCENTER_VIEWER, lambda work: release_handover(work, citizen_id, draft)
        )

    with pytest.raises(RulesBroken) as refused:
        await release(early)
    assert [breach.code for breach in refused.value.breaches] == [
        *("HANDOVER_TOO_EARLY", "SUPPORT_NEED_REQUIRED", "CONTACT_PERSON_REQUIRED"),
    ]
    citizen_id, _ = await admitted(desk)
    await assess(desk, citizen_id, SupportNeedDraft(True, "Tydelige ugeplaner.", contact=CONTACT))
    with pytest.raises(BadUserInput):
        await release(citizen_id, HandoverDraft("INST-UNKNOWN"))
    assert (await release(citizen_id)).notices == 1
    handover = (await desk.plan(citizen_id))["education_order"]["handover"]
    assert (handover["institution"], handover["other_essential_information"]) == (
        SCHOOL,
        "Sidder helst forrest.",
    )
    with pytest.raises(RulesBroken) as refused:
        await release(citizen_id, HandoverDraft(INSTITUTION, "x" * 2001))
    assert [breach.rule for breach in refused.value.breaches] == ["R80"]


@pytest.mark.rule("R103", "allowed")
async def test_support_is_assessed_with_interventions_of_the_plan(desk: Desk) -> None:
    citizen_id, _ = await admitted(desk)
    mentor = InterventionDraft(
        "MENTOR", day(30), "En mentor.", "Du vil have en at spørge.", place="Skolen"
    )
    created = await desk.run(
        JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, mentor)
    )
    chosen = str(created.done.values["intervention_id"])
    need = SupportNeedDraft(True, " ", (chosen, chosen), CONTACT)
    assert (await assess(desk, citizen_id, need)).notices == 1
    order = (await desk.plan(citizen_id))["education_order"]
    assert order["support_need"] == {
        "assessed_on": day(0).isoformat(),
        "has_need": True,
        "text": None,
        "interventions": [chosen],
    }
    assert order["institution_contact"]["phone"] == "00154269"
    with pytest.raises(NotFound):
        await assess(desk, citizen_id, SupportNeedDraft(True, None, (str(uuid4()),)))
    with pytest.raises(NotFound):
        await assess(desk, await desk.citizen(YOUTH), need)
    job_ready = await desk.citizen()
    with pytest.raises(RulesBroken) as refused:
        await assess(desk, job_ready, SupportNeedDraft(True, "x" * 2001))
    assert [breach.rule for breach in refused.value.breaches] == ["R95", "R80"]
    await assess(desk, citizen_id, SupportNeedDraft(False))
    order = (await desk.plan(citizen_id))["education_order"]
    assert (order["support_need"]["interventions"], order["institution_contact"]["name"]) == (
        [],
        "Ida Stenmark",
    )


@pytest.mark.rule("R106", "allowed")
@pytest.mark.rule("R109", "allowed")
@pytest.mark.rule("R109", "refused")
async def test_a_valid_test_is_repeated_for_the_citizen_or_with_a_reason(desk: Desk) -> None:
    citizen_id = await desk.citizen(YOUTH)
    first = TestResultDraft("READING", date(2024, 3, 3), "Over middel", "MUNICIPALITY")

    async def register(draft: TestResultDraft) -> Outcome:
        return await desk.run(
            JOBCENTER_VIEWER, lambda work: register_test_result(work, citizen_id, draft)
        )

    assert (await register(first)).notices == 1
    again = replace(first, taken_on=day(0))
    with pytest.raises(RulesBroken) as refused:
        await register(replace(again, result="x" * 501))
    assert [breach.rule for breach in refused.value.breaches] == ["R109", "R80"]
    for allowed in (
        replace(again, kind="MATHS"),
        replace(again, reason="Ordblindhed opdaget"),
        replace(again, requested_by="CITIZEN"),
        replace(first, taken_on=date(2022, 3, 3)),
    ):
        await register(allowed)
    results = (await desk.plan(citizen_id))["test_results"]
    assert len(results) == 5
    with pytest.raises(BadUserInput) as future:
        await register(replace(first, taken_on=day(1)))
    assert future.value.path == ("input", "takenOn")


@pytest.mark.rule("R109", "allowed")
async def test_a_test_after_two_years_needs_no_reason(desk: Desk) -> None:
    citizen_id = await desk.citizen(YOUTH)
    before = TestResultDraft("WRITING", date(2024, 3, 2), "Middel", "MUNICIPALITY")
    after = replace(before, taken_on=day(0))
    await desk.run(
        JOBCENTER_VIEWER,
        lambda work: register_test_result(work, citizen_id, before),
        lambda work: register_test_result(work, citizen_id, after),
    )
    assert await desk.value("select count(*) from test_result") == 2
