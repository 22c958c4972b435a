"""Who read and wrote a citizen's plan is noted; the citizen is told who read it."""

import json
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.eyes import do, group, talk
from tests.story import CONVERSATION, conversation, hold_conversation, member, new_citizen
from tests.world import FUND, JOBCENTER, OTHER_FUND, OTHER_JOBCENTER, World

READ = "query ReadPlan($id: ID!) { citizen(id: $id) { plan { version jobGoals { text } } } }"
LOG = (
    "query($id: ID!) { citizen(id: $id) { accessLog(first: 50) { edges { node {"
    " at organisation role } } } } }"
)


async def rows(world: World, *, written: bool = False) -> list[dict[str, Any]]:
    """The log's rows of reads, or of what was written, by staff and oldest first."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        found = await connection.fetch(
            "select * from access_log where written = $1 and role <> 'system'"
            " order by access_log_id",
            written,
        )
    finally:
        await connection.close()
    return [dict(row) for row in found]


async def told(world: World, citizen: str) -> list[tuple[str, str]]:
    """What the citizen is told of the reads: organisation and role, newest first."""
    data = await world.ask(world.token(Role.CITIZEN, citizen=citizen), LOG, id=citizen)
    nodes = [edge["node"] for edge in data["citizen"]["accessLog"]["edges"]]
    assert all(node["at"].startswith(str(world.day[0])) for node in nodes)
    return [(node["organisation"], node["role"]) for node in nodes]


@pytest.mark.rule("R149", "allowed")
async def test_a_read_is_noted_with_who_where_when_and_what(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    await world.ask(world.token(Role.JOBCENTER, name="Rikke Sandholt"), READ, id=citizen)
    (row,) = await rows(world)
    assert (row["role"], row["organisation_code"]) == ("jobcenter", JOBCENTER)
    assert (str(row["citizen_id"]), row["name"]) == (citizen, "Rikke Sandholt")
    assert (row["operation"], row["elements"]) == ("ReadPlan", ["head", "job_goals"])
    assert row["subject"] and row["at"].date() == world.day[0]


async def test_the_citizen_reads_organisation_role_and_time_of_reads_and_of_nothing_else(
    world: World,
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    for role in (Role.JOBCENTER, Role.FUND):
        await world.ask(world.token(role), READ, id=citizen)
    assert [role for _, role in await told(world, citizen)] == ["FUND", "JOBCENTER"]
    assert len({name for name, _ in await told(world, citizen)}) == 2


@pytest.mark.rule("R149", "refused")
async def test_the_citizens_own_reads_are_not_noted(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    await world.ask(world.token(Role.CITIZEN, citizen=citizen), READ, id=citizen)
    assert await told(world, citizen) == []
    assert await rows(world) == []


@pytest.mark.parametrize("role", [Role.JOBCENTER, Role.FUND])
@pytest.mark.parametrize(
    "query",
    [
        "query($id: ID!) { citizen(id: $id) { name { full } } }",
        "query($id: ID!) { citizen(id: $id) { viewAsCitizen { version } plan { version } } }",
        "query($id: ID!) { citizen(id: $id) { now: plan { version } plan(version: 1) { type } } }",
        "query($n: String!) { citizenByCivilRegistrationNumber(civilRegistrationNumber: $n)"
        " { plan { version } } }",
        "{ caseload(first: 5) { edges { node { plan { version } } } } }",
    ],
)
async def test_each_way_to_read_a_citizen_makes_one_row(
    world: World, role: Role, query: str
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    own = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        "query($id: ID!) { citizen(id: $id) { civilRegistrationNumber } }",
        id=citizen,
    )
    number = own["citizen"]["civilRegistrationNumber"]
    variables = {"id": citizen} if "$id" in query else {"n": number} if "$n" in query else {}
    await world.ask(world.token(role), query, **variables)
    assert [(str(row["citizen_id"]), row["role"]) for row in await rows(world)] == [(citizen, role)]


async def test_a_page_of_the_caseload_notes_the_citizens_on_it_and_not_the_next(
    world: World,
) -> None:
    citizens = [await new_citizen(world) for _ in range(4)]
    token = world.token(Role.JOBCENTER)
    page = await world.ask(token, "{ caseload(first: 3) { edges { node { id } } } }")
    shown = [edge["node"]["id"] for edge in page["caseload"]["edges"]]
    assert len(shown) == 3 and set(shown) < set(citizens)
    assert [str(row["citizen_id"]) for row in await rows(world)] == shown


async def test_each_look_of_a_live_view_is_noted(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    subscription = (
        "subscription Watch($id: ID!) { planUpdated(citizenId: $id, afterVersion: 0) { version } }"
    )
    async with world.client.stream(
        "POST",
        f"{world.base_url}/graphql",
        json={"query": subscription, "variables": {"id": citizen}},
        headers={
            "authorization": f"Bearer {world.token(Role.JOBCENTER)}",
            "accept": "text/event-stream",
        },
    ) as response:
        async for line in response.aiter_lines():
            if line.startswith("data:") and "version" in line:
                break
    found = await rows(world)
    assert {(str(r["citizen_id"]), r["operation"]) for r in found} == {(citizen, "Watch")}


async def test_what_is_out_of_reach_or_refused_is_not_noted(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    before = await rows(world, written=True)
    for role, office in ((Role.JOBCENTER, OTHER_JOBCENTER), (Role.FUND, OTHER_FUND)):
        token = world.token(role, organisation=office)
        assert (await world.ask(token, READ, id=citizen))["citizen"] is None
        page = await world.ask(token, "{ caseload(first: 5) { edges { node { id } } } }")
        assert page["caseload"]["edges"] == []
        await world.ask(token, CONVERSATION, input=conversation(world, citizen, "Hej."))
    forbidden = "query($id: ID!) { citizen(id: $id) { plan { testResults { result } } } }"
    assert (await world.post(world.token(Role.FUND), forbidden, id=citizen))["errors"]
    assert await rows(world) == []
    assert await rows(world, written=True) == before


async def test_what_staff_writes_is_noted_once_for_each_operation_and_citizen(
    world: World,
) -> None:
    one, other = await new_citizen(world), await new_citizen(world)
    token = world.token(Role.JOBCENTER, name="Rikke Sandholt")
    await do(
        world,
        token,
        talk(world, one, "Først."),
        talk(world, other, "Så."),
        group(one, "CASH_BENEFIT_ACTIVITY_READY"),
    )
    found = await rows(world, written=True)
    assert {str(row["citizen_id"]) for row in found} == {one, other} and len(found) == 2
    assert {row["name"] for row in found} == {"Rikke Sandholt"}
    of_other = next(row for row in found if str(row["citizen_id"]) == other)
    assert of_other["elements"] == ["agreements", "latest_agreement_jobcenter"]
    # whom the answer shows no plan has not been read, and writing is not told as reading
    assert await rows(world) == []
    assert await told(world, one) == []


async def test_what_a_system_writes_is_noted(world: World) -> None:
    citizen = await new_citizen(world)
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        found = await connection.fetch("select * from access_log")
    finally:
        await connection.close()
    assert [(str(r["citizen_id"]), r["role"], r["elements"], r["written"]) for r in found] == [
        (citizen, "system", ["citizen"], True)
    ]


async def test_a_plan_that_an_answer_shows_though_nothing_was_written_is_a_read(
    world: World,
) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_JOB_READY")
    await hold_conversation(world, citizen)
    before = await rows(world, written=True)
    await world.ask(
        world.token(Role.JOBCENTER),
        "mutation Look($id: ID!) { setTargetGroup(input: { citizenId: $id,"
        ' targetGroup: "CASH_BENEFIT_JOB_READY" }) { ... on SetTargetGroupPayload'
        " { plan { agreements { agreementText } } } } }",
        id=citizen,
    )
    assert await rows(world, written=True) == before
    assert [row["operation"] for row in await rows(world)] == ["Look"]
    assert len(await told(world, citizen)) == 1


async def test_a_preview_notes_the_read_of_the_plan_it_shows_and_no_writing(world: World) -> None:
    citizen = await new_citizen(world)
    preview = CONVERSATION.replace("Input!)", "Input!) @preview", 1)
    given = conversation(world, citizen, "Hej.")
    await world.ask(world.token(Role.JOBCENTER), preview, input=given)
    assert len(await rows(world)) == 1
    assert await rows(world, written=True) == []


async def test_a_refused_operation_notes_nothing(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    refused = conversation(world, citizen, "Hej.") | {"heldAt": "2031-01-01T09:00:00+01:00"}
    await world.ask(token, CONVERSATION, input=refused)
    assert await rows(world) == await rows(world, written=True) == []


async def test_a_citizens_own_writing_is_not_noted(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    before = await rows(world, written=True)
    data = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        "mutation($id: ID!) { acknowledgePlan(input: { citizenId: $id, version: 1 })"
        " { ... on AcknowledgePlanPayload { plan { version } } } }",
        id=citizen,
    )
    assert data["acknowledgePlan"]["plan"]
    assert await rows(world) == [] and await rows(world, written=True) == before


async def test_the_log_cannot_be_changed_and_holds_no_number_and_no_text_of_the_plan(
    world: World,
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen, "Vi taler om din ryg.")
    own = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        "query($id: ID!) { citizen(id: $id) { civilRegistrationNumber } }",
        id=citizen,
    )
    number = own["citizen"]["civilRegistrationNumber"]
    for role in (Role.JOBCENTER, Role.FUND):
        await world.ask(
            world.token(role),
            "query($n: String!) { citizenByCivilRegistrationNumber(civilRegistrationNumber: $n)"
            " { name { full } plan { agreements { agreementText } } } }",
            n=number,
        )
    whole = json.dumps([*await rows(world), *await rows(world, written=True)], default=str)
    assert FUND in whole
    for secret in (number, number.replace("-", ""), "ryg", "Lindhave"):
        assert secret not in whole
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        for change in ("delete from access_log", "update access_log set name = 'x'"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(change)
    finally:
        await connection.close()
