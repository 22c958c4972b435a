"""Plausible input for any mutation, made from the schema, and the rows that hang on a plan."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, TypeAlias

import asyncpg
import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    is_required_input_field,
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Rows = Mapping[str, list[str]]

KEYS = {"job_search_requirement": "requirement_id", "education_application": "application_id"}
"""Tables whose key is not named after them."""

LINKS = """
    select k.conrelid::regclass::text, k.confrelid::regclass::text, a.attname, b.attname
    from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
    where k.contype = 'f' and cardinality(k.conkey) = 1 and k.conrelid <> k.confrelid
"""


def inputs(
    schema: GraphQLSchema, mutation: str, known: Mapping[str, Any], ids: Mapping[str, list[str]]
) -> Iterator[dict[str, Any]]:
    """Inputs of a mutation: only what it demands, and all it takes; each with each id that fits.

    known: field -> value. ids: field -> the ids it may name.
    """
    assert schema.mutation_type is not None
    argument = schema.mutation_type.fields[mutation].args["input"].type
    assert isinstance(argument, GraphQLNonNull)
    kind = argument.of_type
    named = sorted({name for name in _names(kind) if name in ids})
    for chosen in product(*(ids[name] for name in named)):
        values = {**known, **dict(zip(named, chosen, strict=True))}
        yield _object(kind, values, whole=True)
    yield _object(kind, {**known, **{name: ids[name][0] for name in named}}, whole=False)


def _names(kind: GraphQLInputObjectType) -> Iterator[str]:
    for name, field in kind.fields.items():
        yield name
        inner = field.type
        while isinstance(inner, GraphQLNonNull | GraphQLList):
            inner = inner.of_type
        if isinstance(inner, GraphQLInputObjectType):
            yield from _names(inner)


def _object(
    kind: GraphQLInputObjectType, known: Mapping[str, Any], *, whole: bool
) -> dict[str, Any]:
    fields = kind.fields
    if kind.is_one_of:
        name = next(iter(fields))
        return {name: _value(name, fields[name].type, known, whole=True)}
    return {
        name: _value(name, field.type, known, whole=whole)
        for name, field in fields.items()
        if name != "expectedVersion"
        and (whole or name == "citizenId" or is_required_input_field(field))
        and not (name == "civilRegistrationNumber" and "citizenId" in fields)
    }


def _value(name: str, kind: Any, known: Mapping[str, Any], *, whole: bool) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(name, kind.of_type, known, whole=whole)
    if isinstance(kind, GraphQLList):
        given = known.get(name)
        return given if isinstance(given, list) else [_value(name, kind.of_type, known, whole=True)]
    if isinstance(kind, GraphQLInputObjectType):
        return _object(kind, known, whole=whole)
    if name in known:
        return known[name]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    assert isinstance(kind, GraphQLScalarType)
    return known[kind.name]


def external_ids(rows: Rows) -> list[tuple[str, str]]:
    """System and its own id of each row that a system brought."""
    found = [orjson.loads(row) for table in ("meeting", "other_agreement") for row in rows[table]]
    return sorted((row["system"], row["external_id"]) for row in found)


def ids_of(rows: Rows) -> dict[str, list[str]]:
    """Table -> the ids of its rows, at most two of each."""
    keys = {table: f"{table}_id" for table in rows} | KEYS
    return {
        table: [str(row[keys[table]]) for row in map(orjson.loads, found[:2])]
        for table, found in rows.items()
        if found and keys[table] in orjson.loads(found[0])
    }


async def rows_of(connection: Connection, plan_id: str) -> Rows:
    """Every row of every table that hangs on a plan, as JSON, by table.

    Without what says which of a citizen's plans is the current one, and what the citizen has seen.
    """
    links = await connection.fetch(LINKS)
    reached = {"plan": "plan_id::text = $1"}
    waiting = ["plan"]
    while waiting:
        parent = waiting.pop()
        for child, above, link, key in links:
            if above == parent and child not in reached:
                reached[child] = f"{link} in (select {key} from {parent} where {reached[parent]})"
                waiting.append(child)
    parts = [
        f"select '{table}' as name, (to_jsonb(t) - 'active' - 'seen_at')::text as row"
        f" from {table} t where {condition}"
        for table, condition in reached.items()
    ]
    found: dict[str, list[str]] = {table: [] for table in reached}
    for row in await connection.fetch(" union all ".join(parts) + " order by 1, 2", plan_id):
        found[row["name"]].append(row["row"])
    return found
