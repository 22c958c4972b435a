"""The quick check refuses what graphql-core and our rules refuse, and nothing else."""

import random
import re
from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    NoSchemaIntrospectionCustomRule,
    get_introspection_query,
    get_named_type,
    is_required_argument,
    is_required_input_field,
    validate,
)
from graphql.validation import specified_rules
from hypothesis import given, settings, strategies as st
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from app.domain.viewer import Role
from app.policy.permissions import ROLES
from app.schema.build import build_schema
from app.schema.lexical import TRUSTED_LIMITS, lexemes_of
from app.schema.parser import parse
from app.schema.permission_rule import permission_rule
from app.schema.quick_check import check
from app.schema.schema_facts import SchemaFacts
from tests.everything import everything
from tests.examples import examples
from tests.schema.literals import literal_errors
from tests.schema.test_parser import DOCUMENTS
from tests.test_permissions import literal

SCHEMA = build_schema()._schema
LIMIT = re.compile("too many|Maximum introspection depth")


@cache
def facts(role: Role) -> SchemaFacts:
    return SchemaFacts(SCHEMA, role)


def slow(document: Any, role: Role, *, introspection: bool = True) -> list[str]:
    """Every error that graphql-core finds with its rules and ours."""
    rules: list[Any] = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
    rules += [permission_rule(role)] + [NoSchemaIntrospectionCustomRule] * (not introspection)
    errors = literal_errors(document)
    try:
        errors += validate(SCHEMA, document, rules, hide_suggestions=True)
    except KeyError:  # Strawberry looks an unknown variable up
        errors.append(GraphQLError("an unknown variable of a OneOf input"))
    return [error.message for error in errors]


def quick(document: Any, role: Role, *, introspection: bool = True) -> list[str]:
    errors = check(facts(role), document, introspection=introspection).errors
    return [error.message for error in errors]


def assert_alike(text: str, role: Role, *, introspection: bool = True) -> bool:
    """Compares the two; whether the document is valid."""
    try:
        document = parse(lexemes_of(text, TRUSTED_LIMITS))
    except GraphQLError:
        return False
    found = quick(document, role, introspection=introspection)
    if not any(LIMIT.search(message) for message in found):
        expected = slow(document, role, introspection=introspection)
        assert bool(found) == bool(expected), (text, found, expected)
    return not found


PLACES = [
    "query Q($a: ID!, $b: Int = 1, $c: String) { viewer { role } citizen(id: $a) { id ...F } }"
    " fragment F on Citizen { plan(version: $b) { id ...G } name }"
    " fragment G on Plan { id jobGoals { id } interventions { __typename ...H } }"
    " fragment H on Intervention { id ... on AidIntervention { form } }",
    "query($id: ID!) { citizen(id: $id) { x: id x: id plan { elements { __typename } }"
    " plan { elements { __typename } } } }",
    "mutation M($i: RegisterConversationInput!) @preview { registerConversation(input: $i)"
    " { __typename ... on RuleBreaches { breaches { code } } } }",
    "subscription S($c: ID!) { planUpdated(citizenId: $c) { __typename } }",
    "{ a: targetGroups { code } b: targetGroups { code @include(if: true) } ...R }"
    " fragment R on Query { municipalities { code } targetGroups { code } }",
    "query A { viewer { role } } query B($x: Boolean!) { viewer { role @skip(if: $x) } }",
    '{ __schema { queryType { name } types { name } } __type(name: "Plan") { fields { name } } }',
]
"""Documents in which most things a rule looks at are met."""

