"""Documents made from the schema: valid ones for each role, and such as are not."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from graphql import (
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    parse,
)
from graphql.utilities import value_from_ast_untyped
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st
from hypothesis_graphql import Mode, mutations, queries

from app.domain.viewer import Role
from app.policy.permissions import permissions
from tests.fuzz.values import SCALARS

SDL: Final = parse((Path(__file__).parents[2] / "schema.graphql").read_text())
SCHEMA: Final = build_ast_schema(SDL)

Kind = Literal["query", "mutation", "spoiled"]
Way = Literal["POST", "GET", "stream"]

_PIECES: Final = (
    *("{", "}", "(", ")", "[", "]", '"', '"""', "$", "$x", "!", ":", "@", "@skip", "...", "...F"),
    *("@include(if: 1)", "#", "\0", "\ufeff", "æ", "👍", "\ud800", "\\u0000", "\\ud800", "&", "|"),
    *("9" * 400, "-", "1e999", "null", "on", "fragment F on Query { ...F }", "query", "mutation"),
    *("{ __schema { types { name } } }", "type A { a: Int }", "\u2028", ",", " ", "\n"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A document, the role that sends it and how. variables: of its only argument, or none."""

    kind: Kind
    role: Role
    text: str
    way: Way = "POST"
    variables: dict[str, Any] | None = None


@cache
def schema_of(role: Role) -> GraphQLSchema:
    """What the role may use of the schema."""
    kept = []
    empty = set()
    for node in SDL.definitions:
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            name = node.name.value
            fields = [
                f for f in node.fields or () if role in permissions()[f"{name}.{f.name.value}"]
            ]
            if not fields:
                empty.add(name)
                continue
            node = _with(node, fields=tuple(fields))
        kept.append(node)
    kept = [_without_members(node, empty) for node in kept]
    return build_ast_schema(_with(SDL, definitions=tuple(kept)), assume_valid=True)


def _without_members(node: Any, empty: set[str]) -> Any:
    if not isinstance(node, UnionTypeDefinitionNode):
        return node
    return _with(node, types=tuple(t for t in node.types or () if t.name.value not in empty))


def _with(node: Any, **changes: Any) -> Any:
    """A copy of a node with other parts."""
    return type(node)(**{key: getattr(node, key) for key in node.keys} | changes)


@cache
def _asked(role: Role | None, mode: Mode, *fields: str) -> st.SearchStrategy[str]:
    schema = SCHEMA if role is None else schema_of(role)
    return queries(schema, fields=fields or None, custom_scalars=SCALARS, mode=mode)


@cache
def _done(role: Role | None, mode: Mode, *fields: str) -> st.SearchStrategy[str]:
    schema = SCHEMA if role is None else schema_of(role)
    return mutations(schema, fields=fields or None, custom_scalars=SCALARS, mode=mode)


@st.composite
def query_cases(draw: st.DrawFn) -> Case:
    """A query of some of the role's fields, or of fields that it may not all use."""
    role = draw(st.sampled_from(list(Role)))
    of = draw(st.sampled_from([role] * 9 + [None]))
    root = (SCHEMA if of is None else schema_of(of)).query_type
    assert root is not None
    fields = draw(st.sampled_from([(), *((name,) for name in root.fields)]))
    text = draw(_asked(of, Mode.POSITIVE, *fields))
    way: Way = draw(st.sampled_from(["POST"] * 8 + ["GET", "stream"]))
    return Case("query", role, text, way if len(text) < 6_000 else "POST")


@st.composite
def mutation_cases(draw: st.DrawFn) -> Case:
    """One mutation, mostly tried only; its input is written out or given as a variable."""
    name = draw(st.sampled_from(sorted(_mutations())))
    roles = [role for role in Role if role in permissions()[f"Mutation.{name}"]]
    of = draw(st.sampled_from(roles * 9 + [None]))
    role = draw(st.sampled_from(list(Role))) if of is None else of
    text = draw(_done(of, Mode.POSITIVE, name))
    if draw(st.sampled_from([True, True, False])):
        text = text.replace("mutation", "mutation @preview", 1)
    case = Case("mutation", role, text, draw(st.sampled_from(["POST"] * 9 + ["stream"])))
    return _with_variable(case, name) if draw(st.booleans()) else case


def _mutations() -> list[str]:
    assert SCHEMA.mutation_type is not None
    return list(SCHEMA.mutation_type.fields)


def _with_variable(case: Case, name: str) -> Case:
    """The same with its input as a variable."""
    document = parse(case.text)
    (operation,) = document.definitions
    (field,) = operation.selection_set.selections  # type: ignore[attr-defined]
    (argument,) = field.arguments
    start, end = argument.value.loc.start, argument.value.loc.end
    kind = SCHEMA.mutation_type.fields[name].args["input"].type  # type: ignore[union-attr]
    text = case.text[:start] + "$input" + case.text[end:]
    text = text.replace("mutation", f"mutation($input: {kind})", 1)
    return Case(
        case.kind, case.role, text, case.way, {"input": value_from_ast_untyped(argument.value)}
    )


@st.composite
def spoiled_cases(draw: st.DrawFn) -> Case:
    """A document that breaks a rule of the schema, or whose text was tampered with."""
    role = draw(st.sampled_from(list(Role)))
    if draw(st.booleans()):
        make = draw(st.sampled_from([_asked, _done]))
        return Case("spoiled", role, draw(make(None, Mode.NEGATIVE)))
    text = draw(query_cases() | mutation_cases()).text
    for _ in range(draw(st.integers(1, 3))):
        text = draw(_tampered(text))
    return Case("spoiled", role, text)


@st.composite
def _tampered(draw: st.DrawFn, text: str) -> str:
    start = draw(st.integers(0, len(text)))
    end = min(start + draw(st.integers(0, 12)), len(text))
    before, part, after = text[:start], text[start:end], text[end:]
    words = re.findall(r"\w+", text) or ["a"]
    how = draw(st.integers(0, 5))
    if how == 0:
        return before + after
    if how == 1:
        return before + part * draw(st.integers(2, 40)) + after
    if how == 2:
        return before + draw(st.sampled_from(_PIECES)) + after
    if how == 3:
        return before + draw(_asked(None, Mode.POSITIVE, "viewer"))
    old = draw(st.sampled_from(words))
    new = draw(st.sampled_from([*words, "nope", "Plan", "__typename"]))
    if how == 4:
        return re.sub(rf"\b{old}\b", new, text)
    return re.sub(r'"[^"]*"', draw(st.sampled_from(["1", "{}", "[1]", "A", "$a"])), text)


STRATEGIES: Final = {
    "query": query_cases(),
    "mutation": mutation_cases(),
    "spoiled": spoiled_cases(),
}


def drawn(kind: Kind, count: int, number: int) -> list[Case]:
    """So many cases of a kind; the same number draws the same ones again."""
    found: list[Case] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGIES[kind])
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found
