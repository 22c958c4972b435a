"""What `minplan documents check` tells of a manifest: each document, and why some cannot be run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
)

from app.domain.viewer import Role
from app.policy.permissions import ROLES
from app.schema.cost import Costs
from app.schema.deprecated import Deprecations
from app.schema.errors import present
from app.schema.fragments import Fragments, fragments_of
from app.schema.lexical import TRUSTED_LIMITS, lexemes_of
from app.schema.prepared import Prepared, PreparedDocuments
from app.schema.trusted import (
    Problem,
    TrustedDocument,
    manifests_at,
    problems_of,
    read,
    read_manifest,
)

HEAD: Final = ("document", "hash", "tokens", "depth", "cost", "for", "deprecated")


@dataclass(slots=True)
class Report:
    """head and rows: a table; problems: a line for each thing that is wrong."""

    head: tuple[str, ...] = HEAD
    rows: list[tuple[str, ...]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def report_on(manifest: Path, schema: GraphQLSchema, old_sdl: str | None = None) -> Report:
    """The report. old_sdl: of an older schema, to tell which documents were broken since."""
    report = Report()
    old = build_schema(old_sdl) if old_sdl is not None else None
    measures = _Measures(
        PreparedDocuments(schema, introspection=True), Costs(schema), Deprecations(schema)
    )
    for file in manifests_at(manifest):
        documents, problems = read_manifest(file)
        report.problems += [f"{file.name}: {problem}" for problem in problems]
        for document in documents:
            wrong = problems_of(document, schema)
            if not wrong:
                row, wrong = _row(document, measures)
                report.rows.append(row)
            report.problems += [f"{file.name}: {one}" for one in wrong]
            if wrong and old is not None:
                report.problems.append(f"{file.name}: {_since(document, old)}")
    return report


def _since(document: TrustedDocument, old: GraphQLSchema) -> Problem:
    was = "it could not be run with the older schema either"
    since = "it could be run with the older schema: a change since then breaks it"
    return Problem(document.hash, document.name, was if problems_of(document, old) else since)


class _Measures(NamedTuple):
    documents: PreparedDocuments
    costs: Costs
    deprecations: Deprecations


def _row(document: TrustedDocument, measures: _Measures) -> tuple[tuple[str, ...], list[Problem]]:
    parsed = read(document.text)
    operations = [one for one in parsed.definitions if isinstance(one, OperationDefinitionNode)]
    roles, refusals = _roles(document.text, measures.documents)
    used = {part for one in operations for part in measures.deprecations.used_by(parsed, one)}
    prepared = Prepared(parsed, [])
    costs = [measures.costs.of(prepared, one, None).requested for one in operations]
    row = (
        document.name or "-",
        document.hash[:12],
        str(len(lexemes_of(document.text, TRUSTED_LIMITS).words) - 1),  # and the end
        str(max(depths(parsed))),
        str(max(costs)),
        ",".join(roles) or "nobody",
        ",".join(sorted(f"{part.type}.{part.field}" for part in used)) or "-",
    )
    return row, [Problem(document.hash, document.name, one) for one in refusals]


def _roles(text: str, documents: PreparedDocuments) -> tuple[list[Role], list[str]]:
    """The roles that may run a document; why nobody may, if so."""
    errors = {role: documents.prepare(text, role, trusted=True).errors for role in ROLES}
    roles = [role for role, found in errors.items() if not found]
    shown = [present(one) for found in errors.values() for one in found]
    general = {one.message for one in shown if (one.extensions or {})["code"] == "BAD_USER_INPUT"}
    told = sorted(general) or ["no role may use all its fields"]
    return roles, [] if roles else told


def depths(document: DocumentNode) -> Iterator[int]:
    """How many fields are inside each other in each operation; each fragment is measured once."""
    fragments = fragments_of(document)
    known: dict[str, int] = {}
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            yield _depth(one.selection_set, fragments, known)


def _depth(
    selections: SelectionSetNode | None,
    fragments: Fragments,
    known: dict[str, int],
) -> int:
    deepest = 0
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            depth = 1 + _depth(node.selection_set, fragments, known)
        else:
            depth = _of_spread(node, fragments, known)
        deepest = max(deepest, depth)
    return deepest


def _of_spread(node: Any, fragments: Fragments, known: dict[str, int]) -> int:
    name = getattr(getattr(node, "name", None), "value", None)
    if name is None:  # written out
        return _depth(node.selection_set, fragments, known)
    if name not in known:
        known[name] = _depth(fragments[name].selection_set, fragments, known)
    return known[name]
