"""The transitions between target groups (DOMAIN section 4)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.figures import (
    DESCRIPTION,
    EDUCATION_GOAL,
    MENTOR,
    SOUGHT_JOB,
    STEP,
    WELDER,
    Part,
    agreement,
    contract,
    elements,
    job_goals,
    requirement,
    write,
)
from tests.story import new_citizen
from tests.world import FUND, TODAY, World

MOVE = """mutation($input: SetTargetGroupInput!) { setTargetGroup(input: $input) {
  ... on SetTargetGroupPayload { version warnings { code } plan { type } }
  ... on RuleBreaches { breaches { code } } } }"""
KEPT = """query($id: ID!) { citizen(id: $id) { targetGroup { code } plan { version type
  interventions { id status title latestStatus { text } goalLinks { goalId } }
  agreements { id agreementText authority }
  requirements { id issuer validTo isCurrent }
  jobGoals { id jobFunctionText } educationGoals { id } description { text }
  links { findJob } timeline(anchor: "2026-03-02", months: 12) {
    items { ... on TimelineRequirement { requirement { id } } } }
  educationOrder { currentStep } latestAgreement(authority: UNEMPLOYMENT_FUND) { id } } } }"""
INBOX = "{ inbox(first: 50) { edges { node { kind citizenId } } } }"
FREE_TEXT = job_goals(Role.JOBCENTER, {"jobFunctionText": "Køkken- og kantinearbejde"})
OCCUPATION = job_goals(Role.JOBCENTER, {"occupationCode": WELDER})
FUND_GOAL = job_goals(Role.FUND, {"occupationCode": WELDER})
JOBCENTER_TALK, FUND_TALK = agreement(Role.JOBCENTER), agreement(Role.FUND)
REQUIREMENT, FUND_REQUIREMENT = requirement(Role.JOBCENTER), requirement(Role.FUND)


@pytest.fixture(autouse=True)
async def occupations(world: World) -> None:
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "insert into occupation (code, label) values ($1, 'Svejser')", WELDER
        )
    finally:
        await connection.close()


async def lives(world: World, group: str, *parts: Part | Sequence[Part], **facts: Any) -> str:
    """A member of a fund in a group, with what was written; a sequence is one operation."""
    facts = {"contactCourseStart": str(TODAY), **facts}
    citizen = await new_citizen(world, group, fund=FUND, **facts)
    for part in parts:
        together = [part] if isinstance(part, Part) else list(part)
        answer = await write(world, citizen, together[0].role, *together)
        for one in together:
            assert answer["data"][one.mutation]["__typename"].endswith("Payload"), answer
    return citizen


async def moved(world: World, citizen: str, group: str) -> Any:
    """The next day, the citizen is in another group."""
    world.at(world.day[0] + timedelta(days=1))
    given = {"citizenId": citizen, "targetGroup": group}
    answer = (await world.ask(world.token(Role.JOBCENTER), MOVE, input=given))["setTargetGroup"]
    assert "breaches" not in answer, answer
    return answer


async def plan(world: World, citizen: str, role: Role = Role.CITIZEN) -> Any:
    """What the role is shown; a fund without what only others may ask."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    read = (await world.ask(token, KEPT, id=citizen))["citizen"]
    return read["plan"] if read else None


async def broken(world: World, citizen: str, role: Role, part: Part) -> list[str]:
    answer = await write(world, citizen, role, part)
    assert "errors" not in answer, answer
    return [breach["code"] for breach in answer["data"][part.mutation].get("breaches", [])]


async def tasks(world: World, citizen: str) -> list[str]:
    found = await world.ask(world.token(Role.JOBCENTER), INBOX)
    nodes = [edge["node"] for edge in found["inbox"]["edges"]]
    return [node["kind"] for node in nodes if node["citizenId"] == citizen]


