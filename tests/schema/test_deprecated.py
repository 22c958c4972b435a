"""Deprecated parts of a schema are counted by type and field, once for each operation that runs."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from prometheus_client import REGISTRY

from app.schema.build import build_schema as product_schema
from app.schema.deprecated import Deprecations, Part
from app.schema.prepared import Prepared

SCHEMA = build_schema("""
type Query {
  plan(id: ID, old: Int @deprecated(reason: "see id")): Plan
  search(by: By, view: View): Plan
  thing: Named
}
interface Named { label: String @deprecated(reason: "see name") }
type Plan implements Named {
  name: String
  title: String @deprecated(reason: "see name")
  label: String
  inner: Plan
}
enum View { SHORT LONG @deprecated(reason: "too long") }
input By { name: String, also: [By!], number: Int @deprecated(reason: "see name"), view: View }
""")


def counted(text: str, variables: dict[str, Any] | None = None, *, name: str = "") -> set[str]:
    """What running an operation adds to the counter; each part must count once."""
    document = parse(text)
    prepared = Prepared(document, [])
    operation = next(
        one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        and (not name or (one.name is not None and one.name.value == name))
    )
    deprecations, found = Deprecations(SCHEMA), set()
    before = counts()
    for _ in range(2):  # the second time from what is kept
        deprecations.count(prepared, operation, variables)
    for part, value in counts().items():
        if value != before.get(part, 0):
            assert value - before.get(part, 0) == 2, part
            found.add(part)
    return found


def counts() -> dict[str, float]:
    return {
        f"{one.labels['type']}.{one.labels['field']}": one.value
        for metric in REGISTRY.collect()
        if metric.name == "minplan_deprecated_fields"
        for one in metric.samples
        if one.name.endswith("_total")
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{ plan { name } }", set()),
        ("{ plan { title again: title inner { title } } }", {"Plan.title"}),
        ("{ plan(old: 1) { name } }", {"Query.plan(old:)"}),
        ("{ thing { label } }", {"Named.label"}),
        ("{ plan { label } }", set()),
        ("{ search(view: LONG) { name } }", {"View.LONG"}),
        ("{ search(view: SHORT) { name } }", set()),
        ("{ search(by: {also: [{number: 1}]}) { name } }", {"By.number"}),
        ("{ plan { ...A } } fragment A on Plan { inner { ...B } } "
         "fragment B on Plan { title }", {"Plan.title"}),
        ("{ plan { name } __typename } fragment A on Plan { title }", set()),
        ("query($a: View = LONG) { search(view: $a) { name } }", {"View.LONG"}),
    ],
)  # fmt: skip
def test_what_a_document_uses_is_counted(text: str, parts: set[str]) -> None:
    assert counted(text) == parts


@pytest.mark.parametrize(
    ("variables", "parts"),
    [
        (None, set()),
        ({"by": None}, set()),
        ({"by": {"name": "LONG"}}, set()),
        ({"by": {"number": None}}, {"By.number"}),
        ({"by": {"also": [{"also": {"number": 4}}]}}, {"By.number"}),
        ({"by": {"view": "LONG"}, "views": ["SHORT"]}, {"View.LONG"}),
        ({"views": ["SHORT", "LONG"]}, {"View.LONG"}),
        ({"by": {"unknown": 1}, "other": "LONG"}, set()),
    ],
)
def test_what_variables_hold_is_counted(variables: dict[str, Any] | None, parts: set[str]) -> None:
    text = "query($by: By, $views: [View!], $n: Int) { search(by: $by) { name } }"
    assert counted(text, variables) == parts


def test_only_the_operation_that_runs_is_counted() -> None:
    text = "query A { plan { title } } query B { plan { name } }"
    assert counted(text, name="A") == {"Plan.title"}
    assert counted(text, name="B") == set()


def test_every_deprecated_part_of_a_schema_is_known() -> None:
    assert Deprecations(SCHEMA).parts == {
        Part("Query", "plan(old:)"),
        Part("Named", "label"),
        Part("Plan", "title"),
        Part("View", "LONG"),
        Part("By", "number"),
    }


def test_a_schema_without_deprecations_costs_nothing() -> None:
    deprecations = Deprecations(build_schema("type Query { a: Int }"))
    prepared = Prepared(parse("{ a }"), [])
    operation: Any = parse("{ a }").definitions[0]
    deprecations.count(prepared, operation, None)
    assert prepared.kept == {}


def test_the_deprecations_of_the_product_are_those_of_its_sdl() -> None:
    from app.schema.printed import printed_schema

    assert len(Deprecations(product_schema()._schema).parts) == printed_schema().count(
        "@deprecated("
    )
