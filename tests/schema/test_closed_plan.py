"""A closed plan through GraphQL: nothing writes in it, and who may still read it."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import pytest

from app.domain.viewer import Role
from app.policy.permissions import permissions
from app.schema.build import build_schema
from tests.schema.any_input import external_ids, ids_of, inputs, rows_of
from tests.story import REFUSED, hold_conversation, member, new_citizen
from tests.world import FUND, JOBCENTER, World

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SCHEMA = build_schema()._schema
PDF = base64.b64encode(b"%PDF-1.7 contract").decode()

CLOSE = (
    "mutation($input: ClosePlanInput!) { closePlan(input: $input) { __typename"
    " ... on ClosePlanPayload { version warnings { code } plan { id status version"
    " kuiExport { exportedBy educationGoals { educationName } educationOrder { currentStep }"
    " latestAgreement { agreementText } } } } " + REFUSED + " } }"
)
EARLIER = (
    "query Historik($id: ID!) { citizen(id: $id) { plan { id status version }"
    " earlierPlans(first: 1) {"
    " edges { cursor node { id status version agreements { agreementText }"
    " versions(first: 5) { edges { node { number } } } } } pageInfo { hasNextPage } } } }"
)
NEXT = (
    "query($id: ID!, $after: String) { citizen(id: $id) { earlierPlans(first: 5, after: $after) {"
    " edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } } }"
)


async def close(world: World, citizen: str, **more: Any) -> dict[str, Any]:
    data = await world.ask(world.token(Role.JOBCENTER), CLOSE, input={"citizenId": citizen, **more})
    answer: dict[str, Any] = data["closePlan"]
    return answer


def known_values(world: World, citizen: str) -> dict[str, Any]:
    """Field or scalar -> a value that fits, for input made from the schema."""
    today = str(world.day[0])
    return {
        "citizenId": citizen,
        **{"ID": citizen, "String": "Du søger to job om ugen.", "Int": 1, "Boolean": True},
        **{"Date": today, "DateTime": f"{today}T08:00:00+01:00", "Base64": PDF, "Float": 1.0},
        **{"Url": "https://jobcenter.example/", "to": None, "validTo": None, "endDate": None},
        **{"civilRegistrationNumber": "0107801234", "municipalityCode": JOBCENTER},
        **{"organisationCode": JOBCENTER, "fundCode": FUND, "fileName": "kontrakt.pdf"},
        **{"targetGroup": "CASH_BENEFIT_JOB_READY", "jobFunctionText": None},
        **dict.fromkeys(("phone", "contactPhone", "smsNumber"), "00141762"),
        **dict.fromkeys(("contactEmail", "emailAddress"), "ida@jobcenter.example"),
        **dict.fromkeys(("link", "mapUrl"), "https://jobcenter.example/"),
        **{
            "goalIds": [],
            "cvr": "10101010",
            "pNumber": "1010101010",
            "occupationCodes": [],
            "digitalExemptions": [],
        },
    }


ON_WHAT_IS_THERE = (
    *("acknowledgePlan", "recordAcknowledgement", "commentOnPlan", "replyToCaseworker"),
    *("answerComment", "correctAgreement", "setPlanAgreement", "sendEducationStep", "closePlan"),
    *("saveEducationStep", "updateIntervention", "setInterventionStatus", "cancelIntervention"),
    *("completeLetterTask", "recordContactAttempt", "reopenEducationStep", "decideRecommendation"),
)
"""What never opens a plan, so that it finds nothing when the only one is closed."""

NAMES = {
    "interventionId": "intervention",
    "conversationId": "conversation",
    "meetingId": "meeting",
    "commentId": "comment",
    "inReplyTo": "comment",
    "recommendationId": "joint_recommendation",
    "letterTaskId": "letter_task",
    "handoverPackageId": "handover_package",
    "packageId": "handover_package",
    "stepId": "education_step",
    "applicationId": "education_application",
}
"""Input field -> the table whose rows it names."""


async def richest(connection: Connection, table: str) -> asyncpg.Record:
    """The demo plan with most rows of a table."""
    found = await connection.fetchrow(
        "select p.plan_id::text, p.citizen_id::text, c.municipality_code from plan p"
        f" join {table} x using (plan_id) join citizen c using (citizen_id)"
        " group by p.plan_id, p.citizen_id, c.municipality_code"
        " order by count(*) desc, p.plan_id limit 1"
    )
    assert found is not None
    return found


@pytest.mark.rule("R12", "refused")
@pytest.mark.parametrize(
    ("table", "returned"), [("education_step", False), ("intervention", True)], ids=["gone", "back"]
)
async def test_no_operation_of_any_role_changes_a_row_of_a_closed_plan(
    demo: World, table: str, returned: bool
) -> None:
    async with connected(demo) as connection:
        plan = await richest(connection, table)
        citizen, closed = plan["citizen_id"], plan["plan_id"]
        assert (await close(demo, citizen))["__typename"] == "ClosePlanPayload"
        before = await rows_of(connection, closed)
        assert before["plan_document"] and before[table]
        there = ids_of(before)
        ids = {field: there[table] for field, table in NAMES.items() if table in there}
        (system, external), *_ = [*external_ids(before), ("BOOKING", "M-1")]
        occupation = await connection.fetchval("select code from occupation order by code")
        more = {"externalId": external, "occupationCode": occupation, "system": system}
        answered: dict[str, set[str]] = {}
        for mutation, writes in writes_of(demo, citizen, ids, more).items():
            for role, given in writes:
                token = demo.token(
                    role,
                    citizen=citizen if role is Role.CITIZEN else None,
                    organisation=system if role is Role.SYSTEM else None,
                )
                answer = await outcome(demo, token, mutation, given)
                answered.setdefault(mutation, set()).add(answer)
                if not returned:
                    await leave(connection, citizen)
            assert await rows_of(connection, closed) == before, mutation
        assert "RegisterConversationPayload" in answered["registerConversation"]
        assert "INTERNAL" not in set().union(*answered.values()), answered
        for mutation in () if returned else ON_WHAT_IS_THERE:
            # a fund that is not responsible is told so before anything is looked for
            assert "NotFound" in answered[mutation] <= {"NotFound", "RuleBreaches"}, mutation


@asynccontextmanager
async def connected(world: World) -> AsyncIterator[Connection]:
    """A connection to the world's database; every citizen is the usual jobcenter's and fund's."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "update citizen set under_kui = false, municipality_code = $1", JOBCENTER
        )
        await connection.execute("delete from membership")
        await connection.execute(
            "insert into membership (citizen_id, fund_id, insurance, valid_from)"
            " select citizen_id, organisation_id, 'FULL_TIME', '2020-01-01'"
            " from citizen, organisation where code = $1",
            FUND,
        )
        yield connection
    finally:
        await connection.close()