async def requirement_ended(world: World, citizen: str) -> bool:
    """Whether the day of the change is the last day of the one requirement (R75)."""
    changed = world.day[0]
    world.at(changed + timedelta(days=1))
    [found] = (await plan(world, citizen))["requirements"]
    return (found["validTo"], found["isCurrent"]) == (str(changed), False)


def carried(before: Any, after: Any) -> None:
    """Interventions keep id, status and text, agreements their ids; a version was published."""
    assert before["interventions"] and after["interventions"] == before["interventions"]
    ids = [one["id"] for one in before["agreements"]]
    assert [one["id"] for one in after["agreements"]] == ids
    assert after["version"] > before["version"]


@pytest.mark.rule("R131", "allowed")
@pytest.mark.rule("R132", "allowed")
@pytest.mark.rule("R132", "refused")
async def test_from_dagpenge_to_job_ready_cash_benefit_and_back(world: World) -> None:
    parts = (SOUGHT_JOB, FUND_GOAL, FUND_TALK)
    citizen = await lives(
        world, "UNEMPLOYMENT_BENEFIT", *parts, FUND_REQUIREMENT, JOBCENTER_TALK, MENTOR
    )
    before = await plan(world, citizen)
    shown = await elements(world, citizen, Role.CITIZEN)
    answer = await moved(world, citizen, "CASH_BENEFIT_JOB_READY")
    assert answer["plan"]["type"] == "JOB_PLAN"
    after = await plan(world, citizen)
    carried(before, after)
    assert after["jobGoals"] == before["jobGoals"]
    assert after["latestAgreement"] is None
    assert "LATEST_AGREEMENT_UNEMPLOYMENT_FUND" in (shown or [])
    assert await elements(world, citizen, Role.CITIZEN) == [
        *("JOB_GOALS", "LATEST_AGREEMENT_JOBCENTER", "TIMELINE")
    ]
    assert await requirement_ended(world, citizen)
    assert await broken(world, citizen, Role.FUND, FUND_REQUIREMENT) != []
    assert await broken(world, citizen, Role.JOBCENTER, REQUIREMENT) == []
    await moved(world, citizen, "UNEMPLOYMENT_BENEFIT")
    assert (await plan(world, citizen))["latestAgreement"] == before["latestAgreement"]
    assert await elements(world, citizen, Role.CITIZEN) == shown


@pytest.mark.rule("R131", "allowed")
@pytest.mark.rule("R4", "refused")
@pytest.mark.rule("R4", "allowed")
async def test_from_job_ready_to_activity_ready(world: World) -> None:
    citizen = await lives(
        world, "CASH_BENEFIT_JOB_READY", SOUGHT_JOB, OCCUPATION, JOBCENTER_TALK, REQUIREMENT, MENTOR
    )
    before = await plan(world, citizen)
    assert await broken(world, citizen, Role.JOBCENTER, DESCRIPTION) == [
        "ELEMENT_NOT_IN_COMPOSITION"
    ]
    answer = await moved(world, citizen, "CASH_BENEFIT_ACTIVITY_READY")
    assert answer["plan"]["type"] == "JOB_PLAN"
    after = await plan(world, citizen)
    carried(before, after)
    assert await requirement_ended(world, citizen)
    assert {"requirement": {"id": after["requirements"][0]["id"]}} in after["timeline"]["items"]
    assert "REQUIREMENT_NOT_ALLOWED" in await broken(world, citizen, Role.JOBCENTER, REQUIREMENT)
    assert await broken(world, citizen, Role.JOBCENTER, DESCRIPTION) == []
    assert await broken(world, citizen, Role.JOBCENTER, FREE_TEXT) == []