WORDS = [
    *["{", "}", "(", ")", ":", "!", "$", "@", "=", "[", "]", "..."],
    *("query", "mutation", "subscription", "fragment", "on", "id", "plan", "citizen", "viewer"),
    *("role", "F", "G", "H", "R", "Plan", "Citizen", "Intervention", "AidIntervention", "Query"),
    *("Mutation", "String", "Int", "ID", "Boolean", "__typename", "__schema", "x", "a", "b", "c"),
    *("i", "skip", "include", "preview", "deprecated", "if", "true", "null", "version", "input"),
    "code",
    *['"text"', "1", "1.5", "ENUM", "[1]", "{a: 1}", "$a", "$b", "$c", "$none", "...F", "...none"],
    *("...H", "@skip(if: true)", "@preview", "x: id", "x: __typename", "id: plan", "(id: 1)"),
    *("... on Plan { id }", "... on Citizen { id }", "... { id }", "{ id }", "{ __typename }"),
]


@pytest.mark.parametrize("role", ROLES)
def test_every_document_of_the_tests_is_judged_alike(role: Role) -> None:
    judged = [assert_alike(text, role) for text in [*DOCUMENTS, *PLACES]]
    assert role in (Role.ANONYMOUS, Role.INSTITUTION, Role.SYSTEM) or sum(judged) > 20


KINDS = [
    re.compile(r"[A-Za-z_]\w*"),
    re.compile(r'["\d-].*|true|false|null'),
    re.compile(r"[{}()\[\]!$@=:]|\.\.\."),
]
"""A word is mostly exchanged for one of its own kind, so that the text still is a document."""


def put(words: list[str], at: int, draw: random.Random) -> None:
    """Changes the words at one place: another word of the kind, something more, or nothing."""
    kind = next((k for k in KINDS if k.fullmatch(words[at])), KINDS[2])
    way = draw.random()
    if way < 0.55:
        words[at] = draw.choice([w for w in WORDS if kind.fullmatch(w)] or WORDS)
    elif way < 0.85:
        words.insert(at, draw.choice(WHOLE_WORDS))
    elif way < 0.95:
        end = draw.randint(at, min(at + 8, len(words)))
        words[at:at] = words[at:end]
    else:
        words[at] = draw.choice(WORDS)


WHOLE_WORDS = [word for word in WORDS if not re.fullmatch(r"[{}()\[\]!$@=:]|\.\.\.", word)]


@settings(max_examples=examples(3_000))
@given(st.sampled_from(PLACES), st.integers(0, 2**32), st.booleans())
def test_a_changed_document_is_judged_alike(text: str, seed: int, introspection: bool) -> None:
    draw = random.Random(seed)  # a test's choice
    words = lexemes_of(text, TRUSTED_LIMITS).words[:-1]
    for _ in range(draw.randint(1, 3)):
        put(words, draw.randrange(len(words)), draw)
    assert_alike(" ".join(words), Role.JOBCENTER, introspection=introspection)


@settings(max_examples=examples(1_000))
@given(st.sampled_from(DOCUMENTS), st.integers(0, 2**32), st.sampled_from(list(ROLES)))
def test_a_changed_document_of_the_tests_is_judged_alike(text: str, seed: int, role: Role) -> None:
    draw = random.Random(seed)  # a test's choice
    words = lexemes_of(text, TRUSTED_LIMITS).words[:-1]
    put(words, draw.randrange(len(words)), draw)
    assert_alike(" ".join(words), role)


