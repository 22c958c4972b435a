"""Documents parsed and validated once for each role, in a bounded cache.

A prepared document keeps its identity, so that what is worked out from it (the sections a
selection needs) can be kept with it.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from app.domain.viewer import Role
from app.schema.input_guard import literal_errors
from app.schema.permission_rule import permission_rule

MAX_TOKENS = 10_000
"""Lexical tokens of a document; a longer one is refused while it is read."""

MAX_ANONYMOUS_TOKENS = 1_500
"""The same without a login: enough to introspect the schema and to ask for every code list."""

MAX_KEPT = 20_000
"""Characters of a document that is worth keeping."""


@dataclass(slots=True)
class Prepared:
    """A document with the errors found before execution; `kept`: facts worked out from it."""

    document: DocumentNode | None
    errors: list[GraphQLError]
    kept: dict[Any, Any] = field(default_factory=dict)


class PreparedDocuments:
    """The cache: documents without errors, at most `max_characters` of their text in all.

    A syntax tree takes some 300 bytes for each character of its text, so the bound is memory too.
    Documents with errors are not kept: they would let anybody fill the cache.
    """

    def __init__(
        self, schema: GraphQLSchema, *, introspection: bool, max_characters: int = 1_000_000
    ) -> None:
        self._schema = schema
        self._introspection = introspection
        self._room = max_characters
        self._cache: OrderedDict[tuple[str, Role], Prepared] = OrderedDict()

    def prepare(self, query: str, role: Role) -> Prepared:
        """The document of a query text as the role may run it."""
        key = (query, role)
        found = self._cache.get(key)
        if found is not None:
            self._cache.move_to_end(key)
            return found
        prepared = self._prepare(query, role)
        if not prepared.errors and len(query) <= MAX_KEPT:
            self._cache[key] = prepared
            self._room -= len(query)
            while self._room < 0:
                (old, _), _ = self._cache.popitem(last=False)
                self._room += len(old)
        return prepared

    def _prepare(self, query: str, role: Role) -> Prepared:
        most = MAX_ANONYMOUS_TOKENS if role is Role.ANONYMOUS else MAX_TOKENS
        try:
            document = parse(query, max_tokens=most)
        except (GraphQLSyntaxError, UnicodeError, RecursionError) as error:
            return Prepared(None, [_syntax_error(error)])
        try:
            errors = literal_errors(document) or validate(
                self._schema,
                document,
                self._rules(role),
                hide_suggestions=not self._introspection,
            )
        except RecursionError:
            errors = [GraphQLError("The document is nested too deeply.")]
        return Prepared(document, errors)

    def _rules(self, role: Role) -> list[type[ValidationRule]]:
        rules = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
        if not self._introspection:
            rules.append(NoSchemaIntrospectionCustomRule)
        return [*rules, permission_rule(role)]


def _syntax_error(error: Exception) -> GraphQLError:
    if isinstance(error, GraphQLSyntaxError):
        return error
    return GraphQLError("The document cannot be read.")
