"""`minplan documents`: manifests of persisted documents, made and checked (docs/documents.md)."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

documents = typer.Typer(no_args_is_help=True, help="Manifests of persisted documents.")

Manifest = Annotated[Path, typer.Argument(exists=True, help="A manifest, or a folder of them.")]
Against = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="An older SDL: tells what broke since then."),
]
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False)]


@documents.command("check")
def check_manifest(manifest: Manifest, against: Against = None) -> None:
    """Each document with its cost and the roles that may run it; status 1 if one cannot be run."""
    from app.schema.build import build_schema
    from app.schema.document_report import report_on

    report = report_on(manifest, build_schema()._schema, against.read_text() if against else None)
    if report.rows:
        _table(report.head, report.rows)
    for problem in report.problems:
        typer.echo(problem, err=True)
    if report.problems or not report.rows:
        typer.echo(f"{len(report.rows)} documents, {len(report.problems)} problems", err=True)
        raise typer.Exit(1)


@documents.command("make")
def make_manifest(folder: Folder) -> None:
    """A manifest on stdout: a document for each operation in the `*.graphql` below a folder."""
    from app.schema.manifest import manifest_of

    typer.echo(json.dumps(manifest_of(folder), indent=2, ensure_ascii=False))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their longest entry; the last one is not filled up."""
    lines = [head, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        typer.echo("  ".join(map(str.ljust, line, widths)).rstrip())