@pytest.mark.rule("R133", "allowed")
@pytest.mark.rule("R133", "refused")
@pytest.mark.rule("R134", "refused")
@pytest.mark.rule("R132", "allowed")
async def test_from_activity_ready_to_job_ready(world: World) -> None:
    citizen = await lives(
        world, "CASH_BENEFIT_ACTIVITY_READY", FREE_TEXT, DESCRIPTION, JOBCENTER_TALK, MENTOR
    )
    before = await plan(world, citizen)
    answer = await moved(world, citizen, "CASH_BENEFIT_JOB_READY")
    warned = [warning["code"] for warning in answer["warnings"]]
    assert "MISSING_SOUGHT_JOB" in warned and "FREE_TEXT_NOT_ALLOWED" in warned
    assert "MISSING_SOUGHT_JOB" in await tasks(world, citizen)
    after = await plan(world, citizen)
    carried(before, after)
    assert (before["description"] is None, after["description"]) == (False, None)
    assert after["jobGoals"] == before["jobGoals"]
    assert "FREE_TEXT_NOT_ALLOWED" in await broken(world, citizen, Role.JOBCENTER, FREE_TEXT)
    assert await broken(world, citizen, Role.JOBCENTER, JOBCENTER_TALK) == []
    assert await broken(world, citizen, Role.JOBCENTER, OCCUPATION) == []
    await moved(world, citizen, "CASH_BENEFIT_ACTIVITY_READY")
    assert (await plan(world, citizen))["description"] == before["description"]


@pytest.mark.rule("R134", "allowed")
async def test_who_becomes_obliged_with_a_sought_job_is_no_task(world: World) -> None:
    citizen = await lives(world, "CASH_BENEFIT_ACTIVITY_READY", SOUGHT_JOB, OCCUPATION)
    answer = await moved(world, citizen, "CASH_BENEFIT_JOB_READY")
    assert "MISSING_SOUGHT_JOB" not in [warning["code"] for warning in answer["warnings"]]
    assert "MISSING_SOUGHT_JOB" not in await tasks(world, citizen)


@pytest.mark.rule("R135", "refused")
@pytest.mark.rule("R135", "allowed")
@pytest.mark.parametrize(
    "group", ["RESOURCE_PROGRAMME", "JOB_CLARIFICATION", "SICKNESS_BENEFIT_CAT3"]
)
async def test_into_rehabilitation_the_fund_loses_the_plan_and_what_is_written_in_it(
    world: World, group: str
) -> None:
    parts = (SOUGHT_JOB, FUND_GOAL, FUND_TALK)
    citizen = await lives(world, "UNEMPLOYMENT_BENEFIT", *parts, JOBCENTER_TALK, MENTOR)
    before = await plan(world, citizen)
    seen = await plan(world, citizen, Role.FUND)
    assert (await moved(world, citizen, group))["plan"]["type"] == "REHABILITATION_PLAN"
    carried(before, await plan(world, citizen))
    assert await plan(world, citizen, Role.FUND) is None
    answer = await write(world, citizen, Role.JOBCENTER, MENTOR)
    assert answer["data"]["createIntervention"]["__typename"].endswith("Payload")
    await moved(world, citizen, "UNEMPLOYMENT_BENEFIT")
    assert len((await plan(world, citizen))["interventions"]) == 2
    again = await plan(world, citizen, Role.FUND)
    assert again["interventions"] == seen["interventions"], "written in hiding, and hidden still"


@pytest.mark.rule("R132", "allowed")
@pytest.mark.rule("R5", "allowed")
async def test_from_education_benefit_to_the_job_track_and_back(world: World) -> None:
    citizen = await lives(
        world, "EDU_BENEFIT_EDU_READY", EDUCATION_GOAL, DESCRIPTION, STEP, JOBCENTER_TALK, MENTOR
    )
    before = await plan(world, citizen)
    shown = await elements(world, citizen, Role.CITIZEN)
    answer = await moved(world, citizen, "EDU_BENEFIT_JOB_TRACK")
    assert answer["plan"]["type"] == "JOB_PLAN"
    assert "JOB_GOAL_REQUIRED" in [warning["code"] for warning in answer["warnings"]]
    after = await plan(world, citizen)
    carried(before, after)
    assert (after["educationGoals"], after["educationOrder"]) == ([], None)
    refused = await broken(world, citizen, Role.JOBCENTER, EDUCATION_GOAL)
    assert "EDUCATION_ORDER_NOT_ALLOWED" in refused
    assert await broken(world, citizen, Role.JOBCENTER, FREE_TEXT) == []
    answer = await moved(world, citizen, "EDU_BENEFIT_EDU_READY")
    assert answer["plan"]["type"] == "EDUCATION_PLAN"
    back = await plan(world, citizen)
    assert back["educationGoals"] == before["educationGoals"]
    assert (back["jobGoals"], back["educationOrder"]) == ([], before["educationOrder"])
    assert await elements(world, citizen, Role.CITIZEN) == shown


