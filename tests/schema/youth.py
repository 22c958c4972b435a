"""Steps of a youth's education order as GraphQL operations, each by the role that may do it."""

from itertools import count
from typing import Any

import asyncpg

from app.domain.viewer import Role
from tests.story import REFUSED, new_citizen
from tests.world import FUND, World

READY = "EDU_BENEFIT_EDU_READY"
COMBI = "UNEMPLOYMENT_BENEFIT_EDU_ORDER"
SCHOOL = "INST-STJERNEURT"
OTHER_SCHOOL = "INST-KORNBLOMST"
CONTACT = {"name": "Ida Stenmark", "phone": "00 15 42 69", "email": "ida@jobcenter.example"}

SMITH = {"educationName": "Smed", "reason": "Jeg kan lide metal"}

STEPS = (
    "educationOrder { currentStep applications { id goal institution sent answer }"
    " admittedApplication { goal } startDate startedOn completedOn"
    " steps { step status deadline caseworker late sentAt educationProposals { educationName }"
    " institutionProposals { goal institution } institutionReason } }"
)
PRIVATE = (
    " educationOrder { supportNeed { assessedOn hasNeed text interventionIds }"
    " institutionContact { name phone email }"
    " handover { id institution otherEssentialInformation releasedAt receivedAt } }"
    " testResults { kind takenOn result validUntil isValid }"
)
PLAN = "query($id: ID!) { citizen(id: $id) { plan { version " + STEPS + " } } }"

_numbers = count(4001)
"""Last digits of the numbers of persons who were born on 1 July 2005."""

ROLES = {
    **dict.fromkeys(("saveEducationStep", "sendEducationStep"), Role.CITIZEN),
    "confirmHandover": Role.INSTITUTION,
}
"""Who does what; the jobcenter all the rest."""

ANSWERS = {
    "confirmHandover": "handoverPackageId receivedAt warnings { code }",
    "releaseHandover": "version handoverPackageId warnings { code }",
    "openEducationStep": "version stepId applicationIds warnings { code }",
    "registerTestResult": "version testResultId warnings { code }",
}


def mutation(name: str, answer: str | None = None, *, preview: bool = False) -> str:
    """An operation of one field with `$input`."""
    kind = name[0].upper() + name[1:]
    asked = answer or ANSWERS.get(name, "version warnings { code }")
    return (
        f"mutation($input: {kind}Input!) {'@preview' if preview else ''} {{ {name}(input: $input)"
        f" {{ __typename ... on {kind}Payload {{ {asked} }} {REFUSED} }} }}"
    )


async def act(
    world: World,
    name: str,
    citizen: str,
    *,
    token: str | None = None,
    answer: str | None = None,
    **given: Any,
) -> dict[str, Any]:
    """One mutation about a citizen by the role whose it is; the field's answer."""
    role = ROLES.get(name, Role.JOBCENTER)
    bearer = token or world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = await world.ask(bearer, mutation(name, answer), input={"citizenId": citizen} | given)
    found: dict[str, Any] = data[name]
    return found


async def done(world: World, name: str, citizen: str, **given: Any) -> dict[str, Any]:
    """The same, and it must be done."""
    answer = await act(world, name, citizen, **given)
    assert answer["__typename"].endswith("Payload"), answer
    return answer


def codes(answer: dict[str, Any]) -> list[str]:
    """What a refused mutation broke."""
    assert answer["__typename"] == "RuleBreaches", answer
    return [breach["code"] for breach in answer["breaches"]]


async def sql(world: World, statement: str, *args: object) -> Any:
    """The first value that a statement answers on the world's database."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        return await connection.fetchval(statement, *args)
    finally:
        await connection.close()


async def open_schools(world: World) -> None:
    """Two institutions that packages can be addressed to."""
    for code, name in ((SCHOOL, "Erhvervsskolen Stjerneurt"), (OTHER_SCHOOL, "Kornblomst")):
        await sql(
            world,
            "insert into organisation (kind, code, name)"
            " values ('EDUCATION_INSTITUTION', $1, $2) on conflict do nothing",
            *(code, name),
        )


async def youth(world: World, step: int = 1, group: str = READY, **facts: Any) -> str:
    """A youth with an education goal, at a step; on a combi plan a member of the usual fund."""
    young: dict[str, Any] = {
        "civilRegistrationNumber": f"010705{next(_numbers)}",
        "hasVocationalEducation": False,
        "hasDependentChildren": False,
    }
    fund = FUND if group == COMBI else None
    citizen = await new_citizen(world, group, fund=fund, **young | facts)
    goals = [{"educationName": "Smed", "priority": 1}]
    token = world.token(Role.JOBCENTER)
    if group == COMBI:
        await sql(
            world,
            "insert into occupation (code, label) values ('7212', 'Svejser')"
            " on conflict do nothing",
        )
        data = await world.post(
            token,
            "mutation($job: SetJobGoalsInput!, $education: SetEducationGoalsInput!) {"
            " setEducationGoals(input: $education) { __typename }"
            " setJobGoals(input: $job) { __typename ... on RuleBreaches { breaches { code } } } }",
            education={"citizenId": citizen, "educationGoals": goals},
            job={
                "citizenId": citizen,
                "jobGoals": [{"occupationCode": "7212", "priority": 1, "term": "SHORT_TERM"}],
            },
        )
        assert "errors" not in data, data
    else:
        await done(world, "setEducationGoals", citizen, educationGoals=goals)
    await done(world, "openEducationStep", citizen, step=step, deadline="2026-03-16")
    return citizen


async def admitted(world: World, group: str = READY, **facts: Any) -> str:
    """A youth at step 4, admitted to become a smith."""
    citizen = await youth(world, 3, group, **facts)
    smith = {"goal": "Smed", "institution": "Stjerneurt", "sent": True, "answer": "ADMITTED"}
    await done(
        world,
        "openEducationStep",
        citizen,
        step=4,
        deadline="2026-08-01",
        applications=[smith],
        admission={"startDate": "2026-08-10"},
    )
    return citizen


async def plan(world: World, citizen: str, role: Role, extra: str = "") -> Any:
    """The plan's education order as a role sees it."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    query = PLAN.replace(STEPS, STEPS + extra)
    return (await world.ask(token, query, id=citizen))["citizen"]["plan"]


def reading_test(**more: Any) -> dict[str, Any]:
    """Input for a reading test that the municipality asked for."""
    return {
        "kind": "READING",
        "takenOn": "2024-03-03",
        "result": "Over middel",
        "requestedBy": "MUNICIPALITY",
    } | more
