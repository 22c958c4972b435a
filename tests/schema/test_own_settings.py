"""What the citizen says of the plan and of the CV, and the list that the jobcenter approves."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.eyes import do, talk
from tests.story import REFUSED, member, new_citizen
from tests.world import World

AGREES = (
    "mutation($i: SetPlanAgreementInput!) { setPlanAgreement(input: $i) { __typename"
    " ... on SetPlanAgreementPayload { version plan { citizenAgrees agreementComment } } "
    + REFUSED
    + " } }"
)
CV = (
    "mutation($i: UpdateCvSettingsInput!) { updateCvSettings(input: $i) { __typename"
    " ... on UpdateCvSettingsPayload { cv { searchable partTime link } } " + REFUSED + " } }"
)
APPROVE = (
    "mutation($i: ApproveSoughtJobsInput!) { approveSoughtJobs(input: $i) { __typename"
    " ... on ApproveSoughtJobsPayload { soughtJobs { approvedBy } } " + REFUSED + " } }"
)
ADD = (
    "mutation($i: AddSoughtJobInput!) { addSoughtJob(input: $i) { __typename"
    " ... on AddSoughtJobPayload { soughtJobs { approvedBy } } " + REFUSED + " } }"
)
INBOX = "{ inbox(first: 10) { edges { node { kind citizenId } } } }"


async def says(world: World, citizen: str, role: Role, **given: Any) -> Any:
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = await world.ask(token, AGREES, i={"citizenId": citizen, **given})
    return data["setPlanAgreement"]


@pytest.mark.rule("R11", "allowed")
async def test_the_citizen_disagrees_and_caseworkers_read_it(world: World) -> None:
    citizen = await member(world)
    missing = await says(world, citizen, Role.CITIZEN, agrees=False)
    assert missing["__typename"] == "NotFound"
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    said = await says(world, citizen, Role.CITIZEN, agrees=False, comment="Jeg vil på kursus.")
    wanted = {"citizenAgrees": False, "agreementComment": "Jeg vil på kursus."}
    assert (said["version"], said["plan"]) == (2, wanted)
    query = "query($id: ID!) { citizen(id: $id) { plan { citizenAgrees agreementComment } } }"
    for role in (Role.JOBCENTER, Role.FUND):
        found = await world.ask(world.token(role), query, id=citizen)
        assert found["citizen"]["plan"] == wanted
    again = await says(world, citizen, Role.JOBCENTER, agrees=True)
    assert again["plan"] == {"citizenAgrees": True, "agreementComment": None}


@pytest.mark.rule("R11", "refused")
async def test_a_fund_that_is_not_responsible_notes_nothing(world: World) -> None:
    citizen = await member(world)
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    world.at(date(2026, 6, 10))  # the jobcenter's since 2 June
    refused = await says(world, citizen, Role.FUND, agrees=True, comment="x" * 1501)
    assert {b["code"] for b in refused["breaches"]} == {"NOT_RESPONSIBLE", "TEXT_TOO_LONG"}
    stale = await says(world, citizen, Role.CITIZEN, agrees=True, expectedVersion=9)
    assert stale["__typename"] == "VersionConflict"


@pytest.mark.rule("R37", "allowed")
@pytest.mark.rule("R37", "refused")
async def test_a_cv_is_searchable_with_a_sought_job_only(world: World) -> None:
    citizen = await new_citizen(world, "REHABILITEE")
    own = world.token(Role.CITIZEN, citizen=citizen)
    given = {"citizenId": citizen, "searchable": True}
    refused = (await world.ask(own, CV, i=given))["updateCvSettings"]
    assert [b["code"] for b in refused["breaches"]] == ["SOUGHT_JOB_REQUIRED_FOR_CV"]
    wish = await world.ask(own, CV, i={"citizenId": citizen, "partTime": True})
    assert wish["updateCvSettings"]["cv"] == {"searchable": False, "partTime": True, "link": None}
    await welder(world)
    await world.ask(own, ADD, i={"citizenId": citizen, "occupationCode": "7212"})
    done = (await world.ask(own, CV, i=given))["updateCvSettings"]
    assert done["cv"] == {"searchable": True, "partTime": True, "link": None}
    staff = await world.post(world.token(Role.JOBCENTER), CV, i=given)
    assert staff["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    null = await world.post(own, CV, i={"citizenId": citizen, "searchable": None})
    assert null["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.rule("R36", "allowed")
async def test_a_changed_list_waits_in_the_jobcenters_inbox_until_it_is_approved(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await welder(world)
    staff, own = world.token(Role.JOBCENTER), world.token(Role.CITIZEN, citizen=citizen)
    await world.ask(own, ADD, i={"citizenId": citizen, "occupationCode": "7212"})
    item = {"node": {"kind": "SOUGHT_JOBS_TO_APPROVE", "citizenId": citizen}}
    assert item in (await world.ask(staff, INBOX))["inbox"]["edges"]
    done = await world.ask(staff, APPROVE, i={"citizenId": citizen})
    assert [bool(j["approvedBy"]) for j in done["approveSoughtJobs"]["soughtJobs"]] == [True]
    assert item not in (await world.ask(staff, INBOX))["inbox"]["edges"]
    refused = await world.post(own, APPROVE, i={"citizenId": citizen})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def welder(world: World) -> None:
    """The occupation 7212 is on the list of occupations."""
    connection = await asyncpg.connect(world.settings.database_url)
    await connection.execute("insert into occupation (code, label) values ('7212', 'Svejser')")
    await connection.close()
