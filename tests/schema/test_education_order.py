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
    world: World,
) -> None:
    citizen = await youth(world, 3)
    for step in (1, 3, 2, 3):
        await done(world, "openEducationStep", citizen, step=step, deadline="2026-04-01")
    to_4: dict[str, Any] = {"step": 4, "deadline": "2026-08-01"}
    refused = await act(world, "openEducationStep", citizen, **to_4)
    assert codes(refused) == ["ADMISSION_REQUIRED"]
    assert refused["breaches"][0]["path"] == ["input", "step"]
    sent = [{"goal": "Smed", "institution": "Stjerneurt", "sent": True}]
    await done(world, "sendEducationStep", citizen, step=3, applications=sent)
    order = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]
    answered = [{"id": order["applications"][0]["id"], "answer": "ADMITTED"}]
    moved = await done(world, "openEducationStep", citizen, **to_4, applications=answered)
    assert moved["applicationIds"] == [order["applications"][0]["id"]]
    order = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]
    assert order["currentStep"] == 4
    assert order["admittedApplication"] == {"goal": "Smed"}
    assert order["applications"][0]["institution"] == "Stjerneurt"
    assert [step["step"] for step in order["steps"]] == [3, 1, 3, 2, 3, 4]
    event = "select event from notice order by notice_id desc limit 1"
    assert await sql(world, event) == "STEP_OPENED"


async def test_an_answer_is_recorded_without_moving_the_step(world: World) -> None:
    citizen = await youth(world, 3)
    given = [{"goal": "Smed", "institution": "Stjerneurt", "sent": True, "answer": "WAITING_LIST"}]
    await done(world, "openEducationStep", citizen, applications=given)
    order = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]
    assert [(s["step"], s["status"]) for s in order["steps"]] == [(3, "OPEN")]
    assert order["applications"][0]["answer"] == "WAITING_LIST"
    bare = {"citizenId": citizen}
    answer = await world.post(
        world.token(Role.JOBCENTER), mutation("openEducationStep"), input=bare
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
async def test_who_has_no_order_gets_none(world: World, group: str) -> None:
    citizen = await new_citizen(world, group)
    refused = await act(world, "openEducationStep", citizen, step=5, deadline="2026-04-01")
    assert codes(refused) == ["EDUCATION_ORDER_NOT_ALLOWED", "INVALID_STEP"]


@pytest.mark.rule("R95", "allowed")
@pytest.mark.parametrize("group", [READY, COMBI])
async def test_who_may_have_an_order_gets_one(world: World, group: str) -> None:
    citizen = await youth(world, 2, group)
    order = (await plan(world, citizen, Role.CITIZEN))["educationOrder"]
    assert (order["currentStep"], order["steps"][0]["status"]) == (2, "OPEN")


@pytest.mark.rule("R46", "refused")
async def test_step_2_needs_a_goal_of_education(world: World) -> None:
    citizen = await new_citizen(world, READY)
    refused = await act(world, "openEducationStep", citizen, step=2, deadline="2026-04-01")
    assert codes(refused) == ["EDUCATION_GOAL_REQUIRED"]


@pytest.mark.rule("R150", "refused")
@pytest.mark.rule("R151", "refused")
async def test_another_citizen_and_another_jobcenter_find_nothing(world: World) -> None:
    citizen = await youth(world)
    stranger = world.token(Role.CITIZEN, citizen=await youth(world))
    given: dict[str, Any] = {"step": 1, "educationProposals": [SMITH]}
    for name in ("saveEducationStep", "sendEducationStep"):
        answer = await act(world, name, citizen, token=stranger, **given)
        assert answer["__typename"] == "NotFound"
    elsewhere = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    for name, given in (
        ("openEducationStep", {"step": 2, "deadline": "2026-04-01"}),
        ("reopenEducationStep", {"deadline": "2026-04-01"}),
        ("assessSupportNeed", {"hasNeed": True}),
        ("releaseHandover", {"institutionCode": SCHOOL}),
        ("registerTestResult", reading_test()),
    ):
        answer = await act(world, name, citizen, token=elsewhere, **given)
        assert answer["__typename"] == "NotFound", name


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ANONYMOUS])
async def test_nobody_uses_the_mutation_of_another(world: World, role: Role) -> None:
    citizen = await youth(world)
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
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
        answer = await world.post(token, query, input=given)
        refused = [e["extensions"]["code"] for e in answer.get("errors", [])]
        assert ("FORBIDDEN" in refused) == (name not in mine.get(role, set())), name


@pytest.mark.rule("R113", "refused")
async def test_a_plan_that_moved_on_is_a_conflict(world: World) -> None:
    citizen = await youth(world)
    for name, given in (
        ("saveEducationStep", {"step": 1}),
        ("openEducationStep", {"step": 2, "deadline": "2026-04-01"}),
        ("registerTestResult", reading_test()),
    ):
        answer = await act(world, name, citizen, **given, expectedVersion=1)
        assert (answer["__typename"], answer["currentVersion"]) == ("VersionConflict", 2), name


@pytest.mark.rule("R108", "refused")
async def test_a_fund_sees_the_order_of_a_combi_plan_and_nothing_that_is_not_for_it(
    world: World,
) -> None:
    """Two youths alike but for support, contact, handover, receipt and tests."""
    await open_schools(world)
    hidden, plain = await admitted(world, COMBI), await admitted(world, COMBI)
    need = {"hasNeed": True, "text": "Tydelige ugeplaner.", "contact": CONTACT}
    await done(world, "assessSupportNeed", hidden, **need)
    released = await done(world, "releaseHandover", hidden, institutionCode=SCHOOL)
    receipt = mutation("confirmHandover")
    package = {"handoverPackageId": released["handoverPackageId"]}
    await world.ask(world.token(Role.INSTITUTION), receipt, input=package)
    await done(world, "registerTestResult", hidden, **reading_test())
    for citizen in (hidden, plain):
        seen = await plan(world, citizen, Role.FUND)
        assert (seen["educationOrder"]["currentStep"], seen["version"]) == (4, 3)
    assert differences(await fund_sees(world, hidden), await fund_sees(world, plain)) == []
    mine = await plan(world, hidden, Role.CITIZEN, PRIVATE)
    assert mine["version"] == 7
    assert mine["educationOrder"]["handover"]["receivedAt"]


async def test_a_fund_sees_nothing_of_an_order_that_is_hidden_with_its_plan(world: World) -> None:
    citizen = await new_citizen(world, READY, fund="18194686")
    await done(world, "openEducationStep", citizen, step=1, deadline="2026-04-01")
    query = "query($id: ID!) { citizen(id: $id) { plan { version } } }"
    seen = await world.ask(world.token(Role.FUND), query, id=citizen)
    assert seen == {"citizen": {"plan": None}}


@pytest.mark.rule("R98", "refused")
async def test_a_fund_sees_what_was_sent_and_nothing_of_what_was_saved(world: World) -> None:
    saved, plain = await youth(world, 1, COMBI), await youth(world, 1, COMBI)
    given = {"step": 1, "educationProposals": [SMITH]}
    await done(world, "saveEducationStep", saved, **given)
    assert differences(await fund_sees(world, saved), await fund_sees(world, plain)) == []
    await done(world, "sendEducationStep", saved, step=1)
    (step,) = (await plan(world, saved, Role.FUND))["educationOrder"]["steps"]
    assert (step["status"], step["educationProposals"]) == ("SENT", [{"educationName": "Smed"}])
