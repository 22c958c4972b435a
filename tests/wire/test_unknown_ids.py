"""Ids that name nothing, in every place for one: told as what is not there, nothing stored."""

from typing import Any
from uuid import uuid4

from app.domain.viewer import Role
from app.policy.permissions import permissions
from tests.schema.any_input import inputs
from tests.schema.test_closed_plan import SCHEMA, known_values
from tests.schema.test_operation import count_rows
from tests.story import new_citizen
from tests.world import World

REFUSED = {"BAD_USER_INPUT", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"}


async def outcomes(world: World, mutation: str, given: Any, citizen: str) -> set[str]:
    """What a mutation answers to each role that may use it: types of results, codes of errors."""
    assert SCHEMA.mutation_type is not None
    kind = SCHEMA.mutation_type.fields[mutation].args["input"].type
    query = f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ __typename }} }}"
    found = set()
    for role in permissions()[f"Mutation.{mutation}"]:
        token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
        answer = await world.post(token, query, input=given)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= REFUSED, (mutation, role, answer)
        found |= codes or {answer["data"][mutation]["__typename"]}
    return found


def has_other_ids(given: Any, unknown: str) -> bool:
    """Whether an input names something beside its citizen."""
    if isinstance(given, dict):
        return any(has_other_ids(one, unknown) for key, one in given.items() if key != "citizenId")
    if isinstance(given, list):
        return any(has_other_ids(one, unknown) for one in given)
    return bool(given == unknown)


async def test_no_mutation_of_an_unknown_citizen_stores_anything(world: World) -> None:
    assert SCHEMA.mutation_type is not None
    before = await count_rows(world)
    done: dict[str, set[str]] = {}
    for mutation in SCHEMA.mutation_type.fields:
        unknown = str(uuid4())
        known = known_values(world, unknown)
        for given in inputs(SCHEMA, mutation, known, {}):
            if "citizenId" in given:
                told = await outcomes(world, mutation, given, unknown)
                done[mutation] = done.get(mutation, set()) | told
    payloads = {name for name, told in done.items() if any("Payload" in one for one in told)}
    assert not payloads and len(done) > 35
    stored = await count_rows(world)
    assert {name for name in stored if stored[name] != before[name]} <= {"login_refusal"}


async def test_no_mutation_that_names_what_is_not_there_is_carried_out(world: World) -> None:
    assert SCHEMA.mutation_type is not None
    citizen = await new_citizen(world)
    before = await count_rows(world)
    done: dict[str, set[str]] = {}
    for mutation in SCHEMA.mutation_type.fields:
        unknown = str(uuid4())
        known = known_values(world, citizen) | {"ID": unknown}
        for given in inputs(SCHEMA, mutation, known, {}):
            if has_other_ids(given, unknown):
                told = await outcomes(world, mutation, given, citizen)
                done[mutation] = done.get(mutation, set()) | told
    payloads = {name for name, told in done.items() if any("Payload" in one for one in told)}
    assert not payloads and len(done) > 15
    stored = await count_rows(world)
    assert {name for name in stored if stored[name] != before[name]} <= {"login_refusal"}
