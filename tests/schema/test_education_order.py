"""The education order as the jobcenter keeps it, who else may not, and what a fund sees of it."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import differences, fund_sees
from tests.schema.youth import (
    COMBI,
    CONTACT,
    PRIVATE,
    READY,
    SCHOOL,
    SMITH,
    act,
    admitted,
    codes,
    done,
    mutation,
    open_schools,
    plan,
    reading_test,
    sql,
    youth,
)
from tests.story import new_citizen
from tests.world import OTHER_JOBCENTER, World


@pytest.mark.rule("R96", "allowed")
@pytest.mark.rule("R97", "refused")
@pytest.mark.rule("R97", "allowed")
async def test_the_order_goes_in_any_direction_but_to_step_4_with_an_admission(
    shared_world: World,
) -> None:
    citizen = await youth(shared_world, 3)
    for step in (1, 3, 2, 3):
        await done(shared_world, "openEducationStep", citizen, step=step, deadline="2026-04-01")
    to_4: dict[str, Any] = {"step": 4, "deadline": "2026-08-01"}
    refused = await act(shared_world, "openEducationStep", citizen, **to_4)
    assert codes(refused) == ["ADMISSION_REQUIRED"]
    assert refused["breaches"][0]["path"] == ["input", "step"]
    sent = [{"goal": "Smed", "institution": "Stjerneurt", "sent": True}]
    await done(shared_world, "sendEducationStep", citizen, step=3, applications=sent)
    order = (await plan(shared_world, citizen, Role.JOBCENTER))["educationOrder"]
    answered = [{"id": order["applications"][0]["id"], "answer": "ADMITTED"}]
    moved = await done(shared_world, "openEducationStep", citizen, **to_4, applications=answered)
    assert moved["applicationIds"] == [order["applications"][0]["id"]]
    order = (await plan(shared_world, citizen, Role.JOBCENTER))["educationOrder"]
    assert order["currentStep"] == 4
    assert order["admittedApplication"] == {"goal": "Smed"}
    assert order["applications"][0]["institution"] == "Stjerneurt"
    assert [step["step"] for step in order["steps"]] == [3, 1, 3, 2, 3, 4]
    event = "select event from notice order by notice_id desc limit 1"
    assert await sql(shared_world, event) == "STEP_OPENED"


async def test_an_answer_is_recorded_without_moving_the_step(shared_world: World) -> None:
    citizen = await youth(shared_world, 3)
    given = [{"goal": "Smed", "institution": "Stjerneurt", "sent": True, "answer": "WAITING_LIST"}]
    await done(shared_world, "openEducationStep", citizen, applications=given)
    order = (await plan(shared_world, citizen, Role.JOBCENTER))["educationOrder"]
    assert [(s["step"], s["status"]) for s in order["steps"]] == [(3, "OPEN")]
    assert order["applications"][0]["answer"] == "WAITING_LIST"
    bare = {"citizenId": citizen}
    answer = await shared_world.post(
        shared_world.token(Role.JOBCENTER), mutation("openEducationStep"), input=bare
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.rule("R103", "refused")
@pytest.mark.rule("R103", "allowed")
async def test_an_education_is_completed_when_support_and_contact_are_there(world: World) -> None:
    citizen = await admitted(world)
    world.at(date(2027, 6, 30))
    ends: dict[str, Any] = {"admission": {"startedOn": "2026-08-10", "completedOn": "2027-06-25"}}
    refused = await act(world, "openEducationStep", citizen, **ends)
    assert codes(refused) == ["SUPPORT_NEED_REQUIRED", "CONTACT_PERSON_REQUIRED"]
    need = {"hasNeed": False, "text": "Ingen behov.", "contact": CONTACT}
    await done(world, "assessSupportNeed", citizen, **need)
    completed = await done(world, "openEducationStep", citizen, **ends)
    assert completed["stepId"]
    order = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]
    assert (order["startDate"], order["startedOn"], order["completedOn"]) == (
        *("2026-08-10", "2026-08-10", "2027-06-25"),
    )
    assert order["steps"][-1]["status"] == "CLOSED"


@pytest.mark.rule("R95", "refused")
@pytest.mark.rule("R48", "refused")
@pytest.mark.rule("R96", "refused")
@pytest.mark.parametrize("group", ["CASH_BENEFIT_JOB_READY", "EDU_BENEFIT_JOB_TRACK"])
async def test_who_has_no_order_gets_none(shared_world: World, group: str) -> None:
    citizen = await new_citizen(shared_world, group)
    refused = await act(shared_world, "openEducationStep", citizen, step=5, deadline="2026-04-01")
    assert codes(refused) == ["EDUCATION_ORDER_NOT_ALLOWED", "INVALID_STEP"]


@pytest.mark.rule("R95", "allowed")
@pytest.mark.parametrize("group", [READY, COMBI])
async def test_who_may_have_an_order_gets_one(shared_world: World, group: str) -> None:
    citizen = await youth(shared_world, 2, group)
    order = (await plan(shared_world, citizen, Role.CITIZEN))["educationOrder"]
    assert (order["currentStep"], order["steps"][0]["status"]) == (2, "OPEN")


@pytest.mark.rule("R46", "refused")
async def test_step_2_needs_a_goal_of_education(shared_world: World) -> None:
    citizen = await new_citizen(shared_world, READY)
    refused = await act(shared_world, "openEducationStep", citizen, step=2, deadline="2026-04-01")
    assert codes(refused) == ["EDUCATION_GOAL_REQUIRED"]


@pytest.mark.rule("R150", "refused")
@pytest.mark.rule("R151", "refused")
async def test_another_citizen_and_another_jobcenter_find_nothing(shared_world: World) -> None:
    citizen = await youth(shared_world)
    stranger = shared_world.token(Role.CITIZEN, citizen=await youth(shared_world))
    given: dict[str, Any] = {"step": 1, "educationProposals": [SMITH]}
    for name in ("saveEducationStep", "sendEducationStep"):
        answer = await act(shared_world, name, citizen, token=stranger, **given)
        assert answer["__typename"] == "NotFound"
    elsewhere = shared_world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    for name, given in (
        ("openEducationStep", {"step": 2, "deadline": "2026-04-01"}),
        ("reopenEducationStep", {"deadline": "2026-04-01"}),
        ("assessSupportNeed", {"hasNeed": True}),
        ("releaseHandover", {"institutionCode": SCHOOL}),
        ("registerTestResult", reading_test()),
    ):
        answer = await act(shared_world, name, citizen, token=elsewhere, **given)
        assert answer["__typename"] == "NotFound", name


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ANONYMOUS])
async def test_nobody_uses_the_mutation_of_another(shared_world: World, role: Role) -> None:
    citizen = await youth(shared_world)
    token = shared_world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    mine = {
        Role.CITIZEN: {"saveEducationStep", "sendEducationStep"},
        Role.JOBCENTER: {"openEducationStep", "reopenEducationStep"},
        Role.INSTITUTION: {"confirmHandover"},
    }
    for name, given in (
        ("saveEducationStep", {"citizenId": citizen, "step": 4}),
        ("sendEducationStep", {"citizenId": citizen, "step": 4}),
        ("openEducationStep", {"citizenId": citizen, "step": 9, "deadline": "2026-04-01"}),
        ("reopenEducationStep", {"citizenId": citizen, "deadline": "2026-04-01"}),
        ("confirmHandover", {"handoverPackageId": str(uuid4())}),
    ):
        query = mutation(name, "warnings { code }")
        answer = await shared_world.post(token, query, input=given)
        refused = [e["extensions"]["code"] for e in answer.get("errors", [])]
        assert ("FORBIDDEN" in refused) == (name not in mine.get(role, set())), name


@pytest.mark.rule("R113", "refused")
async def test_a_plan_that_moved_on_is_a_conflict(shared_world: World) -> None:
    citizen = await youth(shared_world)
    for name, given in (
        ("saveEducationStep", {"step": 1}),
        ("openEducationStep", {"step": 2, "deadline": "2026-04-01"}),
        ("registerTestResult", reading_test()),
    ):
        answer = await act(shared_world, name, citizen, **given, expectedVersion=1)
        assert (answer["__typename"], answer["currentVersion"]) == ("VersionConflict", 2), name


@pytest.mark.rule("R108", "refused")
async def test_a_fund_sees_the_order_of_a_combi_plan_and_nothing_that_is_not_for_it(
    shared_world: World,
) -> None:
    """Two youths alike but for support, contact, handover, receipt and tests."""
    await open_schools(shared_world)
    hidden, plain = await admitted(shared_world, COMBI), await admitted(shared_world, COMBI)
    need = {"hasNeed": True, "text": "Tydelige ugeplaner.", "contact": CONTACT}
    await done(shared_world, "assessSupportNeed", hidden, **need)
    released = await done(shared_world, "releaseHandover", hidden, institutionCode=SCHOOL)
    receipt = mutation("confirmHandover")
    package = {"handoverPackageId": released["handoverPackageId"]}
    await shared_world.ask(shared_world.token(Role.INSTITUTION), receipt, input=package)
    await done(shared_world, "registerTestResult", hidden, **reading_test())
    for citizen in (hidden, plain):
        seen = await plan(shared_world, citizen, Role.FUND)
        assert (seen["educationOrder"]["currentStep"], seen["version"]) == (4, 3)
    assert (
        differences(await fund_sees(shared_world, hidden), await fund_sees(shared_world, plain))
        == []
    )
    mine = await plan(shared_world, hidden, Role.CITIZEN, PRIVATE)
    assert mine["version"] == 7
    assert mine["educationOrder"]["handover"]["receivedAt"]


async def test_a_fund_sees_nothing_of_an_order_that_is_hidden_with_its_plan(
    shared_world: World,
) -> None:
    citizen = await new_citizen(shared_world, READY, fund="18194686")
    await done(shared_world, "openEducationStep", citizen, step=1, deadline="2026-04-01")
    query = "query($id: ID!) { citizen(id: $id) { plan { version } } }"
    seen = await shared_world.ask(shared_world.token(Role.FUND), query, id=citizen)
    assert seen == {"citizen": {"plan": None}}


@pytest.mark.rule("R98", "refused")
async def test_a_fund_sees_what_was_sent_and_nothing_of_what_was_saved(shared_world: World) -> None:
    saved, plain = await youth(shared_world, 1, COMBI), await youth(shared_world, 1, COMBI)
    given = {"step": 1, "educationProposals": [SMITH]}
    await done(shared_world, "saveEducationStep", saved, **given)
    assert (
        differences(await fund_sees(shared_world, saved), await fund_sees(shared_world, plain))
        == []
    )
    await done(shared_world, "sendEducationStep", saved, step=1)
    (step,) = (await plan(shared_world, saved, Role.FUND))["educationOrder"]["steps"]
    assert (step["status"], step["educationProposals"]) == ("SENT", [{"educationName": "Smed"}])