async def leave(connection: Connection, citizen: str) -> None:
    """Takes away the plan that an operation opened, so that the next one finds none."""
    await connection.execute(
        "delete from plan where citizen_id = $1::text::uuid and status = 'ACTIVE'", citizen
    )
    await connection.execute(
        "update plan_document set active = true where citizen_id = $1::text::uuid", citizen
    )


def writes_of(
    world: World, citizen: str, ids: dict[str, list[str]], more: dict[str, Any]
) -> dict[str, list[tuple[Role, Any]]]:
    """Mutation -> all inputs to try, each with a role that may use it."""
    assert SCHEMA.mutation_type is not None
    known = {**known_values(world, citizen), **more}
    return {
        mutation: [
            (role, given)
            for role in sorted(permissions()[f"Mutation.{mutation}"])
            for given in inputs(SCHEMA, mutation, known, ids)
        ]
        for mutation in sorted(SCHEMA.mutation_type.fields)
    }


async def outcome(world: World, token: str, mutation: str, given: Any) -> str:
    """The type that a mutation answered, or the code of its error."""
    assert SCHEMA.mutation_type is not None
    kind = SCHEMA.mutation_type.fields[mutation].args["input"].type
    answer = await world.post(
        token,
        f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ __typename }} }}",
        input=given,
    )
    if answer.get("errors"):
        return str(answer["errors"][0]["extensions"]["code"])
    return str(answer["data"][mutation]["__typename"])


async def seen_by(world: World, role: Role, citizen: str) -> Any:
    """The plan that a role reads, and the newest earlier one."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = (await world.ask(token, EARLIER, id=citizen))["citizen"]
    earlier = [edge["node"] for edge in data["earlierPlans"]["edges"]]
    return data["plan"], earlier


@pytest.mark.rule("R12", "allowed")
async def test_a_closed_plan_is_the_plan_until_the_next_and_then_an_earlier_one(
    world: World,
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    assert (await close(world, citizen))["plan"]["status"] == "CLOSED"
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        plan, earlier = await seen_by(world, role, citizen)
        assert (plan["status"], plan["version"], earlier) == ("CLOSED", 2, [])
    again = await hold_conversation(world, citizen, "Du er tilbage.")
    assert again["version"] == 1
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        plan, (old,) = await seen_by(world, role, citizen)
        assert (plan["status"], plan["version"]) == ("ACTIVE", 1)
        assert (old["status"], old["version"]) == ("CLOSED", 2)
        assert old["agreements"] == [{"agreementText": "Du ringer til to vikarbureauer."}]
        assert [edge["node"]["number"] for edge in old["versions"]["edges"]] == [2, 1]


async def test_earlier_plans_come_newest_first_page_by_page(world: World) -> None:
    citizen = await new_citizen(world)
    closed = []
    for _ in range(3):
        await hold_conversation(world, citizen)
        closed.append((await close(world, citizen))["plan"]["id"])
    token = world.token(Role.CITIZEN, citizen=citizen)
    first = (await world.ask(token, EARLIER, id=citizen))["citizen"]["earlierPlans"]
    assert first["pageInfo"]["hasNextPage"]
    after = first["edges"][0]["cursor"]
    rest = (await world.ask(token, NEXT, id=citizen, after=after))["citizen"]["earlierPlans"]
    assert not rest["pageInfo"]["hasNextPage"]
    ids = [edge["node"]["id"] for page in (first, rest) for edge in page["edges"]]
    assert ids == closed[-2::-1]


async def test_a_fund_sees_no_earlier_plan_of_a_type_that_is_hidden_from_it(world: World) -> None:
    citizen = await member(world, "RESOURCE_PROGRAMME")
    await hold_conversation(world, citizen)
    await close(world, citizen)
    await hold_conversation(world, citizen)
    assert len((await seen_by(world, Role.JOBCENTER, citizen))[1]) == 1
    assert await seen_by(world, Role.FUND, citizen) == (None, [])


async def test_staff_who_read_earlier_plans_are_in_the_access_log(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    await seen_by(world, Role.JOBCENTER, citizen)
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        logged = await connection.fetchval(
            "select elements from access_log where operation = 'Historik'"
        )
    finally:
        await connection.close()
    assert "earlier_plans" in logged
