"""The education step as the citizen writes it: saved for the citizen alone, then sent."""

import asyncio
import json
from datetime import date
from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.youth import SMITH, STEPS, act, codes, done, mutation, plan, sql, youth
from tests.world import World

SECRET = "Gartneruddannelsen"
"""Only ever saved by the citizen."""


async def everything_told(world: World, citizen: str) -> str:
    """All that the jobcenter's queries answer of the citizen, as text."""
    token = world.token(Role.JOBCENTER)
    steps = f"version {STEPS} elements {{ __typename ... on EducationStepElement {{ status"
    steps += " proposals { educationName } applications { goal } reason } }"
    data = await world.ask(
        token,
        "query($id: ID!) { citizen(id: $id) { plan { " + steps + " versions(first: 50) { edges {"
        " node { number changedElements } } } changesSince(version: 0) { version } }"
        " viewAsCitizen { " + steps + " } }"
        " inbox(first: 50) { edges { node { kind } } }"
        " caseload(first: 50) { edges { node { plan { " + STEPS + " } } } } }",
        id=citizen,
    )
    return json.dumps(data, ensure_ascii=False)


@pytest.mark.rule("R98", "allowed")
@pytest.mark.rule("R98", "refused")
async def test_what_is_saved_is_shown_to_the_citizen_at_once_and_to_nobody_else(
    world: World,
) -> None:
    """R98, R126: no version, no notice, no inbox item; staff see an open step before and after."""
    citizen = await youth(world)
    before = await everything_told(world, citizen)
    notices = await sql(world, "select count(*) from notice")
    saved = await done(
        world,
        "saveEducationStep",
        citizen,
        step=1,
        educationProposals=[{"educationName": SECRET}],
        answer="version stepId warnings { code } plan { version " + STEPS + " }",
    )
    assert saved["version"] == saved["plan"]["version"] == 2
    (step,) = saved["plan"]["educationOrder"]["steps"]
    assert (step["status"], step["educationProposals"]) == ("SAVED", [{"educationName": SECRET}])
    assert await everything_told(world, citizen) == before
    assert SECRET not in before
    own = await plan(world, citizen, Role.CITIZEN)
    assert own["educationOrder"]["steps"] == [step]
    assert await sql(world, "select count(*) from notice") == notices
    await done(world, "sendEducationStep", citizen, step=1)
    assert SECRET in await everything_told(world, citizen)


@pytest.mark.rule("R98", "refused")
async def test_staff_payloads_never_show_what_the_citizen_saved(world: World) -> None:
    """Also where the caseworker writes in the same step after the citizen saved."""
    citizen = await youth(world)
    saved = {"step": 1, "educationProposals": [{"educationName": SECRET}]}
    await done(world, "saveEducationStep", citizen, **saved)
    asked = "version plan { version " + STEPS + " }"
    moved = await done(
        world, "openEducationStep", citizen, step=1, deadline="2026-03-20", answer=asked
    )
    (step,) = moved["plan"]["educationOrder"]["steps"]
    assert (step["status"], step["deadline"]) == ("OPEN", "2026-03-20")
    assert SECRET not in json.dumps(moved)
    own = (await plan(world, citizen, Role.CITIZEN))["educationOrder"]["steps"]
    assert (own[0]["status"], own[0]["deadline"]) == ("SAVED", "2026-03-20")


async def test_a_preview_of_saving_shows_it_and_keeps_nothing(world: World) -> None:
    citizen = await youth(world)
    given = {"citizenId": citizen, "step": 1, "educationProposals": [SMITH]}
    token = world.token(Role.CITIZEN, citizen=citizen)
    query = mutation("saveEducationStep", "plan { " + STEPS + " }", preview=True)
    answer = (await world.ask(token, query, input=given))["saveEducationStep"]
    assert answer["plan"]["educationOrder"]["steps"][0]["status"] == "SAVED"
    own = (await plan(world, citizen, Role.CITIZEN))["educationOrder"]
    assert own["steps"][0]["status"] == "OPEN"


