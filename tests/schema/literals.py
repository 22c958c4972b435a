"""What the quick check must find of texts and lists in a document, by looking at every value."""

from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    ListValueNode,
    Node,
    ObjectFieldNode,
    StringValueNode,
    VariableDefinitionNode,
    Visitor,
    visit,
)

from app.schema.input_guard import list_problem, text_problem


def literal_errors(document: DocumentNode) -> list[GraphQLError]:
    """An error for each unusable text or list written in the document itself."""
    found: list[GraphQLError] = []

    def note(problem: str | None, node: Node, place: list[str | int]) -> None:
        if problem:
            path = _path_of_literal(document, place)
            extensions = {"code": "BAD_USER_INPUT", "path": path}
            found.append(GraphQLError(problem, node, extensions=extensions))

    class Literals(Visitor):
        def enter_string_value(
            self, node: StringValueNode, _key: Any, _parent: Any, place: Any, _: Any
        ) -> None:
            note(text_problem(node.value), node, place)

        def enter_list_value(
            self, node: ListValueNode, _key: Any, _parent: Any, place: Any, _: Any
        ) -> None:
            note(list_problem(len(node.values)), node, place)

    visit(document, Literals())
    return found


def _path_of_literal(document: DocumentNode, place: list[str | int]) -> list[str | int]:
    """The path of a value in the input, from its place in the syntax tree."""
    path: list[str | int] = []
    node: Any = document
    before: str | int = ""
    for key in place:
        node = node[key] if isinstance(key, int) else getattr(node, key)
        if isinstance(node, ArgumentNode | ObjectFieldNode):
            path.append(node.name.value)
        elif isinstance(node, VariableDefinitionNode):
            path.append(node.variable.name.value)
        elif before == "values":  # of a list
            path.append(key)
        before = key
    return path
