"""Texts and lists that no operation may carry: refused before anything runs, with their paths.

PostgreSQL cannot store NUL, and a lone surrogate is no character; a text or a list far beyond
every field's own limit is refused before its field looks at it. No message repeats the text.
"""

from collections.abc import Iterator
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

MAX_TEXT = 20_000
"""Characters of one input text, before the field's own limit is looked at."""

FILES = frozenset({"document"})
"""Keys of variables that carry a file: their scalar has a limit of its own."""

MAX_ITEMS = 200
"""Items of one list, before the list's own limit is looked at."""

MAX_DEPTH = 30
"""Objects and lists inside each other in the variables."""

Path = tuple[str | int, ...]


def variable_errors(variables: dict[str, Any] | None) -> list[GraphQLError]:
    """An error for each unusable text or list in the variables."""
    return [
        GraphQLError(problem, extensions={"code": "BAD_USER_INPUT", "path": list(path)})
        for path, problem in _problems(variables or {}, ())
    ]


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


def text_problem(text: str, most: int | None = MAX_TEXT) -> str | None:
    """Why a text cannot be taken, None if it can. most: characters, None for no limit here.

    >>> text_problem("Du møder mandag.")
    >>> text_problem("a" + chr(0))
    'This text holds characters that cannot be stored.'
    """
    if most is not None and len(text) > most:
        return f"This text has {len(text)} characters; {most} is the most."
    if "\x00" in text:
        return "This text holds characters that cannot be stored."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "This text holds characters that cannot be stored."
    return None


def list_problem(items: int) -> str | None:
    """Why a list of so many items cannot be taken, None if it can.

    >>> list_problem(201)
    'This list has 201 items; 200 is the most.'
    """
    return f"This list has {items} items; {MAX_ITEMS} is the most." if items > MAX_ITEMS else None


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


def _problems(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if len(path) > MAX_DEPTH:
        yield path[:3], "The input is nested too deeply."
    elif isinstance(value, str):
        is_file = bool(path) and path[-1] in FILES
        problem = text_problem(value, None if is_file else MAX_TEXT)
        if problem:
            yield path, problem
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _problems(inner, (*path, key))
    elif isinstance(value, list):
        problem = list_problem(len(value))
        if problem:
            yield path, problem
            return
        for index, inner in enumerate(value):
            yield from _problems(inner, (*path, index))
