"""Whose plan a viewer reaches: what is out of reach is answered as what does not exist."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from app.domain.viewer import Role
from app.policy.permissions import permissions
from tests.everything import everything
from tests.schema.test_operation import count_rows
from tests.schema.test_privacy import MUTATIONS, SCHEMA, filled, query_of
from tests.story import (
    MEMBERSHIP,
    PLAN,
    cpr,
    hold_conversation,
    member,
    new_citizen,
    plan_of,
)
from tests.world import FUND, OTHER_FUND, OTHER_JOBCENTER, World

BY_NUMBER = (
    "query($n: String!) { citizenByCivilRegistrationNumber(civilRegistrationNumber: $n)"
    " { id plan { version } } }"
)
UPSERT = (
    "mutation($input: UpsertCitizenInput!) { upsertCitizen(input: $input) { __typename"
    " ... on RuleBreaches { breaches { code } } } }"
)


async def number_of(world: World, citizen: str) -> str:
    data = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        "query($id: ID!) { citizen(id: $id) { civilRegistrationNumber } }",
        id=citizen,
    )
    number: str = data["citizen"]["civilRegistrationNumber"]
    return number


async def move(world: World, citizen: str, municipality: str) -> None:
    data = await world.ask(
        world.token(Role.SYSTEM),
        UPSERT,
        input={
            "civilRegistrationNumber": await number_of(world, citizen),
            "municipalityCode": municipality,
        },
    )
    assert data["upsertCitizen"]["__typename"] == "UpsertCitizenPayload"


async def strangers(world: World) -> dict[str, str]:
    """Tokens of everybody who reads citizens, but not a member of the fund in the municipality."""
    other = await new_citizen(world)
    return {
        "citizen": world.token(Role.CITIZEN, citizen=other),
        "jobcenter": world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER),
        "unknown jobcenter": world.token(Role.JOBCENTER, organisation="999"),
        "fund": world.token(Role.FUND, organisation=OTHER_FUND),
        "unknown fund": world.token(Role.FUND, organisation="00000000"),
        "fund named as a jobcenter": world.token(Role.FUND, organisation="101"),
    }


@pytest.mark.rule("R150", "refused")
@pytest.mark.rule("R151", "refused")
@pytest.mark.rule("R152", "refused")
async def test_a_citizen_out_of_reach_is_answered_byte_for_byte_as_one_that_is_not_there(
    world: World,
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    for who, token in (await strangers(world)).items():
        role = Role(who.split(" ")[-1]) if who in ("citizen", "jobcenter", "fund") else None
        query = PLAN if role is None else everything(SCHEMA, role, citizen=("(id: $id)", "Citizen"))
        answers = [
            await world.client.post(
                f"{world.base_url}/graphql",
                json={"query": query, "variables": {"id": wanted}},
                headers={"authorization": f"Bearer {token}"},
            )
            for wanted in (citizen, str(uuid4()), "no id at all")
        ]
        assert {answer.content for answer in answers} == {b'{"data":{"citizen":null}}'}, who
        assert len({answer.status_code for answer in answers}) == 1


async def test_a_number_out_of_reach_is_answered_as_one_that_nobody_has(world: World) -> None:
    citizen = await member(world)
    number = await number_of(world, citizen)
    reach = [world.token(Role.JOBCENTER), world.token(Role.FUND)]
    for token in reach:
        found = await world.ask(token, BY_NUMBER, n=number)
        assert found["citizenByCivilRegistrationNumber"]["id"] == citizen
    for who, token in (await strangers(world)).items():
        if who == "citizen":
            answer = await world.post(token, BY_NUMBER, n=number)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        else:
            assert await world.post(token, BY_NUMBER, n=number) == await world.post(
                token, BY_NUMBER, n=cpr(9999)
            )


@pytest.mark.parametrize(
    "mutation",
    sorted(
        name
        for name, field in MUTATIONS.items()
        if "citizenId" in field.args["input"].type.of_type.fields
    ),
)
@pytest.mark.rule("R151", "refused")
@pytest.mark.rule("R152", "refused")
@pytest.mark.rule("R150", "refused")
async def test_no_mutation_tells_a_citizen_out_of_reach_from_one_that_is_not_there(
    shared_world: World, mutation: str
) -> None:
    kind = MUTATIONS[mutation].args["input"].type
    citizen = await member(shared_world)
    await hold_conversation(shared_world, citizen)
    tokens = {
        Role(who): token
        for who, token in (await strangers(shared_world)).items()
        if who in ("citizen", "jobcenter", "fund")
    }
    before = await count_rows(shared_world)
    for role in permissions()[f"Mutation.{mutation}"] & tokens.keys():
        answers = []
        for wanted in (citizen, str(uuid4())):
            given = filled(kind, wanted, "En tekst")
            answers.append(await shared_world.post(tokens[role], query_of(mutation), input=given))
        assert answers[0] == answers[1], role
        assert answers[0]["data"][mutation]["__typename"] == "NotFound", answers[0]
    assert await count_rows(shared_world) == before


@pytest.mark.rule("R151", "allowed")
@pytest.mark.rule("R151", "refused")
async def test_after_a_move_the_old_jobcenter_reads_nothing_and_the_new_one_everything(
    world: World,
) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    old = world.token(Role.JOBCENTER)
    new = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    assert await plan_of(world, new, citizen) is None
    seen = await plan_of(world, old, citizen)
    await move(world, citizen, OTHER_JOBCENTER)
    assert await plan_of(world, old, citizen) is None
    after = await plan_of(world, new, citizen)
    assert seen and after and after["agreements"] == seen["agreements"]
    rows = "{ caseload(first: 5) { edges { node { id } } } inbox(first: 5) { edges { cursor } } }"
    assert (await world.ask(old, rows))["caseload"]["edges"] == []
    assert (await world.ask(old, rows))["inbox"]["edges"] == []
    assert (await world.ask(new, rows))["caseload"]["edges"] == [{"node": {"id": citizen}}]


@pytest.mark.rule("R152", "allowed")
@pytest.mark.rule("R152", "refused")
async def test_a_fund_reads_from_the_first_day_of_a_membership_until_before_its_end(
    world: World,
) -> None:
    citizen = await new_citizen(world, "UNEMPLOYMENT_BENEFIT")
    await hold_conversation(world, citizen)
    for fund, first, end in (
        (FUND, "2026-03-10", "2026-03-20"),
        (OTHER_FUND, "2026-03-20", None),
    ):
        given = {"citizenId": citizen, "fundCode": fund, "insurance": "FULL_TIME"}
        data = await world.ask(
            world.token(Role.SYSTEM), MEMBERSHIP, input={**given, "from": first, "to": end}
        )
        assert data["setMembership"]["__typename"] == "SetMembershipPayload"
    reads = {}
    for day in (9, 10, 19, 20):
        world.at(date(2026, 3, day))
        reads[day] = [
            (await world.ask(world.token(Role.FUND, organisation=fund), PLAN, id=citizen))[
                "citizen"
            ]
            is not None
            for fund in (FUND, OTHER_FUND)
        ]
    assert reads == {9: [False, False], 10: [True, False], 19: [True, False], 20: [False, True]}


@pytest.mark.rule("R20", "allowed")
@pytest.mark.rule("R34", "allowed")
async def test_jobcenter_and_fund_read_plan_and_sought_jobs_whoever_is_responsible(
    world: World,
) -> None:
    """R20 and R34: in the fund's three months and after them."""
    citizen = await member(world)
    await hold_conversation(world, citizen)
    query = (
        "query($id: ID!) { citizen(id: $id) { plan { agreements { agreementText } }"
        " soughtJobs { id } responsibilities { authority validFrom validTo } } }"
    )
    for day in (date(2026, 3, 2), date(2026, 7, 1)):
        world.at(day)
        own, *staff = [
            (await world.ask(token, query, id=citizen))["citizen"]
            for token in (
                world.token(Role.CITIZEN, citizen=citizen),
                world.token(Role.JOBCENTER),
                world.token(Role.FUND),
            )
        ]
        assert own["plan"]["agreements"] and staff == [own, own]
        assert [one["authority"] for one in own["responsibilities"]] == [
            "UNEMPLOYMENT_FUND",
            "JOBCENTER",
        ]


