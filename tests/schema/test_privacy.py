"""What a client writes of a person comes back in no error, and stands in no log and no metric."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    Undefined,
    coerce_input_value,
    get_named_type,
)

from app.domain.viewer import Role
from app.policy.permissions import permissions
from app.schema.build import build_schema
from tests.story import hold_conversation, member, subscribe_channels
from tests.world import World

SECRET = "Hemmelighed 010780-4321 om din ryg"
PARTS = ("Hemmelighed", "4321", "din ryg")
# digits within a longer number or an id are its own: of a process's memory, say, or of a uuid
STANDS = {part: re.compile(rf"(?<![0-9A-Fa-f.]){part}(?![0-9A-Fa-f-]|\.[0-9])") for part in PARTS}

SCHEMA = build_schema()._schema
assert SCHEMA.mutation_type
MUTATIONS = SCHEMA.mutation_type.fields
_PLAIN: dict[str, Any] = {
    "ID": "018f5b3e-0000-7000-8000-000000000000",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "Date": "2026-03-02",
    "DateTime": "2026-03-02T09:00:00+01:00",
    "Base64": "JVBERi0xLjQK",
}

Path = tuple[str, ...]


def role_of(mutation: str) -> Role:
    return sorted(permissions()[f"Mutation.{mutation}"])[-1]


def token_of(world: World, role: Role, citizen: str) -> str:
    return world.token(role, citizen=citizen if role is Role.CITIZEN else None)


def filled(kind: Any, citizen: str, secret: str, name: str = "") -> Any:
    """A value of an input type with the secret in every text."""
    if isinstance(kind, GraphQLNonNull):
        return filled(kind.of_type, citizen, secret, name)
    if isinstance(kind, GraphQLList):
        return [filled(kind.of_type, citizen, secret, name)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLScalarType):
        return citizen if name == "citizenId" else _PLAIN.get(kind.name, secret)
    fields = dict(kind.fields)
    if kind.is_one_of:
        fields = dict(list(fields.items())[:1])
    left_out = {"expectedVersion", "civilRegistrationNumber", "id", "goalIds", "meetingId"}
    return {
        key: filled(field.type, citizen, secret, key)
        for key, field in fields.items()
        if key not in left_out or isinstance(field.type, GraphQLNonNull)
    }


def leaves(kind: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each field of an input, with the name of its type; lists count as their first item."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLInputObjectType):
        yield path, named.name
        return
    for name, field in named.fields.items():
        yield from leaves(field.type, (*path, name))


def distinct(mutation: str, kind: Any) -> list[Path]:
    """The leaves of a mutation's input; those that all kinds of interventions share only once."""
    found: dict[tuple[str, str] | Path, Path] = {}
    for path, named in leaves(kind):
        if not path[0].startswith("intervention") or len(path) < 3:
            found[path] = path
        elif mutation == "createIntervention":
            found.setdefault((path[-1], named), path)
    return list(found.values())


def at(path: Path, kind: Any, value: Any, citizen: str) -> Any:
    """An input in which only one field is as bad as `value`."""
    given = filled(kind, citizen, "x")
    named = get_named_type(kind)
    if not path:
        return value
    inner = at(path[1:], named.fields[path[0]].type, value, citizen)
    as_list = isinstance(getattr(kind, "of_type", kind), GraphQLList) or isinstance(
        kind, GraphQLList
    )
    target = given[0] if as_list else given
    if getattr(named, "is_one_of", False):
        target.clear()
    target[path[0]] = inner
    return [target] if as_list else target


def secrets_in(text: str) -> list[str]:
    return [part for part in PARTS if STANDS[part].search(text)]


def listen(caplog: pytest.LogCaptureFixture) -> None:
    """Hears every word of the server; of the test's own client only what is wrong."""
    for client in ("httpcore", "httpx"):
        caplog.set_level(logging.WARNING, client)
    caplog.set_level(logging.DEBUG)  # at last: each of these sets what is heard of all loggers


def told(answer: dict[str, Any]) -> str:
    """All that an answer says: errors, breaches, warnings and messages."""
    return json.dumps(answer, ensure_ascii=False)


def query_of(mutation: str) -> str:
    kind = MUTATIONS[mutation].args["input"].type
    return (
        f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ __typename"
        " ... on RuleBreaches { breaches { code message path } } ... on NotFound { message } } }"
    )


def fits(kind: Any, value: Any) -> bool:
    """Whether graphql-core takes a value as an input, so that the mutation gets to see it."""
    return coerce_input_value(value, kind) is not Undefined