@pytest.mark.rule("R131", "allowed")
async def test_dagpenge_with_an_education_order(world: World) -> None:
    youth = {
        "civilRegistrationNumber": "0107054321",
        "hasVocationalEducation": False,
        "hasDependentChildren": False,
    }
    citizen = await lives(
        world, "UNEMPLOYMENT_BENEFIT", SOUGHT_JOB, FUND_GOAL, JOBCENTER_TALK, MENTOR, **youth
    )
    before = await plan(world, citizen)
    answer = await moved(world, citizen, "UNEMPLOYMENT_BENEFIT_EDU_ORDER")
    assert answer["plan"]["type"] == "COMBI_PLAN"
    assert "EDUCATION_GOAL_REQUIRED" in [warning["code"] for warning in answer["warnings"]]
    after = await plan(world, citizen)
    carried(before, after)
    assert after["jobGoals"] == before["jobGoals"]
    assert "EDUCATION_GOAL_REQUIRED" in await broken(world, citizen, Role.JOBCENTER, OCCUPATION)
    assert await broken(world, citizen, Role.JOBCENTER, EDUCATION_GOAL) == []
    query = "query($id: ID!) { citizen(id: $id) { responsibilities { authority validTo } } }"
    data = await world.ask(world.token(Role.JOBCENTER), query, id=citizen)
    assert [
        one["authority"] for one in data["citizen"]["responsibilities"] if not one["validTo"]
    ] == ["JOBCENTER"]


@pytest.mark.rule("R131", "allowed")
async def test_from_referred_to_employed_in_a_flexjob(world: World) -> None:
    citizen = await lives(
        world, "FLEXJOB_REFERRED", SOUGHT_JOB, OCCUPATION, JOBCENTER_TALK, REQUIREMENT, MENTOR
    )
    before = await plan(world, citizen)
    assert before["links"]["findJob"] is not None
    answer = await moved(world, citizen, "FLEXJOB_EMPLOYED")
    assert answer["plan"]["type"] == "OTHER_INTERVENTIONS_PLAN"
    after = await plan(world, citizen)
    carried(before, after)
    assert after["links"]["findJob"] is None
    assert await requirement_ended(world, citizen)


@pytest.mark.rule("R131", "allowed")
@pytest.mark.rule("R4", "refused")
@pytest.mark.rule("R4", "allowed")
async def test_into_the_integration_programme_a_contract_may_come(world: World) -> None:
    pdf = Part(Role.JOBCENTER, "attachContract", contract)
    citizen = await lives(world, "TRANSITION_BENEFIT_ACTIVITY_READY", FREE_TEXT, MENTOR)
    before = await plan(world, citizen)
    assert await broken(world, citizen, Role.JOBCENTER, pdf) != []
    answer = await moved(world, citizen, "INTEGRATION_PROGRAMME")
    assert answer["plan"]["type"] == "INTEGRATION_PLAN"
    carried(before, await plan(world, citizen))
    assert await broken(world, citizen, Role.JOBCENTER, pdf) == []
    assert (await elements(world, citizen, Role.CITIZEN) or [])[0] == "CONTRACT"
    assert await plan(world, citizen, Role.FUND) is None
