"""`minplan logins`: who is no longer let in, and what was refused (docs/logins.md).

A subject is the broker's id of a person, so it is printed here and nowhere else; `-` reads it from
standard input, which no shell's history keeps. Status 1 tells that there was nothing to do.
"""

import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from app.store.db import Connection, Row

logins = typer.Typer(no_args_is_help=True, help="Revoked logins, and what was refused.")

T = TypeVar("T")

_REASON = re.compile(r"[A-Z][A-Z0-9_]{0,39}", re.ASCII)
_UNHEARD = (
    "Valkey was not reached: API processes find it in the database, in {seconds:.0f} seconds at"
    " most."
)
_REVOKED = ("subject", "revoked_at", "blocked_until", "reason")
_REFUSED = ("times", "reason", "role", "organisation_code", "subject", "operation", "client")

Subject = Annotated[str, typer.Argument(help="As in the token's subject claim; - reads it.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000)]


@logins.command("revoke")
def revoke_login(
    subject: Subject,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="Refuse new logins too until then (Danish time).",
        ),
    ] = None,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Refuse new logins too until it is restored.")
    ] = False,
    reason: Annotated[str, typer.Option(help="A code in capitals.")] = "UNSPECIFIED",
) -> None:
    """Refuses the tokens issued so far, and ends their live views. A new login works."""
    from app.store import revocations
    from app.store.work import COPENHAGEN

    if until is not None and for_good:
        raise typer.BadParameter("give --until or --for-good, and not both")
    if not _REASON.fullmatch(reason):
        raise typer.BadParameter("the reason is a code: capitals, digits and _, 40 at most")
    blocked = revocations.FOR_GOOD if for_good else until and until.replace(tzinfo=COPENHAGEN)
    if blocked is not None and blocked <= datetime.now(UTC):
        raise typer.BadParameter("--until is over already")
    who = _subject(subject)
    told = _ask(
        lambda connection, redis: revocations.revoke(
            connection, redis, who, until=blocked, reason=reason
        )
    )
    typer.echo("Revoked.")
    _warn_unheard(told)


@logins.command("restore")
def restore_login(subject: Subject) -> None:
    """Accepts a revoked login again, tokens of before that are still valid included."""
    from app.store import revocations

    who = _subject(subject)
    found, told = _ask(lambda connection, redis: revocations.restore(connection, redis, who))
    if not found:
        typer.echo("It is not revoked.", err=True)
        raise typer.Exit(1)
    typer.echo("Restored.")
    _warn_unheard(told)


@logins.command("list")
def list_revocations(limit: Limit = 1000) -> None:
    """What is revoked, the newest first: subject, since when, blocked until, reason."""
    from app.store import revocations

    _print(_ask(lambda connection, _: revocations.listed(connection, limit)), _REVOKED, limit)


@logins.command("refused")
def list_refusals(
    hours: Annotated[int, typer.Option(min=1, max=24 * 3650)] = 24, limit: Limit = 100
) -> None:
    """Refused logins and uses, the most frequent first: times, reason, and who, where proven."""
    from app.store import refusals

    since = datetime.now(UTC) - timedelta(hours=hours)
    _print(_ask(lambda connection, _: refusals.listed(connection, since, limit)), _REFUSED, limit)


def _subject(given: str) -> str:
    subject = sys.stdin.readline().rstrip("\n") if given == "-" else given
    if not 0 < len(subject) <= 255 or not subject.isprintable():
        raise typer.BadParameter("a subject is 1 to 255 printable characters")
    return subject


def _warn_unheard(told: bool) -> None:
    if not told:
        from app.store.revocations import SWEEP_SECONDS

        typer.echo(_UNHEARD.format(seconds=SWEEP_SECONDS), err=True)


def _print(rows: "Sequence[Row]", columns: Sequence[str], limit: int) -> None:
    if not rows:
        typer.echo("There is none.", err=True)
        raise typer.Exit(1)
    typer.echo("\t".join(columns), err=True)
    for row in rows:
        typer.echo("\t".join(_said(row[column]) for column in columns))
    if len(rows) == limit:
        typer.echo(f"There may be more than {limit}: see --limit.", err=True)


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        from app.store import revocations

        for_good = value == revocations.FOR_GOOD
        return "for good" if for_good else value.isoformat(timespec="seconds")
    return "-" if value is None else str(value)


def _ask(question: "Callable[[Connection, Redis], Awaitable[T]]") -> T:
    import asyncio

    from redis.asyncio import Redis

    from app.dev.connected import connected
    from app.store.db import open_pool

    async def run() -> T:
        settings = connected()
        assert settings.database_url and settings.redis_url
        redis = Redis.from_url(settings.redis_url)
        try:
            async with (
                open_pool(settings.database_url, size=1) as pool,
                pool.acquire() as connection,
            ):
                return await question(connection, redis)
        finally:
            await redis.aclose()

    return asyncio.run(run())
