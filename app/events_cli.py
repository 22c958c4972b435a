"""`minplan events`: the stream to the common data base, as operations see it.

What is printed is of no person: events are named by their own id, which the receiver has too.
Status 1 tells that there is no such event, or none that is dead.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

if TYPE_CHECKING:
    from app.store.db import Connection

events = typer.Typer(no_args_is_help=True, help="The event stream to the common data base (DFDG).")

T = TypeVar("T")

_COLUMNS = ("event_id", "status", "kind", "receiver", "version", "attempts", "outcome")
_FACTS = (*_COLUMNS, "trigger", "codes", "created_at", "first_tried_at", "due_at", "settled_at")


@events.command("list")
def list_events(
    dead: Annotated[bool, typer.Option("--dead", help="The dead-letter list only.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """Events that are not delivered, oldest first, and how their last attempt ended."""
    from app.store import events as store

    rows = _ask(lambda connection: store.undelivered(connection, dead=dead, rows=limit))
    for row in rows:
        typer.echo("\t".join(_said(row[column]) for column in _COLUMNS))
    if len(rows) == limit:
        typer.echo(f"There may be more than {limit}: see --limit.", err=True)


@events.command("show")
def show_event(event_id: UUID) -> None:
    """One event: its codes, and what became of it."""
    from app.store import events as store

    row = _ask(lambda connection: store.event(connection, event_id))
    if row is None:
        typer.echo("There is no such event.", err=True)
        raise typer.Exit(1)
    for fact in _FACTS:
        typer.echo(f"{fact}: {_said(row[fact])}")


@events.command("retry")
def retry_event(
    event_id: Annotated[UUID | None, typer.Argument()] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead event.")] = False,
) -> None:
    """A dead event gets a new day of attempts under the same id, at a worker's next look."""
    from app.store import events as store

    if (event_id is None) is not all_dead:
        raise typer.BadParameter("give the id of an event or --all-dead, and not both")
    revived = _ask(lambda connection: store.revive(connection, event_id))
    if not revived and not all_dead:
        typer.echo("There is no such dead event.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{len(revived)} to be sent again")


def _said(value: Any) -> str:
    if value is None:
        return "-"
    return ",".join(value) if isinstance(value, list) else str(value)


def _ask(question: "Callable[[Connection], Awaitable[T]]") -> T:
    import asyncio

    from app.dev.connected import connected
    from app.store.db import open_pool

    async def run() -> T:
        settings = connected()
        assert settings.database_url
        async with open_pool(settings.database_url, size=1) as pool, pool.acquire() as connection:
            return await question(connection)

    return asyncio.run(run())
