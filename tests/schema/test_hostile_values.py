"""No value of any mutation's input is stopped by the database alone, and none fails inside."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull

from app.domain.viewer import Role
from app.policy.permissions import permissions
from tests.schema.any_input import external_ids, ids_of, rows_of
from tests.schema.test_closed_plan import (
    NAMES,
    SCHEMA,
    connected,
    known_values,
    richest,
    writes_of,
)
from tests.schema.test_responsibility import SET
from tests.story import new_citizen
from tests.world import FUND, JOBCENTER, World

assert SCHEMA.mutation_type is not None
MUTATIONS = sorted(SCHEMA.mutation_type.fields)
LONG = "x" * 10_000
HOSTILE: dict[str, tuple[Any, ...]] = {
    "Int": (-1, 0, 32_768, 2**31 - 1),
    "Float": (-5.0, 1e9, 1e300),
    "String": ("", " ", LONG, "a@", "+" + "1" * 40),
    "Url": ("", LONG, "http://"),
    "Date": ("1900-01-01", "9000-12-31"),
    "DateTime": ("1900-01-01T00:00:00+01:00", "9000-12-31T23:00:00+01:00"),
    "ID": ("", LONG, "0"),
    "Base64": ("", "QQ=="),
}
"""What a client may send where a scalar is wanted, and no sensible one does."""

STORED = ("conflicts with what is stored", "outside what can be stored")


def spoiled(kind: Any, given: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each scalar of an input in turn replaced by each hostile value; the name of its field."""
    if isinstance(kind, GraphQLNonNull):
        yield from spoiled(kind.of_type, given, name)
    elif isinstance(kind, GraphQLInputObjectType):
        for key, field in kind.fields.items():
            if key in given:
                for where, value in spoiled(field.type, given[key], f"{name}.{key}"):
                    yield where, {**given, key: value}
    elif isinstance(kind, GraphQLList):
        items = given or [None] if not _is_object(kind) else given
        if items:
            for where, value in spoiled(kind.of_type, items[0], name):
                yield where, [value, *items[1:]]
                yield where, [value, *items]
    elif not isinstance(kind, GraphQLEnumType) and name != ".citizenId":
        for value in HOSTILE.get(kind.name, ()):
            yield name, value


def _is_object(kind: Any) -> bool:
    inner = kind.of_type
    while isinstance(inner, GraphQLNonNull | GraphQLList):
        inner = inner.of_type
    return isinstance(inner, GraphQLInputObjectType)


async def test_hostile_numbers_texts_days_and_ids_are_told_by_their_field(demo: World) -> None:
    found = []
    async with connected(demo) as connection:
        plans = [await richest(connection, table) for table in ("education_step", "intervention")]
        for plan in plans:
            citizen = plan["citizen_id"]
            rows = await rows_of(connection, plan["plan_id"])
            there = ids_of(rows)
            ids = {field: there[table][:1] for field, table in NAMES.items() if table in there}
            (system, external), *_ = [*external_ids(rows), ("BOOKING", "M-1")]
            occupation = await connection.fetchval("select code from occupation order by code")
            more = {"externalId": external, "occupationCode": occupation, "system": system}
            for mutation, writes in writes_of(demo, citizen, ids, more).items():
                role, given = writes[0]
                token = demo.token(
                    role,
                    citizen=citizen if role is Role.CITIZEN else None,
                    organisation=system if role is Role.SYSTEM else None,
                )
                kind = SCHEMA.mutation_type.fields[mutation].args["input"].type
                query = (
                    f"mutation($input: {kind}) @preview"
                    f" {{ {mutation}(input: $input) {{ __typename }} }}"
                )
                for where, bad in spoiled(kind, given):
                    answer = await demo.post(token, query, input=bad)
                    for error in answer.get("errors", ()):
                        stopped = any(words in error["message"] for words in STORED)
                        if stopped or error["extensions"]["code"] == "INTERNAL":
                            found.append((mutation, where, error["message"]))
    assert not found, "\n".join(map(str, dict.fromkeys(found)))
