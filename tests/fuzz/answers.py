"""Whether an answer is one that the schema allows to the document that was asked."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_type_sub_type_of,
)

CODES: Final = frozenset(
    re.findall(
        r"^\| `([A-Z_]+)` \|",
        (Path(__file__).parents[2] / "docs/errors.md").read_text(),
        re.MULTILINE,
    )
)
"""The codes of errors that are documented."""

_FORMS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "Int": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "Float": lambda value: type(value) in (int, float),
    "Boolean": lambda value: type(value) is bool,
    "Date": lambda value: _fits(r"\d{4}-\d\d-\d\d", value),
    "DateTime": lambda value: _fits(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", value
    ),
    "Url": lambda value: _fits(r"https?://\S+", value),
}
"""What a scalar's value looks like; those that are not here are texts."""

Problems = Iterator[str]


def problems(schema: GraphQLSchema, document: DocumentNode, answer: Any) -> list[str]:
    """What is wrong with the answer to a valid document's only operation without variables."""
    if not isinstance(answer, dict) or not {"data", "errors"} & set(answer):
        return ["the answer has neither data nor errors"]
    found = [f"unknown member {name}" for name in set(answer) - {"data", "errors", "extensions"}]
    found += error_problems(answer)
    data = answer.get("data")
    if data is None:
        return found if answer.get("errors") else [*found, "no data and no errors"]
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    root = schema.get_root_type(operation.operation)
    assert root is not None
    walk = _Walk(schema, document)
    return found + list(walk.of_object(root, [operation.selection_set], data, "data"))


def error_problems(answer: Mapping[str, Any]) -> list[str]:
    """What is wrong with the errors of an answer."""
    if "errors" not in answer:
        return []
    errors = answer["errors"]
    if not isinstance(errors, list) or not errors:
        return ["errors is no list, or an empty one"]
    return [problem for error in errors for problem in _of_error(error, answer.get("data"))]


def _of_error(error: Any, data: Any) -> Problems:
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        yield "an error has no message"
        return
    if set(error) - {"message", "locations", "path", "extensions"}:
        yield f"an error has more members: {sorted(error)}"
    code = error.get("extensions", {}).get("code")
    if code not in CODES or code == "INTERNAL":
        yield f"an error has the code {code}"
    if "path" in error and not _leads_to_null(error["path"], data):
        yield f"the path {error['path']} of an error leads to no null"


def _leads_to_null(path: list[str | int], data: Any) -> bool:
    for key in path:
        if data is None:
            return True
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return False
    return data is None


class _Walk:
    """One document's answer, from the root down."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }

    def of_object(
        self, kind: GraphQLObjectType, selections: list[SelectionSetNode], value: Any, place: str
    ) -> Problems:
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        fields: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._collect(kind, selection, fields)
        if list(value) != list(fields):
            yield f"{place} has {list(value)} for {list(fields)}"
            return
        for name, nodes in fields.items():
            asked = nodes[0].name.value
            if asked == "__typename":
                if value[name] != kind.name:
                    yield f"{place}.{name} is {value[name]} for {kind.name}"
                continue
            below = [node.selection_set for node in nodes if node.selection_set]
            wanted = kind.fields[asked].type
            yield from self._of(wanted, below, value[name], f"{place}.{name}")

    def _of(
        self, kind: GraphQLOutputType, below: list[SelectionSetNode], value: Any, place: str
    ) -> Problems:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{place} is null"
                return
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            yield from self._of_list(kind, below, value, place)
        elif isinstance(kind, GraphQLObjectType):
            yield from self.of_object(kind, below, value, place)
        elif isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            if not _is_leaf_of(kind, value):
                yield f"{place} is {value!r}, no {kind}"
        else:
            yield from self._of_any(kind, below, value, place)

    def _of_list(
        self, kind: GraphQLList[Any], below: list[SelectionSetNode], value: Any, place: str
    ) -> Problems:
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for number, item in enumerate(value):
            yield from self._of(kind.of_type, below, item, f"{place}[{number}]")

    def _of_any(
        self, kind: GraphQLAbstractType, below: list[SelectionSetNode], value: Any, place: str
    ) -> Problems:
        """Without `__typename` it is right if it is one of the possible types."""
        members = self._schema.get_possible_types(kind)
        tried = [list(self.of_object(member, below, value, place)) for member in members]
        if all(tried):
            yield f"{place} is none of {kind}: {min(tried, key=len)[0]}"

    def _collect(
        self,
        kind: GraphQLObjectType,
        selection: SelectionSetNode,
        fields: dict[str, list[FieldNode]],
    ) -> None:
        for node in selection.selections:
            if not _is_included(node):
                continue
            if isinstance(node, FieldNode):
                name = (node.alias or node.name).value
                fields.setdefault(name, []).append(node)
            else:
                part: Any = node
                if isinstance(node, FragmentSpreadNode):
                    part = self._fragments[node.name.value]
                assert isinstance(part, InlineFragmentNode | FragmentDefinitionNode)
                condition = part.type_condition
                if condition is None or self._is_a(kind, condition.name.value):
                    self._collect(kind, part.selection_set, fields)

    def _is_a(self, kind: GraphQLObjectType, name: str) -> bool:
        return is_type_sub_type_of(self._schema, kind, self._schema.type_map[name])


def _is_included(node: Any) -> bool:
    """Whether `@skip` and `@include`, with values written out, leave a selection in."""
    for directive in node.directives or ():
        name = directive.name.value
        if name in ("skip", "include"):
            (argument,) = directive.arguments
            if argument.value.value == (name == "skip"):
                return False
    return True


def _is_leaf_of(kind: GraphQLNamedType, value: Any) -> bool:
    if isinstance(kind, GraphQLEnumType):
        return value in kind.values
    assert isinstance(kind, GraphQLScalarType)
    form = _FORMS.get(kind.name)
    return isinstance(value, str) if form is None else form(value)


def _fits(pattern: str, value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None
