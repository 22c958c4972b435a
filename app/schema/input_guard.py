"""Texts and lists that no operation may carry: refused before anything runs, with their paths.

PostgreSQL cannot store NUL, and a lone surrogate is no character; a text or a list far beyond
every field's own limit is refused before its field looks at it. No message repeats the text, and no
path a name that only the client knows: such a name may be anybody's data, and of any length.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import GraphQLError, GraphQLInputObjectType, GraphQLSchema

MAX_TEXT = 20_000
"""Characters of one input text, before the field's own limit is looked at."""

FILES = frozenset({"document"})
"""Keys of variables that carry a file: their scalar has a limit of its own."""

MAX_ITEMS = 200
"""Items of one list, before the list's own limit is looked at."""

MAX_DEPTH = 30
"""Objects and lists inside each other in the variables."""

MAX_VALUES = 20_000
"""Values in all variables together, each list and object counted too."""

MAX_ERRORS: Final = 10
"""Errors told of one document or of its variables; where there are more, nobody looks for them."""

_UNKNOWN: Final = ""
"""Stands for a name of the client's own in the way to a value."""


class EnoughError(Exception):
    """There are as many errors as are told."""


@dataclass(slots=True)
class VariableCheck:
    """What is wrong with the variables of an operation, and how many values they hold.

    names: of all input fields; no others are told, but those of declared variables. Stops at
    `MAX_ERRORS`, and at the value that is one too many.
    """

    names: Collection[str]
    errors: list[GraphQLError] = field(default_factory=list)
    values: int = 0
    _way: list[str | int] = field(default_factory=list)

    def look(self, variables: dict[str, Any], declared: Collection[str]) -> None:
        """Looks at all of them, at those that no operation declared too."""
        with suppress(EnoughError):
            self._object(variables, declared)

    def _value(self, value: Any) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self._report(f"The input holds too many values; {MAX_VALUES} is the most.", most=0)
            raise EnoughError
        if isinstance(value, str):
            is_file = self._way[-1] in FILES
            self._note(text_problem(value, None if is_file else MAX_TEXT))
        elif isinstance(value, dict | list):
            if len(self._way) > MAX_DEPTH:
                self._report("The input is nested too deeply.", most=3)
            elif isinstance(value, dict):
                self._object(value, self.names)
            else:
                self._list(value)

    def _object(self, value: dict[str, Any], known: Collection[str]) -> None:
        for key, inner in value.items():
            if key in known:
                self._way.append(key)
            else:
                self._note(text_problem(key))
                self._way.append(_UNKNOWN)
            self._value(inner)
            self._way.pop()

    def _list(self, value: list[Any]) -> None:
        problem = list_problem(len(value))
        if problem:
            self._report(problem)
            return
        for index, inner in enumerate(value):
            self._way.append(index)
            self._value(inner)
            self._way.pop()

    def _note(self, problem: str | None) -> None:
        if problem:
            self._report(problem)

    def _report(self, problem: str, most: int = MAX_DEPTH) -> None:
        """Notes an error, with as much of the way as may be told: `most` steps of it."""
        path = self._way[:most]
        if _UNKNOWN in path:
            del path[path.index(_UNKNOWN) :]
        extensions: dict[str, Any] = {"code": "BAD_USER_INPUT"}
        if path:
            extensions["path"] = path
        self.errors.append(GraphQLError(problem, extensions=extensions))
        if len(self.errors) >= MAX_ERRORS:
            raise EnoughError


def input_names(schema: GraphQLSchema) -> frozenset[str]:
    """The names of all input fields of a schema."""
    inputs = (t for t in schema.type_map.values() if isinstance(t, GraphQLInputObjectType))
    return frozenset(name for kind in inputs for name in kind.fields)


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
