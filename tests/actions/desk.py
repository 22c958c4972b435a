"""A place to run actions at: one operation, one transaction, published as the server does it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.actions.completeness import check_completeness
from app.domain.viewer import NEVER, Role, Viewer
from app.store.contact_codes import CodeSeal, ContactCodes
from app.store.db import Pool, open_pool
from app.store.documents import Moment, read_citizen
from app.store.publication import publish
from app.store.readers import Readers, open_readers
from app.store.work import COPENHAGEN, Done, Work

TODAY = date(2026, 3, 2)
MUNICIPALITY = "101"
FUND = "18194686"
OTHER_FUND = "20815116"
INSTITUTION = "INST-STJERNEURT"
WELDER, PLUMBER, CLERK = "7212", "7126", "4110"

JOBCENTER_VIEWER = Viewer(Role.JOBCENTER, "s-1", "Troels Agerskov", MUNICIPALITY, None, NEVER)
COLLEAGUE = Viewer(Role.JOBCENTER, "s-2", "Asta Møllegård", MUNICIPALITY, None, NEVER)
STRANGER = Viewer(Role.JOBCENTER, "s-3", "Jonas Birkelev", "751", None, NEVER)
FUND_VIEWER = Viewer(Role.FUND, "s-4", "Merete Hvidklint", FUND, None, NEVER)


def day(offset: int) -> date:
    """A day so many days after today."""
    return TODAY + timedelta(days=offset)


def citizen_viewer(citizen_id: UUID) -> Viewer:
    return Viewer(Role.CITIZEN, "c-1", "Signe Test", None, citizen_id, NEVER)


SEAL = CodeSeal(b"desk" * 8)


@dataclass(slots=True)
class Outcome:
    """What an operation answered: the action's values, warnings by code, and the events told."""

    done: Done
    warnings: list[str]
    versions: dict[str, int]
    notices: int

    @property
    def plan_id(self) -> UUID:
        assert self.done.plan_id is not None
        return self.done.plan_id


@dataclass(slots=True)
class Desk:
    """Runs actions on a database at `today`."""

    pool: Pool
    readers: Readers
    today: date = TODAY
    hour: int = 12
    seconds: int = 0
    numbers: list[int] = field(default_factory=lambda: [0])

    @property
    def now(self) -> datetime:
        """`hour` (noon) in Copenhagen, a second later at each call."""
        self.seconds += 1
        start = datetime.combine(self.today, time(self.hour), tzinfo=COPENHAGEN)
        return (start + timedelta(seconds=self.seconds)).astimezone(UTC)

    async def run(self, viewer: Viewer, *acts: Callable[[Work], Awaitable[Done]]) -> Outcome:
        """One operation of several actions; nothing of it stays if one of them refuses."""
        async with self.pool.acquire() as connection, connection.transaction():
            work = Work(connection, viewer, self.now)
            work.codes = ContactCodes(SEAL, self.readers)
            done = [await act(work) for act in acts]
            await check_completeness(work)
            published = await publish(work)
        return Outcome(
            done[-1],
            [finding.code for finding in work.findings],
            {version.audience: version.number for version in published.versions},
            len(published.notices),
        )

    async def plan(self, citizen_id: UUID, viewer: Viewer = JOBCENTER_VIEWER) -> Any:
        """The plan as the viewer reads it, None without one."""
        async with self.pool.acquire() as connection, connection.transaction():
            moment = Moment(self.now, self.today)
            read = await read_citizen(
                Work(connection, viewer, moment.now), viewer, citizen_id, moment
            )
        assert read is not None
        return read.plan

    async def value(self, sql: str, *args: object) -> Any:
        return await self.pool.fetchval(sql, *args)

    async def citizen(
        self,
        target_group: str = "CASH_BENEFIT_JOB_READY",
        *,
        right_and_duty: bool = False,
        fund_is_responsible: bool = False,
    ) -> UUID:
        """A citizen of the group with a sought job; of the dagpenge groups a member of the fund."""
        self.numbers[0] += 1
        citizen_id: UUID = await self.value(
            "insert into citizen (cpr_encrypted, cpr_index, given_name, surname, birth_date,"
            " municipality_code, right_and_duty, created_at)"
            " values ('', $1, 'Signe', 'Test', '2000-05-01', $2, $3, $4) returning citizen_id",
            *(str(self.numbers[0]).encode(), MUNICIPALITY, right_and_duty, self.now),
        )
        await self.move(citizen_id, target_group, since=day(-30))
        await self.value(
            "insert into sought_job (citizen_id, occupation_code, added_at, added_during)"
            " values ($1, $2, $3, 'LATER')",
            *(citizen_id, WELDER, self.now),
        )
        if target_group.startswith("UNEMPLOYMENT_BENEFIT"):
            await self.value(
                "insert into membership (citizen_id, fund_id, insurance, valid_from)"
                " select $1, organisation_id, 'FULL_TIME', $3 from organisation"
                " where kind = 'UNEMPLOYMENT_FUND' and code = $2",
                *(citizen_id, FUND, day(-30)),
            )
        kind, code = ("UNEMPLOYMENT_FUND", FUND) if fund_is_responsible else ("JOBCENTER", "101")
        await self.value(
            "insert into case_responsibility (citizen_id, authority, organisation_id, basis,"
            " valid_from) select $1, kind, organisation_id, 'OTHER_GROUP', $4 from organisation"
            " where kind = $2 and code = $3",
            *(citizen_id, kind, code, day(-30)),
        )
        async with self.pool.acquire() as connection, connection.transaction():
            work = Work(connection, JOBCENTER_VIEWER, self.now)
            work.touch_citizen(citizen_id)
            await publish(work)
        return citizen_id

    async def move(self, citizen_id: UUID, target_group: str, since: date) -> None:
        """Puts the citizen into a group, and its plan under the group's plan type."""
        await self.value(
            "update target_group_period set valid_to = $2"
            " where citizen_id = $1 and valid_to is null",
            *(citizen_id, since),
        )
        plan_type = await self.value(
            "insert into target_group_period (citizen_id, target_group, plan_type, valid_from)"
            " select $1, target_group, plan_type, $3 from target_group_plan_type"
            " where target_group = $2 and position = 1 returning plan_type",
            *(citizen_id, target_group, since),
        )
        await self.value(
            "update plan set plan_type = $2 where citizen_id = $1", citizen_id, plan_type
        )


@asynccontextmanager
async def open_desk(database_url: str) -> AsyncIterator[Desk]:
    """A desk on a migrated database, with three occupations, a shortage list and a school."""
    async with open_pool(database_url, size=2) as pool, open_readers(database_url) as readers:
        occupations = {WELDER: "Svejser", PLUMBER: "VVS-montør", CLERK: "Kontormedhjælper"}
        await pool.executemany(
            "insert into occupation (code, label) values ($1, $2)", list(occupations.items())
        )
        region = await pool.fetchval(
            "select region from municipality where code = $1", MUNICIPALITY
        )
        await pool.executemany(
            "insert into shortage_area (region, occupation_code, in_shortage) values ($1, $2, $3)",
            [(region, WELDER, True), (region, CLERK, False)],
        )
        await pool.execute(
            "insert into organisation (kind, code, name) values"
            " ('EDUCATION_INSTITUTION', $1, 'Erhvervsskolen Stjerneurt')",
            INSTITUTION,
        )
        yield Desk(pool, readers)


def as_json(value: object) -> Any:
    """A value as a document holds it."""
    return orjson.loads(orjson.dumps(value))
