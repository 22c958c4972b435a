"""Documents parsed several times faster than graphql-core does it, into graphql-core's own nodes.

Executable definitions only. The nodes are equal to those of `graphql.parse`, places included
(`tests/schema/test_parser.py`). They are frozen dataclasses whose constructors cost most of the
time of a parse, so attributes are written directly, each of them: graphql-core's printer asks.
"""

from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    VariableDefinitionNode,
)

from app.schema.lexical import Lexemes
from app.schema.parser_values import Place, ValueParser

_new = object.__new__
_OPERATIONS: Final = {kind.value: kind for kind in OperationType}
_AFTER_NAME: Final = frozenset(":(@{")


def parse(lexemes: Lexemes) -> DocumentNode:
    """The document of a text's lexemes. Raises GraphQLSyntaxError."""
    return _Parser(lexemes).document()


class _Parser(ValueParser):
    __slots__ = ()

    def document(self) -> DocumentNode:
        definitions = [self.definition()]
        while self.words[self.at]:
            definitions.append(self.definition())
        loc = Place(0, self.starts[-1], self.source)
        return DocumentNode(definitions=tuple(definitions), loc=loc)

    def definition(self) -> OperationDefinitionNode | FragmentDefinitionNode:
        begin = self.at
        word = self.words[begin]
        description = None
        if word[:1] == '"':
            description = self.string()
            word = self.words[self.at]
        if word == "{" and description is None:
            return OperationDefinitionNode(
                operation=OperationType.QUERY,
                selection_set=self.selection_set(),
                loc=self.place(begin),
            )
        if word == "fragment":
            return self.fragment_definition(begin, description)
        if word not in _OPERATIONS:
            self.unexpected()
        self.at += 1
        return OperationDefinitionNode(
            operation=_OPERATIONS[word],
            description=description,
            name=self.name() if self.words[self.at].isidentifier() else None,
            variable_definitions=self.variable_definitions(),
            directives=self.directives(const=False),
            selection_set=self.selection_set(),
            loc=self.place(begin),
        )

    def fragment_definition(
        self, begin: int, description: StringValueNode | None
    ) -> FragmentDefinitionNode:
        self.at += 1
        if self.words[self.at] == "on":
            self.unexpected()
        name = self.name()
        self.expect("on")
        return FragmentDefinitionNode(
            description=description,
            name=name,
            variable_definitions=(),
            type_condition=self.named_type(),
            directives=self.directives(const=False),
            selection_set=self.selection_set(),
            loc=self.place(begin),
        )

    def variable_definitions(self) -> tuple[VariableDefinitionNode, ...] | None:
        return self.in_parentheses(self.variable_definition)

    def variable_definition(self) -> VariableDefinitionNode:
        begin = self.at
        description = self.string() if self.words[begin][:1] == '"' else None
        variable = self.variable()
        self.expect(":")
        type_ = self.type_reference()
        default = None
        if self.words[self.at] == "=":
            self.at += 1
            default = self.value(const=True)
        return VariableDefinitionNode(
            description=description,
            variable=variable,
            type=type_,
            default_value=default,
            directives=self.directives(const=True),  # type: ignore[arg-type]
            loc=self.place(begin),
        )

    def selection_set(self) -> SelectionSetNode:
        begin = self.at
        self.enter("{")
        words = self.words
        selections: list[Node] = []
        while (word := words[self.at]) != "}":
            if word.isidentifier():
                selections.append(self.field())
            elif word == "...":
                selections.append(self.spread())
            else:
                self.expected("Name")
        self.leave()
        node = _new(SelectionSetNode)
        fields = node.__dict__
        fields["selections"] = tuple(selections)
        fields["loc"] = self.place(begin)
        return node

    def field(self) -> FieldNode:
        begin = self.at
        words = self.words
        node = _new(FieldNode)
        fields = node.__dict__
        name = fields["name"] = self.leaf(NameNode, words[begin])
        fields["alias"] = fields["arguments"] = fields["directives"] = None
        fields["selection_set"] = None
        word = words[self.at]
        if word not in _AFTER_NAME:
            fields["loc"] = name.loc
            return node
        if word == ":":
            self.at += 1
            fields["alias"] = name
            fields["name"] = self.name()
            word = words[self.at]
        if word == "(":
            fields["arguments"] = self.arguments(const=False)
            word = words[self.at]
        if word == "@":
            fields["directives"] = self.directives(const=False)
            word = words[self.at]
        if word == "{":
            fields["selection_set"] = self.selection_set()
        fields["loc"] = self.place(begin)
        return node

    def spread(self) -> FragmentSpreadNode | InlineFragmentNode:
        begin = self.at
        self.at += 1
        word = self.words[self.at]
        if word != "on" and word.isidentifier():
            name = self.name()
            directives = self.directives(const=False)
            return FragmentSpreadNode(name=name, directives=directives, loc=self.place(begin))
        condition = None
        if word == "on":
            self.at += 1
            condition = self.named_type()
        return InlineFragmentNode(
            type_condition=condition,
            directives=self.directives(const=False),
            selection_set=self.selection_set(),
            loc=self.place(begin),
        )
