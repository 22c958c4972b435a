"""Texts that no operation may carry: refused before anything runs, with the path of each.

PostgreSQL cannot store NUL, and a lone surrogate is no character; a text far beyond every
field's own limit is refused before its field looks at it. No message repeats the text.
"""

from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, GraphQLError, StringValueNode, Visitor, visit

MAX_TEXT = 20_000
"""Characters of one input text, before the field's own limit is looked at."""

FILES = frozenset({"document"})
"""Keys of variables that carry a file: their scalar has a limit of its own."""

MAX_DEPTH = 30
"""Objects and lists inside each other in the variables."""

Path = tuple[str | int, ...]


def variable_errors(variables: dict[str, Any] | None) -> list[GraphQLError]:
    """An error for each unusable text in the variables."""
    return [
        GraphQLError(problem, extensions={"code": "BAD_USER_INPUT", "path": list(path)})
        for path, problem in _problems(variables or {}, ())
    ]


def literal_errors(document: DocumentNode) -> list[GraphQLError]:
    """An error for each unusable text written in the document itself."""
    found: list[GraphQLError] = []

    class Literals(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            problem = text_problem(node.value)
            if problem:
                found.append(GraphQLError(problem, node, extensions={"code": "BAD_USER_INPUT"}))

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
        for index, inner in enumerate(value):
            yield from _problems(inner, (*path, index))