async def refused_at_once(world: World, token: str, mutation: str, inputs: list[Any]) -> str:
    """What is told of inputs that do not fit, each a variable of one operation."""
    kind = MUTATIONS[mutation].args["input"].type
    names = [f"i{n}" for n in range(len(inputs))]
    declared = ", ".join(f"${name}: {kind}" for name in names)
    fields = " ".join(f"{name}: {mutation}(input: ${name}) {{ __typename }}" for name in names)
    variables = dict(zip(names, inputs, strict=True))
    answer = await world.post(token, f"mutation({declared}) {{ {fields} }}", **variables)
    paths = {error["extensions"]["path"][0] for error in answer["errors"]}
    assert paths == set(names), "each of them is told"
    return told(answer)


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_a_value_that_fits_no_field_is_not_repeated_in_the_refusal(
    shared_world: World, mutation: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As the value of a variable, and written in the document."""
    listen(caplog)
    citizen = await member(shared_world)
    token = token_of(shared_world, role_of(mutation), citizen)
    kind = MUTATIONS[mutation].args["input"].type
    unfit: list[Any] = []
    for path in distinct(mutation, kind):
        for value in (SECRET, {"a": SECRET}, [SECRET], [[{SECRET: SECRET}]]):
            given = at(path, kind, value, citizen)
            if not fits(kind, given):
                unfit.append(given)
                continue
            answer = await shared_world.post(token, query_of(mutation), input=given)
            assert secrets_in(told(answer)) == [], (path, value, told(answer))
        literal = _literal(at(path, kind, SECRET, citizen))
        written = f"mutation {{ {mutation}(input: {literal}) {{ __typename }} }}"
        answer = await shared_world.post(token, written)
        assert secrets_in(told(answer)) == [], (path, told(answer))
    for some in batched(unfit, 5):
        said = await refused_at_once(shared_world, token, mutation, some)
        assert secrets_in(said) == [], said
    assert secrets_in(caplog.text) == []


def batched(values: list[Any], size: int) -> Iterator[list[Any]]:
    return (values[n : n + size] for n in range(0, len(values), size))


def _literal(value: Any) -> str:
    """A value as it is written in a document; enums become texts, which is a mistake, too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    "document",
    [
        '{ citizen(id: "%s" }',
        '{ citizen(id: "%s) { id } }',
        '{ citizen "%s" }',
        "{ citizen(id: %s) }",
        '"%s"',
        '{ citizen(id: {a: "%s"}) { id } }',
        '{ caseload(first: "%s") { edges { cursor } } }',
        '{ caseload(first: 5, filter: {name: ["%s"], planType: "%s"}) { edges { cursor } } }',
        '{ caseload(first: 5, after: "%s") { edges { cursor } } }',
        '{ citizenByCivilRegistrationNumber(civilRegistrationNumber: "%s") { id } }',
        '{ citizen(id: "x") { plan { latestAgreement(authority: "%s") { id } } } }',
        '{ citizen(id: "x") { plan { timeline(anchor: "%s") { hint } } } }',
        'query($a: Int = "%s") { citizen(id: $a) { id } }',
        '{ citizen(id: "%s") @skip(if: "%s") { id } }',
    ],
)
async def test_a_mistake_in_a_query_does_not_repeat_what_is_written_in_it(
    shared_world: World, document: str
) -> None:
    answer = await shared_world.post(
        shared_world.token(Role.JOBCENTER), document.replace("%s", SECRET)
    )
    assert answer.get("errors") or answer["data"]
    assert secrets_in(told(answer)) == [], told(answer)


async def test_what_is_written_stands_in_no_log_and_no_metric(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Every mutation with the secret in each of its texts, and a citizen with known contacts."""
    listen(caplog)
    citizen = await member(world, phone="20304050", email="signe@borger.example")
    await subscribe_channels(world, citizen)
    await hold_conversation(world, citizen, SECRET)
    for mutation in sorted(MUTATIONS):
        kind = MUTATIONS[mutation].args["input"].type
        given = filled(kind, citizen, SECRET)
        for role in permissions()[f"Mutation.{mutation}"]:
            answer = await world.post(
                token_of(world, role, citizen), query_of(mutation), input=given
            )
            assert secrets_in(told(answer)) == [], told(answer)
    for path in ("/metrics", "/health/ready", "/health/live"):
        response = await world.client.get(world.base_url + path)
        assert secrets_in(response.text) == []
        assert citizen not in response.text
    said = caplog.text
    assert secrets_in(said) == []
    for private in ("20304050", "00141762", "borger.example", "0107"):
        assert private not in said, private
