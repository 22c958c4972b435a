"""Documents read, checked and kept: parsed once, validated once for each role.

Reading a document costs its lexemes (`lexical.py`), its nodes (`parser.py`) and one pass over them
(`quick_check.py`); a document that is refused costs no more. Only what passed all that is given to
graphql-core's validation, and is then kept by the hash of its text, so that it costs a hash.

A prepared document keeps its identity, so that what is worked out from it (the sections a
selection needs) can be kept with it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from app.domain.viewer import Role
from app.errors import Forbidden, Unauthenticated
from app.schema.document_size import of_document, of_errors, of_role, tokens_charged
from app.schema.input_guard import MAX_ERRORS
from app.schema.lexical import TRUSTED_LIMITS, lexemes_of, limits_for
from app.schema.parser import parse
from app.schema.permission_rule import permission_rule
from app.schema.quick_check import check
from app.schema.quick_values import may_be_told
from app.schema.schema_facts import SchemaFacts

MAX_BYTES: Final = 64_000_000
"""Bytes of memory for all documents kept."""

MAX_REFUSED_BYTES: Final = 2_000_000
"""Bytes of memory for the errors of documents refused lately."""

MAX_SUGGESTED_TOKENS: Final = 150
"""Tokens of a document whose errors come with suggestions, where the schema may be asked for."""

SCHEMA_RULES: Final[tuple[type[ASTValidationRule], ...]] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
"""What a document must keep to, whoever sends it."""


Introspection = bool | Callable[[Role], bool]
"""Whether a role may ask for the schema, or the same for all roles."""


def with_login(role: Role) -> bool:
    """The most that production allows: whoever has a login may ask for the schema."""
    return role is not Role.ANONYMOUS


@dataclass(slots=True)
class Prepared:
    """A document with the errors found before execution; `kept`: facts worked out from it.

    unproven: what `PreparedDocuments.prove` is yet to do, which costs as much as many operations.
    """

    document: DocumentNode | None
    errors: list[GraphQLError]
    kept: dict[Any, Any] = field(default_factory=dict)
    unproven: "Unproven | None" = None


@dataclass(slots=True)
class _Kept:
    """A document without errors for the roles it was validated for.

    size: bytes of memory; tokens: about how many there are, and a few more; subscriptions: of its
    operations.
    """

    document: DocumentNode
    size: int
    tokens: int
    subscriptions: int
    by_role: dict[Role, Prepared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unproven:
    """merging: whether unlike fields share a place, so that how they merge is to be looked at."""

    digest: bytes
    kept: _Kept
    merging: bool

    @property
    def tokens(self) -> int:
        """About how many there are, and a few more."""
        return self.kept.tokens


class PreparedDocuments:
    """The cache of documents without errors, and of a few refusals; the least used go first.

    Documents with errors are not kept: they would let anybody fill the cache. Of the latest ones
    the errors are, in a small room of their own, so that one bad document sent again and again
    costs a hash; whoever fills that room drives out nothing but other refusals.

    introspection: whether a role may ask for the schema, or the same for all roles.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        introspection: Introspection,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._schema = schema
        self._introspection = introspection
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._pinned: dict[bytes, _Kept] = {}
        self._refused: OrderedDict[tuple[bytes, Role], tuple[Prepared, int]] = OrderedDict()
        self._room = max_bytes
        self._refused_room = MAX_REFUSED_BYTES
        self._facts = cache(lambda role: SchemaFacts(schema, role))

    def prepare(self, query: str, role: Role, *, trusted: bool = False) -> Prepared:
        """The document of a query text as the role may run it; see `look`."""
        return self.prove(self.look(query, role, trusted=trusted), role)

    def look(self, query: str, role: Role, *, trusted: bool = False) -> Prepared:
        """The same as far as it is cheap to know: what has no errors is yet to be proven.

        trusted: the text is from the operator's own manifest; its length is not limited, and it is
        kept for good.
        """
        known = self.known(query, role, trusted=trusted)
        if known is not None:
            return known
        digest = _digest(query)
        kept = self._pinned.get(digest) or self._kept.get(digest)
        if kept is not None:
            return self._checked(digest, kept, role)
        return self._read(digest, query, role, trusted=trusted)

    def known(self, query: str, role: Role, *, trusted: bool = False) -> Prepared | None:
        """The same if there is nothing to be read or checked for it."""
        try:
            digest = _digest(query)
        except UnicodeEncodeError:
            return Prepared(None, [GraphQLError("The document cannot be read.")])
        kept = self._pinned.get(digest) or self._kept.get(digest)
        if kept is not None:
            if digest in self._kept:
                self._kept.move_to_end(digest)
            found = kept.by_role.get(role)
            if found is not None:
                return found
        refused = self._refused.get((digest, role))
        return refused[0] if refused is not None and not trusted else None

    def allows_introspection(self, role: Role) -> bool:
        """Whether a role may ask for the schema."""
        allowed = self._introspection
        return allowed if isinstance(allowed, bool) else allowed(role)

    def _read(self, digest: bytes, query: str, role: Role, *, trusted: bool) -> Prepared:
        try:
            lexemes = lexemes_of(query, TRUSTED_LIMITS if trusted else limits_for(role))
            document = parse(lexemes)
        except GraphQLError as error:
            # its frames hold all that was read, and the error may be kept
            plain = error.with_traceback(None)
            plain.__context__ = None
            return self._refuse(digest, role, Prepared(None, [plain]), of_document(query))
        tokens = len(lexemes.words)
        live = _subscriptions_in(document)
        size = of_document(query, tokens, live)
        kept = _Kept(document, size, tokens_charged(query, tokens), live)
        if trusted:
            self._pinned[digest] = kept
        return self._checked(digest, kept, role)

    def prove(self, prepared: Prepared, role: Role) -> Prepared:
        """The same, validated by graphql-core once; it is then kept, or has errors."""
        if prepared.unproven is None:
            return prepared
        digest, kept = prepared.unproven.digest, prepared.unproven.kept
        proven = self._proven(digest, role)
        if proven is not None:  # by another request, while this one was let in
            return proven
        prepared.errors = self._validate(kept.document, role, merging=prepared.unproven.merging)
        prepared.unproven = None
        if prepared.errors:
            return self._refuse(digest, role, prepared, kept.size)
        more = of_role(kept.tokens, kept.subscriptions) if kept.by_role else 0
        kept.by_role[role] = prepared
        kept.size += more
        if digest not in self._pinned:
            self._keep(digest, kept, more)
        return prepared

    def _keep(self, digest: bytes, kept: _Kept, more: int) -> None:
        """more: by how much it has grown, if it is kept already."""
        known = self._kept.get(digest)
        if known is None:
            self._kept[digest] = kept
        elif known is not kept:
            return  # another request was as fast, in another role: this tree goes
        self._room -= more if known else kept.size
        while self._room < 0:
            self._room += self._kept.popitem(last=False)[1].size

    def _proven(self, digest: bytes, role: Role) -> Prepared | None:
        kept = self._pinned.get(digest) or self._kept.get(digest)
        return kept.by_role.get(role) if kept else None

    def _refuse(self, digest: bytes, role: Role, prepared: Prepared, size: int) -> Prepared:
        """Keeps the refusal in its own small room; size: of its text and, if there is one, tree."""
        size += of_errors(prepared.errors)
        if size <= MAX_REFUSED_BYTES // 10:
            self._refused_room += self._refused.pop((digest, role), (None, 0))[1]
            self._refused[digest, role] = prepared, size
            self._refused_room -= size
            while self._refused_room < 0:
                self._refused_room += self._refused.popitem(last=False)[1][1]
        return prepared

    def _checked(self, digest: bytes, kept: _Kept, role: Role) -> Prepared:
        introspection = self.allows_introspection(role)
        report = check(self._facts(role), kept.document, introspection=introspection)
        if not report.errors:
            return Prepared(kept.document, [], unproven=Unproven(digest, kept, report.merges))
        errors = _foremost(report.errors)
        plain = not any(error.extensions for error in errors)
        if introspection and plain and kept.tokens <= MAX_SUGGESTED_TOKENS:
            told = self._validate(kept.document, role, merging=False)
            if told and all(may_be_told(e.message) and not e.original_error for e in told):
                errors = told
        return self._refuse(digest, role, Prepared(kept.document, errors), kept.size)

    def _validate(self, document: DocumentNode, role: Role, *, merging: bool) -> list[GraphQLError]:
        introspection = self.allows_introspection(role)
        try:
            return validate(
                self._schema,
                document,
                _rules(role, introspection=introspection, merging=merging),
                max_errors=MAX_ERRORS,
                hide_suggestions=not introspection,
            )
        except RecursionError:
            return [GraphQLError("The document is nested too deeply.")]


def _digest(query: str) -> bytes:
    return sha256(query.encode()).digest()


def _foremost(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Those that say that it may not be used, if any: the others would tell how it could be."""
    may_not = (Forbidden.code, Unauthenticated.code)
    return [e for e in errors if (e.extensions or {}).get("code") in may_not] or errors


def _subscriptions_in(document: DocumentNode) -> int:
    operations = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return sum(one.operation is OperationType.SUBSCRIPTION for one in operations)


@cache
def _rules(
    role: Role, *, introspection: bool, merging: bool
) -> tuple[type[ASTValidationRule], ...]:
    """graphql-core's rules and ours; merging: also how fields merge, which `quick_merge` settled
    wherever no unlike fields share a place."""
    rules: list[Any] = list(SCHEMA_RULES)
    if not merging:
        rules.remove(OverlappingFieldsCanBeMergedRule)
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    return (*rules, permission_rule(role))