def all_arguments() -> list[tuple[str, str, str]]:
    """Operation, field and arguments with `%` for the value of one of them, or of a part of it."""
    found = []
    for operation, root in (("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type)):
        assert root is not None
        for name, field in root.fields.items():
            given = {
                a: literal(arg.type) for a, arg in field.args.items() if is_required_argument(arg)
            }
            for argument, definition in field.args.items():
                found.append((operation, name, written(given | {argument: "%"})))
                for part in parts_of(definition.type):
                    found.append((operation, name, written(given | {argument: part})))
    return found


def parts_of(type_: Any) -> list[str]:
    """An input object once for each of its fields, with `%` for that field's value."""
    kind = get_named_type(type_)
    if not isinstance(kind, GraphQLInputObjectType):
        return []
    needed = {n: literal(f.type) for n, f in kind.fields.items() if is_required_input_field(f)}
    return ["{" + written(needed | {name: "%"}) + "}" for name in kind.fields]


def written(given: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in given.items())


VALUES = st.recursive(
    st.sampled_from(
        ["$v", "1", "1.5", '"x"', "true", "null", "ENUM", "JOBCENTER", '"2026-03-02"', '"""b"""']
    ),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda parts: f"[{' '.join(parts)}]")
        | st.dictionaries(
            st.sampled_from(["citizenId", "heldAt", "mode", "aid", "mentor", "a", "title"]),
            inner,
            max_size=3,
        ).map(lambda given: "{" + " ".join(f"{k}: {v}" for k, v in given.items()) + "}")
    ),
    max_leaves=6,
)


@settings(max_examples=examples(1_500))
@given(
    st.sampled_from(all_arguments()),
    VALUES,
    st.sampled_from(["String", "ID!", "Int = 1", "[Int!]", "Boolean = null", "Plan", "Unknown"]),
)
def test_values_are_judged_alike(place: tuple[str, str, str], value: str, kind: str) -> None:
    """Any value, anywhere in the input of any root field, with a variable in it."""
    operation, field, template = place
    declared = f"($v: {kind})" if "$v" in value else ""
    text = f"{operation}{declared} {{ {field}({template.replace('%', value)}) {{ __typename }} }}"
    assert_alike(text, Role.JOBCENTER)


@settings(max_examples=examples(1_500))
@given(st.data())
def test_fields_that_share_a_place_are_judged_alike(data: Any) -> None:
    """Small documents of one interface, with aliases and fragments, in which fields meet."""

    def selection(depth: int) -> str:
        most = 4 if depth < 2 else 2
        parts = data.draw(
            st.lists(st.sampled_from(MEETING[min(depth, 2)]), min_size=1, max_size=most)
        )
        return " ".join(p.replace("%", selection(depth + 1)) if "%" in p else p for p in parts)

    text = f"query($i: ID!) {{ citizen(id: $i) {{ plan {{ {selection(0)} ...A ...B }} }} }}"
    text += f" fragment A on Plan {{ {selection(0)} ...B }} fragment B on Plan {{ {selection(0)} }}"
    assert_alike(text, Role.JOBCENTER)


_MEMBERS = [
    *("id", "x: id", "title", "... on AidIntervention { x: category }", "y: why"),
    *("... on EducationIntervention { x: id y: provider }", "y: title"),
    *("... on SocialHealthIntervention { y: provider x: code }", "...{ y: why }"),
    *("... on CompanyIntervention { z: cvr }", "... on CompanyIntervention { z: id }"),
    *("... on MentorIntervention { z: mentorName }", "goalLinks { __typename }"),
]
MEETING = [
    [
        *("interventions { % }", "x: interventions { % }", "id", "x: interventions { % }"),
        *("timeline(months: 1) { __typename }", "timeline(months: 1) { __typename }"),
        "timeline(view: LIST, months: 1) { __typename }",
        "timeline(months: 1, view: LIST) { __typename }",
    ],
    [*_MEMBERS, "... on Intervention { % }", "... on AidIntervention { % }", "goalLinks { % }"],
    _MEMBERS,
]


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.JOBCENTER, Role.FUND])
def test_a_query_for_everything_a_role_may_ask_passes(role: Role) -> None:
    text = everything(SCHEMA, role, citizen=("(id: $id)", "Citizen"))
    assert assert_alike(text, role)


def test_the_query_of_every_tool_for_the_schema_passes_where_it_may() -> None:
    for options in ({}, {"descriptions": True, "input_value_deprecation": True}):
        text = get_introspection_query(**options)
        assert assert_alike(text, Role.ANONYMOUS, introspection=True)
        assert not assert_alike(text, Role.ANONYMOUS, introspection=False)
