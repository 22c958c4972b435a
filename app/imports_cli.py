"""`minplan import`: code lists from CSV files."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

imports = typer.Typer(no_args_is_help=True, help="Code lists from CSV; tells what changed.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


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


def _import(file: Path, store: Callable[..., Awaitable[Any]]) -> None:
    import asyncio

    import asyncpg

    from app.dev.connected import connected
    from app.store.code_lists import read_csv

    async def run() -> None:
        settings = connected()
        assert settings.database_url
        connection = await asyncpg.connect(settings.database_url)
        try:
            async with connection.transaction():
                done = await store(connection, read_csv(file))
            for report in done if isinstance(done, list) else [done]:
                typer.echo(str(report))
        finally:
            await connection.close()

    asyncio.run(run())
