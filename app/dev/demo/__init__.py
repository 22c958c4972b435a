"""The demo plans: the worked examples, loaded through the same actions as the mutations.

All of them come in one database transaction, so that an interrupted start leaves nothing half
loaded; inside it every operation has its own `Work` and savepoint and is published on its own.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.actions.completeness import check_completeness
from app.dev.demo.examples import FOLDER, Example, example_file, examples
from app.dev.demo.people import BOOKING, REGISTER, People, people
from app.dev.demo.plan_operations import operations
from app.dev.demo.story import Operation, Story, one_by_one
from app.domain.absent import ABSENT, Absent
from app.domain.policy import Policy
from app.settings import Settings, SettingsError, env_name
from app.store.clock import clock_of
from app.store.code_lists import (
    ORGANISATION,
    Row,
    read_csv,
    store,
    store_occupations,
    store_shortage_areas,
)
from app.store.contact_codes import CodeSeal, ContactCodes
from app.store.cpr import CprVault
from app.store.db import Connection, open_pool
from app.store.publication import publish
from app.store.work import Work

log = logging.getLogger("minplan.demo")

_MARK: Final = "UNEMPLOYMENT_FUND-RAVNBJERG"
"""A fund of the examples: where it has members, the demo has been loaded."""


async def load_demo(settings: Settings) -> None:
    """Loads the demo plans into the database of the settings; see `load_demo_once`.

    Raises `SettingsError` in production.
    """
    if settings.is_production:
        raise SettingsError(
            f"{env_name('environment')}: `minplan seed demo` is for development only"
        )
    if settings.database_url is None:
        raise SettingsError(f"{env_name('database_url')} is required to load the demo plans")
    await load_demo_once(settings, settings.database_url)


async def load_demo_once(
    settings: Settings, database_url: str, *, shift_to: date | Absent | None = ABSENT
) -> None:
    """Loads the demo plans unless they are there already.

    shift_to: the day that becomes each example's `today`; today unless given, None for the dates
    as written. Raises `RulesBroken` for an example that breaks a rule.
    """
    moment = clock_of(settings.today)()
    latest = None
    if isinstance(shift_to, Absent):
        shift_to, latest = moment.today, moment.now
    async with (
        open_pool(database_url, size=1) as pool,
        pool.acquire() as connection,
        connection.transaction(),
    ):
        # of two that start at once, the second waits and finds the plans there
        await connection.execute("select pg_advisory_xact_lock(hashtext('minplan demo'))")
        if await _is_loaded(connection):
            return
        await _code_lists(connection)
        loader = _Loader(connection, settings, latest)
        for example in examples(shift_to):
            await loader.load(example)
    log.info("demo plans loaded")


async def demo_ids(connection: Connection, settings: Settings) -> dict[str, tuple[UUID, UUID]]:
    """The ids of citizen and plan of every loaded example, by the example's id."""
    vault = _vault(settings)
    found = {}
    for example in examples():
        row = await connection.fetchrow(
            "select c.citizen_id, p.plan_id from citizen c join plan p using (citizen_id)"
            " where c.cpr_index = $1",
            vault.index(example.civil_registration_number),
        )
        if row is not None:
            found[example.id] = (row["citizen_id"], row["plan_id"])
    return found


class _Loader:
    """Runs operations one after the other. latest: no operation is later than this."""

    def __init__(self, connection: Connection, settings: Settings, latest: datetime | None) -> None:
        self._connection = connection
        self._policy = Policy(**{f.name: getattr(settings, f.name) for f in fields(Policy)})
        self._vault = _vault(settings)
        self._seal = CodeSeal(settings.contact_code_key_bytes())
        self._latest = latest
        self._people: People = people()
        self._occupations: Mapping[str, str] = {
            str(row["label"]): str(row["code"]) for row in _rows("occupations")
        }

    async def load(self, example: Example) -> None:
        story = Story(example, self._people, self._occupations)
        for operation in one_by_one(operations(example, self._people), self._latest):
            async with self._begun(operation, story) as work:
                for step in operation.steps:
                    await step(work, story)

    @asynccontextmanager
    async def _begun(self, operation: Operation, story: Story) -> AsyncIterator[Work]:
        """An operation as a mutation has it: published at its end, or undone."""
        async with self._connection.transaction():
            # publication checks at once, and that holds until the transaction ends
            await self._connection.execute("set constraints all deferred")
            viewer = operation.viewer or story.citizen
            work = Work(self._connection, viewer, operation.at, self._policy, vault=self._vault)
            # nobody else sees what the loading transaction wrote, so tries are counted inside it
            work.codes = ContactCodes(self._seal, work)
            yield work
            await check_completeness(work)
            published = await publish(work)
            # what an example tells was told at its time: nobody waits for these messages now
            for step in ("hold_told", "note_told", "settle_told"):
                await work.execute(step, list(published.deliveries), work.now)


async def _is_loaded(connection: Connection) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select from membership m"
        " join organisation o on o.organisation_id = m.fund_id where o.code = $1)",
        _MARK,
    )
    return found


async def _code_lists(connection: Connection) -> None:
    """What the examples need beside the lists of `db/codes`."""
    await store(connection, ORGANISATION, [*example_file()["organisations"], *_systems()])
    await store_occupations(connection, _rows("occupations"))
    await store_shortage_areas(connection, _rows("shortage_areas"))


def _systems() -> list[Row]:
    return [{"kind": "SYSTEM", "code": code, "name": code} for code in (BOOKING, REGISTER)]


def _rows(name: str) -> list[dict[str, str | None]]:
    return read_csv(FOLDER / f"{name}.csv")


def _vault(settings: Settings) -> CprVault:
    return CprVault(
        settings.cpr_key_bytes(),
        settings.cpr_index_key_bytes(),
        key_id=settings.cpr_key_id,
        retired=settings.cpr_retired_key_bytes(),
    )
