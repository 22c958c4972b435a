"""Trusted documents: the manifest of persisted documents that was written when a client was built.

Two formats are read, one or several files: `{"<sha256>": "<text>"}` (GraphQL Code Generator's
`persisted-documents.json` with `hashAlgorithm: "sha256"`, Relay's with `"algorithm": "SHA256"`) and
Apollo's `apollo-persisted-query-manifest`, version 1. A hash is the SHA-256 of the text in UTF-8:
64 lower-case hexadecimal digits, with or without `sha256:` before it. Nothing told of a document
repeats its text.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    validate,
)

from app.schema.errors import present
from app.schema.lexical import TRUSTED_LIMITS, lexemes_of
from app.schema.parser import parse
from app.schema.prepared import SCHEMA_RULES
from app.schema.quick_check import check
from app.schema.schema_facts import SchemaFacts
from app.settings import SettingsError

APOLLO: Final = "apollo-persisted-query-manifest"
SHA256_HEX: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class ManifestError(SettingsError):
    """A manifest cannot be used; the message lists every problem, by hash and name."""


class Problem(NamedTuple):
    """What is wrong with a document, or with its manifest where `hash` and `name` are empty."""

    hash: str
    name: str
    told: str

    def __str__(self) -> str:
        place = " ".join(filter(None, [self.hash[:12], self.name]))
        return f"{place}: {self.told}" if place else self.told


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A document of a manifest. hash: as 64 hexadecimal digits; name: of its operations."""

    hash: str
    name: str
    text: str


def hash_of(text: str) -> str:
    """SHA-256 of a document's text. Raises UnicodeEncodeError for a text with half a character.

    >>> hash_of("query($id:ID!){user(id:$id){name}}")[:16]
    '71f7dc5758652baa'
    """
    return hashlib.sha256(text.encode()).hexdigest()


class TrustedDocuments(Mapping[str, TrustedDocument]):
    """All documents of the manifests, by hash; a text can be looked up as well."""

    def __init__(self, documents: Iterable[TrustedDocument] = ()) -> None:
        self._by_hash = {one.hash: one for one in documents}
        self._texts = frozenset(one.text for one in self._by_hash.values())

    def __getitem__(self, key: str) -> TrustedDocument:
        return self._by_hash[key]

    def __iter__(self) -> Any:
        return iter(self._by_hash)

    def __len__(self) -> int:
        return len(self._by_hash)

    def has_text(self, text: str) -> bool:
        """Whether a document of exactly this text is among them."""
        return text in self._texts


def load_trusted(path: Path | None, schema: GraphQLSchema) -> TrustedDocuments:
    """The documents of a manifest, or of each `*.json` of a folder; none for None.

    Raises ManifestError unless all can be read, are what their hash says, and fit the schema.
    """
    documents: list[TrustedDocument] = []
    problems: list[str] = []
    for file in manifests_at(path) if path else ():
        found, wrong = read_manifest(file)
        wrong += [problem for one in found for problem in problems_of(one, schema)]
        documents += found
        problems += [f"{file.name}: {problem}" for problem in wrong]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ManifestError(f"The trusted documents cannot be used:\n{listed}")
    return TrustedDocuments(documents)


def manifests_at(path: Path) -> list[Path]:
    """The file, or the `*.json` of the folder. Raises ManifestError for a folder without any."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise ManifestError(f"{path.name} holds no manifest (*.json)")
    return files


def read_manifest(file: Path) -> tuple[list[TrustedDocument], list[Problem]]:
    """The documents that are what their hash says, and what is wrong with the others."""
    try:
        pairs = _pairs(json.loads(file.read_bytes(), object_pairs_hook=_Pairs))
    except (OSError, ValueError, RecursionError):
        return [], [Problem("", "", "cannot be read as JSON of a known manifest format")]
    documents: dict[str, TrustedDocument] = {}
    problems: list[Problem] = []
    for key, text, name in pairs:
        try:
            one = _document(key, text, name)
            if one.hash in documents:
                raise ValueError("is listed twice")
            documents[one.hash] = one
        except ValueError as wrong:
            shown = hash_in(key) or ""
            problems.append(Problem(shown, name, _told(wrong)))
    return list(documents.values()), problems


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written: a key that comes twice is seen."""


def _pairs(manifest: Any) -> list[tuple[Any, Any, str]]:
    """Identifier, text and name of each entry. Raises ValueError for an unknown format."""
    if not isinstance(manifest, _Pairs):
        raise ValueError("no JSON object")
    entries = dict(manifest)
    if "format" not in entries:
        return [(key, text, "") for key, text in manifest]
    operations = entries.get("operations")
    known = entries["format"] == APOLLO and entries.get("version") == 1
    if not known or type(operations) is not list:  # an object is a list of pairs here
        raise ValueError("unknown format or version")
    rows = [dict(one) if isinstance(one, _Pairs) else {} for one in operations]
    return [(row.get("id"), row.get("body"), str(row.get("name") or "")) for row in rows]


def hash_in(identifier: object) -> str | None:
    """The hash that an identifier names, None for one of another sort.

    >>> hash_in("sha256:" + 64 * "a") == hash_in(64 * "a") == 64 * "a"
    True
    >>> hash_in("md5:" + 32 * "a")
    """
    found = SHA256_HEX.fullmatch(identifier) if isinstance(identifier, str) else None
    return found.group(1) if found else None


def _document(key: object, text: object, name: str) -> TrustedDocument:
    wanted = hash_in(key)
    if wanted is None:
        raise ValueError("an identifier is no SHA-256 of 64 lower-case hexadecimal digits")
    if not isinstance(text, str):
        raise ValueError("has no text")
    if hash_of(text) != wanted:
        raise ValueError("the hash is not that of the text")
    return TrustedDocument(wanted, name or _name_of(text), text)


def _told(wrong: ValueError) -> str:
    return "is no text" if isinstance(wrong, UnicodeError) else str(wrong)


def _name_of(text: str) -> str:
    """The names of a document's operations, by commas; empty where none can be read."""
    try:
        found = read(text).definitions
    except (GraphQLError, RecursionError):
        return ""
    named = [d.name.value for d in found if isinstance(d, OperationDefinitionNode) and d.name]
    return ",".join(named)


def read(text: str) -> DocumentNode:
    """A document as the endpoint reads it. Raises GraphQLError, or RecursionError."""
    return parse(lexemes_of(text, TRUSTED_LIMITS))


def problems_of(document: TrustedDocument, schema: GraphQLSchema) -> list[Problem]:
    """Why a document cannot be run with this schema; roles and costs are looked at elsewhere.

    By the checks that it goes through when it is run (`PreparedDocuments`), with their limits.
    """
    try:
        parsed = read(document.text)
        errors = check(_facts(schema), parsed, introspection=True).errors
        errors = errors or validate(schema, parsed, SCHEMA_RULES)
        told = [present(error).message for error in errors]
    except GraphQLError as error:
        told = [present(error).message]
    except RecursionError:
        told = ["The document is nested too deeply."]
    return [Problem(document.hash, document.name, one) for one in told]


@cache
def _facts(schema: GraphQLSchema) -> SchemaFacts:
    return SchemaFacts(schema, role=None)