@pytest.mark.rule("R98", "refused")
async def test_a_live_view_of_staff_does_not_wake_for_what_is_saved(world: World) -> None:
    """The event after a saving and a sending is that of the sending alone."""
    citizen = await youth(world)
    query = (
        "subscription($id: ID!, $after: Int) { planUpdated(citizenId: $id, afterVersion: $after)"
        " { version plan { " + STEPS + " } } }"
    )

    async def event() -> dict[str, Any]:
        async with world.client.stream(
            "POST",
            f"{world.base_url}/graphql",
            json={"query": query, "variables": {"id": citizen, "after": 2}},
            headers={
                "authorization": f"Bearer {world.token(Role.JOBCENTER)}",
                "accept": "text/event-stream",
            },
        ) as response:
            async for line in response.aiter_lines():
                if line.startswith("data:") and "planUpdated" in line:
                    found: dict[str, Any] = json.loads(line.removeprefix("data:"))
                    return found
        raise AssertionError("the view ended without an event")

    waiting = asyncio.create_task(event())
    saved = {"step": 1, "educationProposals": [{"educationName": SECRET}]}
    await done(world, "saveEducationStep", citizen, **saved)
    await done(world, "sendEducationStep", citizen, step=1, educationProposals=[SMITH])
    async with asyncio.timeout(10):
        seen = await waiting
    assert '"version": 3' in json.dumps(seen)
    assert "SENT" in json.dumps(seen)
    assert SECRET not in json.dumps(seen)


@pytest.mark.rule("R99", "refused")
@pytest.mark.rule("R99", "allowed")
async def test_a_sent_step_waits_in_the_inbox_until_it_is_reopened(world: World) -> None:
    citizen = await youth(world)
    await done(world, "sendEducationStep", citizen, step=1, educationProposals=[SMITH])
    inbox = "{ inbox(first: 5) { edges { node { kind } } } }"
    staff = world.token(Role.JOBCENTER)
    found = (await world.ask(staff, inbox))["inbox"]["edges"]
    assert [edge["node"]["kind"] for edge in found] == ["STEP_SENT"]
    locked = await act(world, "saveEducationStep", citizen, step=1, educationProposals=[SMITH])
    assert codes(locked) == ["STEP_LOCKED"]
    await done(world, "reopenEducationStep", citizen, deadline="2026-03-30")
    assert (await world.ask(staff, inbox))["inbox"]["edges"] == []
    again = await act(world, "reopenEducationStep", citizen, deadline="2026-03-30")
    assert again["__typename"] == "NotFound"
    seen = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]["steps"]
    assert (seen[0]["status"], seen[0]["deadline"]) == ("REOPENED", "2026-03-30")
    await done(world, "saveEducationStep", citizen, step=1, educationProposals=[SMITH])


@pytest.mark.rule("R100", "refused")
@pytest.mark.rule("R100", "allowed")
@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 16), False), (date(2026, 3, 17), True)])
async def test_the_day_of_the_deadline_is_in_time_and_the_next_is_late(
    world: World, day: date, late: bool
) -> None:
    citizen = await youth(world)
    world.at(day)
    sent = await done(world, "sendEducationStep", citizen, step=1, educationProposals=[SMITH])
    assert [w["code"] for w in sent["warnings"]] == (["DEADLINE_PASSED"] if late else [])
    seen = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]["steps"][0]
    assert (seen["status"], seen["late"]) == ("SENT", late)
    assert seen["caseworker"]


@pytest.mark.rule("R102", "refused")
@pytest.mark.rule("R102", "allowed")
async def test_step_2_is_saved_without_a_reason_and_sent_with_one(world: World) -> None:
    citizen = await youth(world, 2)
    await done(world, "saveEducationStep", citizen, step=2)
    missing = await act(world, "sendEducationStep", citizen, step=2)
    assert codes(missing) == ["PROPOSAL_REQUIRED", "REASON_REQUIRED"]
    assert [b["path"] for b in missing["breaches"]] == [
        ["input", "institutionProposals"],
        ["input", "institutionReason"],
    ]
    await done(
        world,
        "sendEducationStep",
        citizen,
        step=2,
        institutionProposals=[{"goal": "Smed", "institution": "Stjerneurt"}],
        institutionReason="Tæt på bussen",
    )
    seen = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]["steps"][0]
    assert seen["institutionProposals"] == [{"goal": "Smed", "institution": "Stjerneurt"}]


@pytest.mark.rule("R101", "refused")
@pytest.mark.rule("R101", "allowed")
async def test_an_application_that_was_sent_names_its_institution(world: World) -> None:
    citizen = await youth(world, 3)
    blank = [{"goal": "Smed", "sent": True}]
    await done(world, "saveEducationStep", citizen, step=3, applications=blank)
    refused = await act(world, "sendEducationStep", citizen, step=3)
    assert codes(refused) == ["INSTITUTION_REQUIRED"]
    assert refused["breaches"][0]["path"] == ["input", "applications", "0", "institution"]
    whole = [{"goal": "Smed", "sent": True, "institution": "Stjerneurt"}]
    await done(world, "sendEducationStep", citizen, step=3, applications=whole)
