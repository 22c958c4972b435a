"""What an institution reads: the packages released to it, page by page, and nothing else."""

import json
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType, get_named_type

from app.domain.viewer import Role
from app.policy.permissions import permissions
from app.schema.build import build_schema
from tests.schema.handed_over import NEED, PACKAGES, confirm, packages, released
from tests.schema.youth import (
    OTHER_SCHOOL,
    PRIVATE,
    SCHOOL,
    admitted,
    done,
    open_schools,
    plan,
    sql,
)
from tests.world import World


@pytest.mark.rule("R153", "refused")
async def test_another_institution_finds_no_such_package(world: World) -> None:
    citizen, package = await released(world)
    assert await packages(world, OTHER_SCHOOL) == []
    assert await packages(world, "INST-UNKNOWN") == []
    for code, wanted in ((OTHER_SCHOOL, package), (SCHOOL, str(uuid4())), (SCHOOL, "no id")):
        answer = await confirm(world, wanted, code)
        assert answer == {
            "__typename": "NotFound",
            "message": "There is no such handover package.",
        }
    seen = (await plan(world, citizen, Role.JOBCENTER, PRIVATE))["educationOrder"]["handover"]
    assert seen["receivedAt"] is None


@pytest.mark.rule("R149", "allowed")
async def test_a_read_of_a_package_is_told_to_the_citizen(world: World) -> None:
    """Each package that is shown, and none of the page after it."""
    first, _ = await released(world)
    second, _ = await released(world)
    query = (
        "query($id: ID!) { citizen(id: $id) { accessLog(first: 50) { edges { node {"
        " organisation role } } } } }"
    )

    async def told(citizen: str) -> list[str]:
        token = world.token(Role.CITIZEN, citizen=citizen)
        data = await world.ask(token, query, id=citizen)
        nodes = [edge["node"] for edge in data["citizen"]["accessLog"]["edges"]]
        return [n["organisation"] for n in nodes if n["role"] == "INSTITUTION"]

    await packages(world, first=1)
    assert (await told(second), await told(first)) == (["Erhvervsskolen Stjerneurt"], [])
    await packages(world, OTHER_SCHOOL)
    await packages(world)
    assert (len(await told(second)), len(await told(first))) == (2, 1)
    row = (
        "select operation || ' ' || elements[1] from access_log where role = 'institution' limit 1"
    )
    assert await sql(world, row) == "ReadPackages handover"


async def test_packages_come_page_by_page_the_last_released_first(world: World) -> None:
    given = [await released(world) for _ in range(3)]
    await done(world, "releaseHandover", given[0][0], institutionCode=SCHOOL)
    ids = [given[0][1], given[2][1], given[1][1]]
    assert [package["id"] for package in await packages(world)] == ids
    token = world.token(Role.INSTITUTION)
    seen: list[str] = []
    after = None
    while True:
        page = (await world.ask(token, PACKAGES, first=2, after=after))["handoverPackages"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ids
    for bad in ("x", "WyJhIiwiYiJd"):
        answer = await world.post(token, PACKAGES, after=bad)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.rule("R153", "refused")
@pytest.mark.parametrize(
    "query",
    [
        'citizen(id: "%s") { name { full } plan { version } }',
        "caseload(first: 5) { edges { node { id } } }",
        "inbox(first: 5) { edges { node { kind } } }",
        'citizenByCivilRegistrationNumber(civilRegistrationNumber: "0107057777") { id }',
    ],
)
async def test_an_institution_may_ask_for_nothing_else(world: World, query: str) -> None:
    citizen, _ = await released(world)
    asked = query.replace("%s", citizen)
    answer = await world.post(world.token(Role.INSTITUTION), f"{{ {asked} }}")
    assert answer["errors"]
    assert {e["extensions"]["code"] for e in answer["errors"]} == {"FORBIDDEN"}
    assert not answer.get("data")


@pytest.mark.rule("R153", "refused")
def test_from_its_packages_an_institution_gets_to_no_plan_and_no_citizen() -> None:
    """All types that an institution reaches, walked over the fields it may use."""
    schema = build_schema()._schema
    reached: set[str] = set()
    queue: list[Any] = [schema.query_type, schema.mutation_type]
    while queue:
        parent = queue.pop()
        for name, field in parent.fields.items():
            if Role.INSTITUTION not in permissions()[f"{parent.name}.{name}"]:
                continue
            target = get_named_type(field.type)
            for kind in getattr(target, "types", (target,)):
                if isinstance(kind, GraphQLObjectType) and kind.name not in reached:
                    reached.add(kind.name)
                    queue.append(kind)
    assert {name for name in reached if "Plan" in name or "Citizen" in name} == set()
    assert "InstitutionHandoverPackage" in reached
    assert reached & {"SupportNeed", "EducationOrder", "TestResult", "HandoverPackage"} == set()


@pytest.mark.rule("R108", "refused")
async def test_no_package_tells_of_tests_applications_elsewhere_or_goals(world: World) -> None:
    await open_schools(world)
    citizen = await admitted(world)
    test = {"kind": "DYSLEXIA", "takenOn": "2026-02-01", "result": "Ordblind"}
    await done(world, "registerTestResult", citizen, **test, requestedBy="CITIZEN")
    other = [{"goal": "Bager", "institution": "Kornblomst", "sent": True, "answer": "REJECTED"}]
    await done(world, "openEducationStep", citizen, applications=other)
    await done(world, "assessSupportNeed", citizen, **NEED)
    await done(world, "releaseHandover", citizen, institutionCode=SCHOOL)
    read = json.dumps(await packages(world), ensure_ascii=False)
    stored = await sql(world, "select convert_from(body, 'UTF8') from handover_package")
    for secret in ("Ordblind", "Bager", "Kornblomst", citizen):
        assert secret not in read
        assert secret not in stored
    assert "010705" not in stored
