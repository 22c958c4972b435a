"""The command line, `minplan`: see `minplan --help`.

Help, and the refusal of a wrong command, come at once: at their top this module and its
`*_cli` neighbours import typer and words of the domain only. What a command needs to do its work
it imports in its first lines, and what only type checkers need is behind `TYPE_CHECKING`.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from app.deliveries_cli import deliveries
from app.documents_cli import documents
from app.domain.viewer import Role
from app.events_cli import events
from app.imports_cli import imports
from app.logins_cli import logins

if TYPE_CHECKING:
    from app.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
seed = typer.Typer(no_args_is_help=True, help="Demo plans, or a synthetic load.")
app.add_typer(seed, name="seed")
app.add_typer(imports, name="import")
app.add_typer(events, name="events")
app.add_typer(deliveries, name="deliveries")
app.add_typer(logins, name="logins")
app.add_typer(documents, name="documents")

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers.")]


def main() -> None:
    """Entry point: expected failures are told in a sentence and end with status 1."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        app()
    except Exception as error:
        if not is_expected(error):
            raise
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None


def is_expected(error: BaseException) -> bool:
    """Whether its sentence says all there is to say."""
    from app.dev.errors import EmbeddedServerError
    from app.errors import AppError
    from app.settings import SettingsError

    return isinstance(error, SettingsError | EmbeddedServerError | AppError)


@app.command()
def up(
    port: int = 8000,
    data: Data = None,
    demo: Annotated[bool, typer.Option("--demo/--no-demo")] = True,
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
) -> None:
    """Everything for development: embedded servers, migrations, demo plans, API and worker."""
    from app.dev.up import run_up
    from app.settings import load_settings

    overrides: dict[str, Any] = {"data_dir": data} if data else {}
    if today:
        overrides["today"] = today.date()
    run_up(load_settings(**overrides), port=port, demo=demo)


@app.command()
def serve(port: int = 8000, host: str = "127.0.0.1") -> None:
    """The API alone."""
    from app.dev.connected import connected

    settings = connected()  # refused before the second that the rest takes to import

    from app.main import create_app
    from app.wire.server import server_for

    server = server_for(create_app(settings), settings, host=host, port=port)
    server.run()
    if not server.started:
        raise typer.Exit(3)


@app.command()
def worker() -> None:
    """The worker alone: delivers SMS, e-mail and events, and leaves letters for print."""
    from app.dev.connected import connected

    settings = connected()

    from app.workers.main import run_worker

    run_worker(settings)


@app.command()
def migrate() -> None:
    """Brings the database to the newest shape; safe when several start at once."""
    import asyncio

    from app.dev.connected import connected
    from app.store.migrate import migrate as apply

    asyncio.run(apply(_database_url(connected())))


@app.command()
def token(
    role: Annotated[Role, typer.Option()],
    citizen: UUID | None = None,
    organisation: str | None = None,
    name: str | None = None,
    minutes: int = 60,
    assurance: Annotated[str | None, typer.Option(help="Low, Substantial or High.")] = None,
    data: Data = None,
) -> None:
    """A development token on stdout and nothing else."""
    from app.dev.issuer import DevelopmentIssuer
    from app.domain.assurance import assurance_of
    from app.settings import load_settings

    settings = load_settings(**({"data_dir": data} if data else {}))
    level = assurance_of(assurance)
    if assurance is not None and level is None:
        raise typer.BadParameter("--assurance is Low, Substantial or High")
    issued = DevelopmentIssuer(settings).issue(
        role,
        citizen_id=citizen,
        organisation=organisation,
        name=name,
        minutes=minutes,
        assurance=level,
    )
    typer.echo(issued)


@seed.command("demo")
def seed_demo() -> None:
    """The demo plans, loaded through the same actions as the mutations."""
    from app.dev.demo import load_demo

    _with_pool(load_demo)


@seed.command("load")
def seed_load(citizens: int = 1000) -> None:
    """A synthetic load of N citizens with realistic plans."""
    from app.dev.load import load_citizens

    _with_pool(lambda settings: load_citizens(settings, citizens))


Check = Annotated[bool, typer.Option("--check", help="Only tell whether the file is current.")]


Release = Annotated[
    bool, typer.Option("--release", help="Also write it as the one that was last released.")
]


@app.command()
def schema(check: Check = False, release: Release = False) -> None:
    """Writes `schema.graphql`, or checks it, and what it breaks of the one that was released."""
    from app.schema.printed import printed_schema
    from app.schema.released import Released

    released, sdl = Released(Path("docs")), printed_schema()
    _snapshot(Path("schema.graphql"), sdl, check=check)
    if release and not check:
        released.write(sdl)
    for line in (verdict := released.judge(sdl)).told:
        typer.echo(line, err=True)
    if check and verdict.broken:
        typer.echo(f"Accept a change with its reason in {released.accepted}", err=True)
        raise typer.Exit(1)


@app.command()
def permissions(check: Check = False) -> None:
    """Writes the permission matrix `docs/permissions.md`, or checks it."""
    from app.schema.printed import printed_permissions

    _snapshot(Path("docs/permissions.md"), printed_permissions(), check=check)


def _snapshot(path: Path, text: str, *, check: bool) -> None:
    if not check:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        typer.echo(
            f"{path} is not current: run `minplan {path.stem}` and look at the change", err=True
        )
        raise typer.Exit(1)


def _database_url(settings: "Settings") -> str:
    assert settings.database_url
    return settings.database_url


def _with_pool(work: "Callable[[Settings], Awaitable[None]]") -> None:
    import asyncio

    from app.dev.connected import connected

    async def run() -> None:
        await work(connected())

    asyncio.run(run())
