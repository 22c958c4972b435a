"""Reads names, values, types, arguments and directives of a document from its lexemes.

A part of the parser (`parser.py`), which says what it is for.
"""

from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLSyntaxError,
    IntValueNode,
    ListTypeNode,
    ListValueNode,
    Location,
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    VariableNode,
)

from app.schema.lexical import Lexemes, Text, refuse_lexeme
from app.schema.literal import string_value

MAX_DEPTH: Final = 200
"""Selections, lists, objects or types inside each other, as in graphql-core."""

N = TypeVar("N", bound=Node)

_new = object.__new__
_CONSTANTS: Final = {"true": True, "false": False}


class Place(Location):
    """Where a node begins and ends in its text; without tokens, which nobody asks for."""

    __slots__ = ()

    def __init__(self, start: int, end: int, source: Text) -> None:
        self.start = start
        self.end = end
        self.source = source


class ValueParser:
    """Reads from `at` on; each method leaves `at` behind what it has read."""

    __slots__ = ("at", "depth", "source", "starts", "words")

    def __init__(self, lexemes: Lexemes) -> None:
        self.words = lexemes.words
        self.starts = lexemes.starts
        self.source = lexemes.source
        self.at = 0
        self.depth = 0

    def value(self, *, const: bool) -> Any:
        word = self.words[self.at]
        first = word[:1]
        if first == '"':
            return self.string()
        if first == "[":
            return self.list_value(const=const)
        if first == "{":
            return self.object_value(const=const)
        if first == "$":
            return self.refuse_variable() if const else self.variable()
        if first == "-" or first.isdigit():
            return self.leaf(IntValueNode if word.lstrip("-").isdigit() else FloatValueNode, word)
        if word in _CONSTANTS:
            return self.leaf(BooleanValueNode, _CONSTANTS[word])
        if word == "null":
            return self.leaf(NullValueNode)
        if not word.isidentifier():
            self.unexpected()
        return self.leaf(EnumValueNode, word)

    def list_value(self, *, const: bool) -> ListValueNode:
        begin = self.at
        self.enter("[")
        values = []
        while self.words[self.at] != "]":
            values.append(self.value(const=const))
        self.leave()
        return ListValueNode(values=tuple(values), loc=self.place(begin))

    def object_value(self, *, const: bool) -> ObjectValueNode:
        begin = self.at
        self.enter("{")
        values = []
        while self.words[self.at] != "}":
            values.append(self.named_value(ObjectFieldNode, const=const))
        self.leave()
        return ObjectValueNode(fields=tuple(values), loc=self.place(begin))

    def string(self) -> StringValueNode:
        word = self.words[self.at]
        try:
            value = string_value(word)
        except ValueError:
            refuse_lexeme(self.source, self.starts[self.at])
        node = self.leaf(StringValueNode, value)
        node.__dict__["block"] = word.startswith('"""')
        return node

    def variable(self) -> VariableNode:
        begin = self.at
        self.expect("$")
        return VariableNode(name=self.name(), loc=self.place(begin))

    def type_reference(self) -> Any:
        begin = self.at
        type_: NamedTypeNode | ListTypeNode
        if self.words[begin] == "[":
            self.enter("[")
            inner = self.type_reference()
            if self.words[self.at] != "]":
                self.expected("']'")
            self.leave()
            type_ = ListTypeNode(type=inner, loc=self.place(begin))
        else:
            type_ = self.named_type()
        if self.words[self.at] != "!":
            return type_
        self.at += 1
        return NonNullTypeNode(type=type_, loc=self.place(begin))

    def named_type(self) -> NamedTypeNode:
        name = self.name()
        return NamedTypeNode(name=name, loc=name.loc)

    def name(self) -> NameNode:
        word = self.words[self.at]
        if not word.isidentifier():
            self.expected("Name")
        return self.leaf(NameNode, word)

    def leaf(self, kind: type[N], value: object = None) -> N:
        """The node of the one word at hand."""
        at = self.at
        node = _new(kind)
        fields = node.__dict__
        if value is not None:
            fields["value"] = value
        start = self.starts[at]
        fields["loc"] = Place(start, start + len(self.words[at]), self.source)
        self.at = at + 1
        return node

    def named_value(self, kind: type[N], *, const: bool) -> N:
        begin = self.at
        node = _new(kind)
        fields = node.__dict__
        fields["name"] = self.name()
        self.expect(":")
        fields["value"] = self.value(const=const)
        fields["loc"] = self.place(begin)
        return node

    def in_parentheses(self, item: Callable[[], N]) -> tuple[N, ...] | None:
        """At least one of something in parentheses; None where no parenthesis opens."""
        if self.words[self.at] != "(":
            return None
        self.at += 1
        found = [item()]
        while self.words[self.at] != ")":
            found.append(item())
        self.at += 1
        return tuple(found)

    def directives(self, *, const: bool) -> tuple[DirectiveNode, ...] | None:
        found = []
        while self.words[self.at] == "@":
            begin = self.at
            self.at += 1
            name = self.name()
            arguments = self.arguments(const=const)
            found.append(DirectiveNode(name=name, arguments=arguments, loc=self.place(begin)))
        return tuple(found) or None

    def arguments(self, *, const: bool) -> tuple[ArgumentNode, ...] | None:
        return self.in_parentheses(lambda: self.named_value(ArgumentNode, const=const))

    def place(self, begin: int) -> Place:
        """From the word `begin` to the last word read."""
        last = self.at - 1
        starts = self.starts
        return Place(starts[begin], starts[last] + len(self.words[last]), self.source)

    def enter(self, bracket: str) -> None:
        if self.words[self.at] != bracket:
            self.expected(f"'{bracket}'")
        self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(self.at, "The document is nested too deeply.")

    def leave(self) -> None:
        self.at += 1
        self.depth -= 1

    def expect(self, word: str) -> None:
        if self.words[self.at] != word:
            self.expected(f"'{word}'")
        self.at += 1

    def expected(self, what: str) -> NoReturn:
        raise self.error(self.at, f"Expected {what}, found {_kind_of(self.words[self.at])}.")

    def unexpected(self) -> NoReturn:
        raise self.error(self.at, f"Unexpected {_kind_of(self.words[self.at])}.")

    def refuse_variable(self) -> NoReturn:
        raise self.error(self.at, "Unexpected variable in constant value.")

    def error(self, at: int, description: str) -> GraphQLSyntaxError:
        return GraphQLSyntaxError(self.source, self.starts[at], description)


def _kind_of(word: str) -> str:
    """What a word is called in an error; what the client wrote is not repeated."""
    if not word:
        return "<EOF>"
    if word.isidentifier():
        return "Name"
    if word[0] == '"':
        return "String"
    return "a number" if word[0] == "-" or word[0].isdigit() else f"'{word}'"
