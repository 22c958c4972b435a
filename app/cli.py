"""The command line, `minplan`: see `minplan --help`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from app.deliveries_cli import deliveries
from app.dev.connected import connected
from app.dev.embedded import EmbeddedServerError
from app.dev.issuer import DevelopmentIssuer
from app.documents_cli import documents
from app.domain.assurance import assurance_of
from app.domain.viewer import Role
from app.errors import AppError
from app.events_cli import events
from app.logins_cli import logins
from app.settings import Settings, SettingsError, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
seed = typer.Typer(no_args_is_help=True, help="Demo plans, or a synthetic load.")
imports = typer.Typer(no_args_is_help=True, help="Code lists from CSV; tells what changed.")
app.add_typer(seed, name="seed")
app.add_typer(imports, name="import")
app.add_typer(events, name="events")
app.add_typer(deliveries, name="deliveries")
app.add_typer(logins, name="logins")
app.add_typer(documents, name="documents")

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


def main() -> None:
    """Entry point: expected failures are told in a sentence and end with status 1."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        app()
    except (SettingsError, EmbeddedServerError, AppError) as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None


@app.command()
def up(
    port: int = 8000,
    data: Data = None,
    demo: Annotated[bool, typer.Option("--demo/--no-demo")] = True,
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
) -> None:
    """Everything for development: embedded servers, migrations, demo plans, API and worker."""
    from app.dev.up import run_up

    overrides: dict[str, Any] = {"data_dir": data} if data else {}
    if today:
        overrides["today"] = today.date()
    run_up(load_settings(**overrides), port=port, demo=demo)


@app.command()
def serve(port: int = 8000, host: str = "127.0.0.1") -> None:
    """The API alone."""
    from app.main import create_app
    from app.wire.server import server_for

    settings = connected()
    server = server_for(create_app(settings), settings, host=host, port=port)
    server.run()
    if not server.started:
        raise typer.Exit(3)


@app.command()
def worker() -> None:
    """The worker alone: delivers SMS, e-mail and events, and leaves letters for print."""
    from app.workers.main import run_worker

    run_worker(connected())


@app.command()
def migrate() -> None:
    """Brings the database to the newest shape; safe when several start at once."""
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


@imports.command("occupations")
def import_occupations(file: File) -> None:
    """code,label,scheme,aliases (separated by |)."""
    from app.store.code_lists import store_occupations

    _import(file, store_occupations)


@imports.command("municipalities")
def import_municipalities(file: File) -> None:
    """code,name,region,valid_from,valid_to."""
    from app.store.code_lists import store_municipalities

    _import(file, store_municipalities)


@imports.command("shortage-areas")
def import_shortage_areas(file: File) -> None:
    """region,occupation_code,in_shortage,valid_from,valid_to."""
    from app.store.code_lists import store_shortage_areas

    _import(file, store_shortage_areas)


@imports.command("target-groups")
def import_target_groups(file: File) -> None:
    """The columns of db/codes/target_groups.csv; plan types separated by |, the default first."""
    from app.store.code_list_imports import import_target_groups as store

    _import(file, store)


@imports.command("compositions")
def import_compositions(file: File) -> None:
    """composition,position,element,only_if_any: whole compositions."""
    from app.store.code_list_imports import import_compositions as store

    _import(file, store)


@imports.command("plan-types")
def import_plan_types(file: File) -> None:
    """code,name,visible_to_fund,valid_from,valid_to: of plan types that this release knows."""
    from app.store.code_list_imports import import_plan_types as store

    _import(file, store)


@imports.command("intervention-kinds")
def import_intervention_kinds(file: File) -> None:
    """The columns of db/codes/intervention_kinds.csv: of kinds that this release knows."""
    from app.store.code_list_imports import import_intervention_kinds as store

    _import(file, store)


@imports.command("schemes")
def import_schemes(file: File) -> None:
    """code,name,timeline_label,valid_from,valid_to: of schemes that this release knows."""
    from app.store.code_list_imports import import_schemes as store

    _import(file, store)


@imports.command("institutions")
def import_institutions(file: File) -> None:
    """code,name: of institutions of education, by the code that their logins carry."""
    from app.store.code_list_imports import import_institutions as store

    _import(file, store)


@imports.command("unemployment-funds")
def import_unemployment_funds(file: File) -> None:
    """code,name: of unemployment funds, by the code that their logins carry."""
    from app.store.code_list_imports import import_unemployment_funds as store

    _import(file, store)


Check = Annotated[bool, typer.Option("--check", help="Only tell whether the file is current.")]


Release = Annotated[
    bool, typer.Option("--release", help="Also write it as the one that was last released.")
]


@app.command()
def schema(check: Check = False, release: Release = False) -> None:
    """Writes `schema.graphql`, or checks it, and what it breaks of the one that was released."""
    from app.schema.printed import printed_schema
    from app.schema.released import Released

    released = Released(Path("docs"))
    _snapshot(Path("schema.graphql"), printed_schema(), check=check)
    if release and not check:
        released.write(printed_schema())
    for line in (verdict := released.judge(printed_schema())).told:
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


def _database_url(settings: Settings) -> str:
    assert settings.database_url
    return settings.database_url


def _with_pool(work: Callable[[Settings], Awaitable[None]]) -> None:
    async def run() -> None:
        await work(connected())

    asyncio.run(run())


def _import(file: Path, store: Callable[..., Awaitable[Any]]) -> None:
    async def run() -> None:
        import asyncpg

        from app.store.code_lists import read_csv

        connection = await asyncpg.connect(_database_url(connected()))
        try:
            async with connection.transaction():
                done = await store(connection, read_csv(file))
            for report in done if isinstance(done, list) else [done]:
                typer.echo(str(report))
        finally:
            await connection.close()

    asyncio.run(run())