@pytest.mark.parametrize("role", [Role.INSTITUTION, Role.SYSTEM, None])
@pytest.mark.parametrize(
    "query",
    [
        PLAN,
        "query($id: ID!) { citizen(id: $id) { id } }",
        "{ caseload(first: 5) { edges { cursor } } }",
        "{ inbox(first: 5) { edges { cursor } } }",
        "{ notifications(first: 5) { edges { cursor } } }",
        'mutation { acknowledgePlan(input: { citizenId: "x", version: 1 }) { __typename } }',
    ],
)
@pytest.mark.rule("R155", "refused")
@pytest.mark.rule("R154", "refused")
@pytest.mark.rule("R9", "refused")
@pytest.mark.rule("R20", "refused")
@pytest.mark.rule("R34", "refused")
async def test_institutions_systems_and_the_anonymous_read_no_citizen(
    shared_world: World, role: Role | None, query: str
) -> None:
    citizen = await new_citizen(shared_world)
    token = shared_world.token(role) if role else None
    answer = await shared_world.post(token, query, **({"id": citizen} if "$id" in query else {}))
    code = "FORBIDDEN" if role else "UNAUTHENTICATED"
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert answer.get("data") is None


@pytest.mark.rule("R154", "refused")
async def test_a_system_reaches_no_meeting_of_another_system(world: World) -> None:
    one, other = await new_citizen(world), await new_citizen(world)
    mutation = query_of("upsertMeeting")
    given: dict[str, Any] = {
        "citizenId": one,
        "externalId": "M-1",
        "authority": "JOBCENTER",
        "source": "SUMMONS",
        "startsAt": "2026-03-09T09:00:00+01:00",
        "endsAt": "2026-03-09T10:00:00+01:00",
        "mode": "PHONE",
        "caseworkerName": "Rikke Sandholt",
    }
    booking, another = (
        world.token(Role.SYSTEM, organisation=name) for name in ("BOOKING", "VITAS")
    )
    await world.ask(booking, mutation, input=given)
    moved = await world.ask(booking, mutation, input={**given, "citizenId": other})
    assert moved["upsertMeeting"]["__typename"] == "NotFound"
    own = await world.ask(another, mutation, input={**given, "citizenId": other})
    assert own["upsertMeeting"]["__typename"] == "UpsertMeetingPayload"
    meetings = "query($id: ID!) { citizen(id: $id) { meetings { externalId } } }"
    for citizen in (one, other):
        seen = await world.ask(world.token(Role.JOBCENTER), meetings, id=citizen)
        assert len(seen["citizen"]["meetings"]) == 1
