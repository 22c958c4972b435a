"""What an operation costs is known before it runs, and never less than what it answers."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNonNull,
    IntValueNode,
    OperationDefinitionNode,
    build_schema as schema_of,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    is_type_sub_type_of,
    parse,
)
from hypothesis import given, settings as hypothesis_settings, strategies as st

from app.domain.viewer import Role
from app.policy.costs import CostTable, costs
from app.schema.build import build_schema
from app.schema.cost import MOST, Costs
from app.schema.cost_facts import CostTableError, introspection_fields, output_fields
from app.schema.prepared import Prepared
from app.schema.printed import printed_schema
from app.settings import load_settings
from tests.demo_view import ids
from tests.everything import everything
from tests.examples import examples
from tests.schema.documents import LIMIT, SCHEMA, TABLE, documents
from tests.world import World

SIZES = st.one_of(st.integers(-1, LIMIT + 2), st.sampled_from([None, "3", 2.5, True]))


def cost_of(costs: Costs, document: DocumentNode, variables: dict[str, Any] | None = None) -> int:
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return costs.of(Prepared(document, []), operation, variables).requested


def ours(query: str, **variables: Any) -> int:
    """The cost of a query of the product's own schema."""
    return cost_of(Costs(build_schema()._schema), parse(query), variables)


class Naive:
    """The same by writing every fragment out, wherever it is spread."""

    def __init__(self, document: DocumentNode, variables: dict[str, Any]) -> None:
        self.variables = {"b": 2} | variables
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }

    def object(self, node: Any, kind: str, edges: int) -> int:
        total = 0
        for one in node.selection_set.selections:
            if isinstance(one, FieldNode):
                total += self.field(one, kind, edges)
                continue
            part = self.fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            condition = SCHEMA.type_map[part.type_condition.name.value]
            if is_type_sub_type_of(SCHEMA, SCHEMA.type_map[kind], condition):
                total += self.object(part, kind, edges)
        return total

    def field(self, node: FieldNode, kind: str, edges: int) -> int:
        name = node.name.value
        if name == "__typename":
            return 1
        below: Any = get_named_type(SCHEMA.type_map[kind].fields[name].type)  # type: ignore[attr-defined]  # an object type
        names = (f"{kind}.{name}", f"*.{name}", f"{kind}.*")
        weight = next((TABLE.weight[n] for n in names if n in TABLE.weight), None)
        if not node.selection_set:
            return 1 if weight is None else weight
        size = self.size(node, 5 if name == "some" else LIMIT)
        times = {"list": 4, "many": 2, "some": size, "edges": edges}.get(name, 1)
        kinds = SCHEMA.get_possible_types(below) if is_abstract_type(below) else [below]
        inside = max(
            1 + self.object(node, one.name, size if name == "page" else 1) for one in kinds
        )
        own = 1 if weight is None else weight
        return own + times * inside

    def size(self, node: FieldNode, most: int) -> int:
        if not node.arguments:
            return 3
        value = node.arguments[0].value
        size = (
            int(value.value)
            if isinstance(value, IntValueNode)
            else self.variables.get(value.name.value)  # type: ignore[attr-defined]  # a variable
        )
        return size if type(size) is int and 1 <= size <= most else most


@given(documents(), SIZES, SIZES)
@hypothesis_settings(max_examples=examples(1_000))
def test_measuring_once_gives_what_writing_every_fragment_out_gives(
    text: str, a: Any, b: Any
) -> None:
    document = parse(text)
    variables = {"a": a, "b": b}
    operation: Any = document.definitions[0]
    naive = 1 + Naive(document, variables).object(operation, "Query", 1)
    measured = Costs(SCHEMA, TABLE, page_size_limit=LIMIT)
    assert cost_of(measured, document, variables) == min(naive, MOST)


@given(documents())
@hypothesis_settings(max_examples=50)
def test_a_variable_that_is_left_out_counts_as_its_default_and_else_as_the_largest_page(
    text: str,
) -> None:
    text = text.replace("some(first: $a)", "some")  # whose argument has a default of its own
    measured = Costs(SCHEMA, TABLE, page_size_limit=LIMIT)
    left_out = cost_of(measured, parse(text))
    assert left_out == cost_of(measured, parse(text), {"a": LIMIT, "b": 2})


def test_fragments_that_double_at_each_step_are_measured_once_each() -> None:
    """Written out this document has 2**300 fields: only its size may tell in the time it takes."""
    steps = [
        f"fragment F{n} on Left {{ x: next {{ ...F{n + 1} }} y: next {{ ...F{n + 1} }} }}"
        for n in range(100)
    ]
    text = "\n".join(["{ node { ...F0 } }", *steps, "fragment F100 on Left { id }"])
    assert cost_of(Costs(SCHEMA, TABLE, page_size_limit=LIMIT), parse(text)) == MOST


def test_a_list_without_a_size_does_not_start() -> None:
    without = CostTable(TABLE.weight, TABLE.page, TABLE.first, {"Query.list": 4}, {})
    with pytest.raises(CostTableError, match=r"Left\.many"):
        Costs(SCHEMA, without)


