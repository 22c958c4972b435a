"""`minplan deliveries`: the ledger of SMS and e-mail, as operations see it.

What is printed is of no person: messages are named by their own id, which a provider has too.
Status 1 tells that there was nothing, or that a wish was refused.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from app.domain.delivery import Answer, DeliveryStatus
from app.domain.notice import Channel

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.db import Connection, Row

deliveries = typer.Typer(no_args_is_help=True, help="The ledger of SMS and e-mail.")

T = TypeVar("T")

_COLUMNS = ("delivery_id", "channel", "status", "outcome", "attempts", "ready_at")
_FACTS = (
    *("delivery_id", "channel", "status", "outcome", "ready_at", "due_at", "claimed_until"),
    *("accepted_at", "settled_at", "decision", "decided_at", "retried_at", "merged_into"),
)
_PARTS = {
    "covers": ("created_at", "event", "withdrawn"),
    "attempts": ("number", "provider", "begun_at", "ended_at", "outcome", "reason", "decision"),
    "receipts": ("number", "provider", "received_at", "at", "status", "verdict", "code"),
}
_SENTENCES = {
    Answer.RETRYING: "It is sent again.",
    Answer.MERGED: "Another message that waits for the same citizen tells of it instead.",
    Answer.DROPPED: "It is not sent.",
    Answer.LEFT: "It is left as it is: whether it was sent stays unknown.",
    Answer.UNKNOWN: "There is no such message.",
    Answer.HELD: "A worker is sending it just now: try again in a minute.",
    Answer.IS_CODE: "It is a one-time code: the citizen asks for another one.",
    Answer.MAY_DUPLICATE: "It may have been sent: the citizen may get it twice. If that is better"
    " than not at all, say --may-duplicate.",
    Answer.NOT_NOW: "Its status does not allow that: see `minplan deliveries show`.",
}
_DONE = (Answer.RETRYING, Answer.MERGED, Answer.DROPPED, Answer.LEFT)


class MessageChannel(StrEnum):
    """The front page has no messages: the notice stands there."""

    SMS = Channel.SMS
    EMAIL = Channel.EMAIL


OneChannel = Annotated[MessageChannel | None, typer.Option("--channel")]


@deliveries.command("list")
def list_deliveries(
    status: Annotated[list[DeliveryStatus] | None, typer.Option(help="May be repeated.")] = None,
    channel: OneChannel = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """Messages that are not sent, or those of some statuses; what failed comes first."""
    from app.store import ledger

    wanted = status or ledger.UNDELIVERED
    rows = _ask(lambda connection, _: ledger.messages(connection, wanted, channel, limit))
    if rows:
        # not among the rows, for whoever pipes them on; above them, for whoever reads
        typer.echo(_heading(rows[0]), err=True)
    _print(rows, _COLUMNS)
    if len(rows) == limit:
        typer.echo(f"There may be more than {limit}: see --limit.", err=True)
    if not rows:
        typer.echo("There is none.", err=True)
        raise typer.Exit(1)


@deliveries.command("show")
def show_delivery(delivery_id: UUID) -> None:
    """One message: what it tells of, each attempt, and what the providers said afterwards."""
    from app.store import ledger

    message = _ask(lambda connection, _: ledger.message(connection, delivery_id))
    if message is None:
        typer.echo(_SENTENCES[Answer.UNKNOWN], err=True)
        raise typer.Exit(1)
    for fact in _FACTS:
        typer.echo(f"{fact}: {_said(message.facts[fact])}")
    typer.echo(f"one_time_code: {'yes' if message.facts['is_code'] else 'no'}")
    for part, columns in _PARTS.items():
        typer.echo(f"{part} ({', '.join(columns)}):")
        _print(getattr(message, part), columns, indent="  ")


@deliveries.command("retry")
def retry_delivery(
    delivery_id: Annotated[UUID | None, typer.Argument()] = None,
    all_failed: Annotated[
        bool, typer.Option("--all-failed", help="Every message given up in the last --days.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=365)] = 3,
    channel: OneChannel = None,
    may_duplicate: Annotated[
        bool, typer.Option("--may-duplicate", help="Also if it may have been sent.")
    ] = False,
) -> None:
    """FAILED, EXPIRED or UNCERTAIN: a new day of attempts, from the next hour of sending on."""
    if (delivery_id is None) is not all_failed:
        raise typer.BadParameter("give the id of a message or --all-failed, and not both")
    if all_failed and may_duplicate:
        raise typer.BadParameter("--may-duplicate is for one message at a time")
    if delivery_id is None:
        _retry_all(days, channel)
        return

    async def retry(connection: "Connection", settings: "Settings") -> Answer:
        from app.store import ledger

        now, due_at = _now_and_due(settings)
        return await ledger.retry(connection, delivery_id, now, due_at, may_duplicate=may_duplicate)

    _end_with(_ask(retry))


def _retry_all(days: int, channel: MessageChannel | None) -> None:
    async def retry_all(connection: "Connection", settings: "Settings") -> list[Answer]:
        from app.store import ledger

        now, due_at = _now_and_due(settings)
        found = await ledger.given_up(connection, channel, now - timedelta(days=days))
        return [await ledger.retry(connection, one, now, due_at) for one in found]

    again = [answer for answer in _ask(retry_all) if answer in _DONE]
    typer.echo(f"{len(again)} to be sent again")
    if not again:
        raise typer.Exit(1)


@deliveries.command("drop")
def drop_delivery(delivery_id: UUID) -> None:
    """PENDING, RETRYING: is not sent. UNCERTAIN: is left, and not sent again."""

    async def drop(connection: "Connection", settings: "Settings") -> Answer:
        from app.store import ledger
        from app.store.clock import clock_of

        return await ledger.drop(connection, delivery_id, clock_of(settings.today)().now)

    _end_with(_ask(drop))


def _now_and_due(settings: "Settings") -> tuple[datetime, datetime]:
    from app.dev.connected import send_hours
    from app.rules.notice import next_send_time
    from app.store.clock import clock_of

    now = clock_of(settings.today)().now
    return now, next_send_time(now, *send_hours(settings))


def _end_with(answer: Answer) -> None:
    done = answer in _DONE
    typer.echo(_SENTENCES[answer], err=not done)
    if not done:
        raise typer.Exit(1)


def _heading(row: "Row") -> str:
    """The names of the columns, each over its values of one length."""
    return "\t".join(column.ljust(len(_said(row[column]))) for column in _COLUMNS).rstrip()


def _print(rows: "Sequence[Row]", columns: Sequence[str], indent: str = "") -> None:
    for row in rows:
        typer.echo(indent + "\t".join(_said(row[column]) for column in columns))


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "-" if value is None else str(value)


def _ask(question: "Callable[[Connection, Settings], Awaitable[T]]") -> T:
    import asyncio

    from app.dev.connected import connected
    from app.store.db import open_pool

    async def run() -> T:
        settings = connected()
        assert settings.database_url
        async with open_pool(settings.database_url, size=1) as pool, pool.acquire() as connection:
            return await question(connection, settings)

    return asyncio.run(run())