def test_every_list_of_the_schema_says_its_size_and_every_connection_is_bounded() -> None:
    schema = schema_of(printed_schema())
    sized = {
        f"{owner}.{name}": {d.name.value: d for d in field.ast_node.directives or ()}.get(
            "listSize"
        )
        for owner, name, field in output_fields(schema)
        if field.ast_node
    }
    edges = {
        f"{get_named_type(f.type).name}.edges"
        for o, n, f in output_fields(schema)
        if n in _pages(schema, o)
    }
    lists = {
        f"{owner}.{name}"
        for owner, name, field in output_fields(schema)
        if is_list_type(get_nullable_type(field.type))
    }
    assert {name for name in lists if sized[name] is None} == edges
    for owner, name, field in output_fields(schema):
        if not get_named_type(field.type).name.endswith("Connection"):
            continue
        bounds = [field.args[one] for one in ("first", "last") if one in field.args]
        assert any(isinstance(one.type, GraphQLNonNull) for one in bounds), f"{owner}.{name}"
        directive = sized[f"{owner}.{name}"]
        assert directive is not None
        assert {one.name.value for one in directive.arguments or ()} == {
            "slicingArguments",
            "sizedFields",
        }


def _pages(schema: Any, owner: str) -> list[str]:
    """The fields of a type that answer a connection."""
    return [
        name
        for name, field in getattr(schema.type_map[owner], "fields", {}).items()
        if is_object_type(kind := get_named_type(field.type)) and kind.name.endswith("Connection")
    ]


def test_the_table_names_nothing_in_vain() -> None:
    table, used = costs(), set()
    for owner, name, _ in output_fields(build_schema()._schema):
        used |= {f"{owner}.{name}", f"*.{name}", f"{owner}.*"}
    assert {*table.weight, *table.page, *table.first, *table.assumed} <= used


def test_every_list_that_answers_the_schema_itself_has_a_size() -> None:
    schema = build_schema()._schema
    fields = {f"{o}.{n}": f for o, n, f in introspection_fields(schema)}
    lists = {
        name
        for name, field in fields.items()
        if is_list_type(get_nullable_type(field.type))
        and not is_leaf_type(get_named_type(field.type))
    }
    assert lists <= costs().introspection.keys() <= fields.keys()


def test_the_worked_example_of_the_documentation_costs_what_it_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()
    found = re.search(r"```graphql\n(.+?)```", text, re.DOTALL)
    told = re.search(r"In all \*\*([\d,]+)\*\*, with `first: 20` \*\*([\d,]+)\*\*", text)
    assert found and told
    numbers = [int(one.replace(",", "")) for one in told.groups()]
    assert [ours(found[1], first=50), ours(found[1], first=20)] == numbers


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.JOBCENTER, Role.FUND])
def test_whoever_asks_everything_about_a_citizen_is_let_through_with_room(role: Role) -> None:
    query = everything(build_schema()._schema, role, citizen=("(id: $id)", "Citizen"))
    assert ours(query) < 0.75 * load_settings().max_costs()[role]


def test_everybody_may_read_the_schema_where_that_is_allowed() -> None:
    settings = load_settings()
    whole = ours(get_introspection_query(True, True, True, True, True))
    assert whole < 0.75 * min(settings.max_costs().values())
    assert 4 * whole < settings.quotas().address.cost.burst


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.JOBCENTER])
async def test_no_answer_has_more_objects_than_its_operation_costs(demo: World, role: Role) -> None:
    schema = build_schema()._schema
    query = everything(schema, role, citizen=("(id: $id)", "Citizen"))
    most = ours(query)
    answered = []
    for citizen_id, *_ in (await ids(demo)).values():
        tokens = (
            [demo.token(role, citizen=str(citizen_id))]
            if role is Role.CITIZEN
            else [demo.token(role, organisation=code) for code in ("101", "751", "851", "461")]
        )
        for token in tokens:
            answered.append(objects_in(await demo.ask(token, query, id=str(citizen_id))))
    assert 100 < max(answered) <= most


def objects_in(value: Any) -> int:
    """Objects of an answer, the whole included."""
    if isinstance(value, dict):
        return 1 + sum(map(objects_in, value.values()))
    return sum(map(objects_in, value)) if isinstance(value, list) else 0


async def test_what_costs_too_much_is_refused_before_it_runs(demo: World) -> None:
    """A page of the caseload with everything about each citizen on it."""
    query = everything(
        build_schema()._schema, Role.JOBCENTER, caseload=("(first: 100)", "CitizenConnection")
    ).replace("query($id: ID!)", "query")
    answer = await demo.post(demo.token(Role.JOBCENTER), query)
    assert "data" not in answer
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "OPERATION_TOO_COSTLY"
    smaller = query.replace("first: 100", "first: 1")
    assert (await demo.ask(demo.token(Role.JOBCENTER), smaller))["caseload"]


async def test_what_an_operation_cost_is_told_on_request_only(world: World) -> None:
    token = world.token(Role.JOBCENTER)
    body = {"query": "{ viewer { role } caseload(first: 10) { edges { node { id } } } }"}
    headers = {"authorization": f"Bearer {token}"}

    async def extensions(more: dict[str, Any]) -> dict[str, Any]:
        response = await world.client.post(
            f"{world.base_url}/graphql", json=body | more, headers=headers
        )
        found: dict[str, Any] = response.json().get("extensions", {})
        return found

    assert await extensions({}) == {}
    told = (await extensions({"extensions": {"cost": True}}))["cost"]
    assert told["requested"] == ours(body["query"]) == 246
    assert 0 < told["available"] <= world.settings.quotas().subject.cost.burst
