"""What the tests of the workers stand on: a database, a citizen with channels, and processes."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from app.channels.breaker import Breaker
from app.channels.email import EmailChannel
from app.channels.providers import Provider, Providers
from app.channels.sms import SmsChannel
from app.channels.web import gateway_session
from app.dev.account import private_folder
from app.dev.supervisor import Guarded, folder_lock, stop_all
from app.dev.valkey import Valkey, answers, redis_url
from app.domain.notice import NoticeEvent
from app.domain.policy import Policy
from app.domain.viewer import ANONYMOUS
from app.store.db import Pool
from app.store.documents import Moment
from app.store.outbox import write_notice
from app.store.work import COPENHAGEN, Work
from app.workers.backoff import SendWindow
from app.workers.queue import open_queue
from app.workers.recover import Recoverer

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds
MORNING = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
"""A quarter past ten in Copenhagen: inside the send window."""


@dataclass
class HandClock:
    """A clock that stands still until somebody moves it."""

    now: datetime = MORNING

    def __call__(self) -> Moment:
        return Moment(self.now, self.now.astimezone(COPENHAGEN).date())

    def turn(self, by: timedelta) -> None:
        self.now += by


class OwnValkey:
    """A Valkey that can be stopped and started; it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        (folder / "log").mkdir()
        self._folder = folder
        self._server = Valkey(folder, private_folder(folder / "run", None), durable=False)
        self._running: list[Guarded] = []
        self.url = redis_url(self._server.sockets)

    def start(self) -> None:
        with folder_lock(self._folder) as lock:
            self._running.append(self._server.start(None, lock))
        self._running[0].wait_until(lambda: answers(self._server.socket))

    def stop(self) -> None:
        stop_all(self._running)
        self._running.clear()


@dataclass
class Place:
    """One migrated database of its own."""

    pool: Pool
    database_url: str
    clock: HandClock = field(default_factory=HandClock)
    policy: Policy = field(default_factory=Policy)
    citizens: int = 0

    async def citizen(
        self, *, sms: str | None = "20301010", email: str | None = "borger@example.dk"
    ) -> UUID:
        """A citizen who subscribes to the channels that have an address."""
        self.citizens += 1
        citizen_id: UUID = await self.pool.fetchval(
            """insert into citizen (cpr_encrypted, cpr_index, given_name, surname, birth_date,
                municipality_code, created_at)
            values ($1, $1, 'Anna', 'Prøve', $2, (select min(code) from municipality),
                $3)
            returning citizen_id""",
            self.citizens.to_bytes(4),
            date(1990, 1, 1),
            self.clock.now,
        )
        await self.prefer(citizen_id, sms, email)
        return citizen_id

    async def prefer(self, citizen_id: UUID, sms: str | None, email: str | None) -> None:
        """Addresses that are verified; None turns a channel off."""
        await self.pool.execute(
            """insert into notification_preference
                (citizen_id, sms, sms_number, sms_verified_at, email, email_address,
                    email_verified_at, updated_at)
            values ($1, $2::text is not null, $2,
                case when $2::text is not null then $4::timestamptz end,
                $3::text is not null, $3, case when $3::text is not null then $4::timestamptz end,
                $4)
            on conflict (citizen_id) do update set sms = excluded.sms, email = excluded.email,
                sms_number = excluded.sms_number, email_address = excluded.email_address,
                sms_verified_at = excluded.sms_verified_at,
                email_verified_at = excluded.email_verified_at""",
            citizen_id,
            sms,
            email,
            self.clock.now,
        )

    async def notice(
        self,
        citizen_id: UUID,
        event: NoticeEvent = NoticeEvent.PLAN_CHANGED,
        subject: UUID | None = None,
    ) -> tuple[UUID, ...]:
        """A change is committed, with its notice; the messages that tell of it."""
        async with self.changing(citizen_id, event, subject) as deliveries:
            return deliveries

    @asynccontextmanager
    async def changing(
        self,
        citizen_id: UUID,
        event: NoticeEvent = NoticeEvent.PLAN_CHANGED,
        subject: UUID | None = None,
    ) -> AsyncIterator[tuple[UUID, ...]]:
        """A change with its notice, committed at the end; the messages that tell of it."""
        async with self.pool.acquire() as connection, connection.transaction():
            work = Work(connection, ANONYMOUS, self.clock.now, self.policy)
            notice = await write_notice(work, citizen_id, None, [(event, subject)], None)
            yield notice.deliveries

    async def until_waiting_for_a_lock(self) -> None:
        """Wait until a statement on this database waits for what another holds."""

        async def waits() -> bool:
            found: bool = await self.pool.fetchval(
                "select exists (select from pg_stat_activity where datname = current_database()"
                " and wait_event_type = 'Lock')"
            )
            return found

        await eventually(waits)

    async def statuses(self) -> list[str]:
        """Of all deliveries, oldest first."""
        rows = await self.pool.fetch("select status from delivery order by delivery_id")
        return [row["status"] for row in rows]

    async def attempts(self, delivery_id: UUID) -> list[tuple[int, str | None, str | None]]:
        """Number, outcome and reason of each attempt, in order."""
        rows = await self.pool.fetch(
            "select number, outcome, reason from delivery_attempt where delivery_id = $1"
            " order by number",
            delivery_id,
        )
        return [tuple(row) for row in rows]

    async def told_by(self, delivery_id: UUID) -> list[str]:
        """The events that a message tells of, oldest first."""
        rows = await self.pool.fetch(
            "select n.event from delivery_notice x join notice n using (notice_id)"
            " where x.delivery_id = $1 and x.withdrawn is null order by n.notice_id",
            delivery_id,
        )
        return [row["event"] for row in rows]

    async def recover(self) -> None:
        """What a worker does about lost claims and uncertain messages."""
        await Recoverer(self.pool, self.clock, lambda: None, window=SendWindow()).deliver_due()

    async def row(self, delivery_id: UUID) -> asyncpg.Record:
        found = await self.pool.fetchrow(
            "select * from delivery where delivery_id = $1", delivery_id
        )
        assert found is not None
        return found

    async def until(self, *statuses: str) -> None:
        """Wait until the deliveries have these statuses, in any order."""
        wanted = sorted(statuses)

        async def reached() -> bool:
            return sorted(await self.statuses()) == wanted

        await eventually(reached)


@asynccontextmanager
async def sms_providers(url: str) -> AsyncIterator[Providers]:
    """The one gateway at an address."""
    async with gateway_session(100) as session:
        sender = SmsChannel(session, url=url, token="t", sender="JOBNET")
        yield Providers([Provider("sms", sender, Breaker(failures=1000), at_once=100)])


@asynccontextmanager
async def mail_providers(port: int) -> AsyncIterator[Providers]:
    """The one mail server at a port."""
    sender = EmailChannel(smtp_url=f"smtp://127.0.0.1:{port}", sender="minplan@example.dk")
    yield Providers([Provider("email", sender, Breaker(failures=1000), at_once=20)])


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Look until the condition holds; a time-out is a failure."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def worker_process(
    place: Place,
    *,
    sms_url: str,
    redis_url: str,
    mail_port: int = 9,
    today: date | None = None,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Process]:
    """`minplan worker` as a process of its own; ended by SIGTERM if it still runs.

    Its send window is always open: it has the real time of day. more: other settings.
    """
    settings = {
        **(more or {}),
        "DATABASE_URL": place.database_url,
        "REDIS_URL": redis_url,
        "SMS_URL": sms_url,
        "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "SEND_WINDOW_START_HOUR": "0",
        "SEND_WINDOW_END_HOUR": "24",
        "TODAY": today.isoformat() if today else "",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from app.settings import load_settings;"
        "from app.workers.main import run_worker; run_worker(load_settings())",
        cwd=ROOT,
        env=os.environ | {f"MINPLAN_{name}": value for name, value in settings.items()},
        stdout=DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await process.wait()


async def until_listening(valkey: OwnValkey, workers: int = 1) -> None:
    """Wait until so many workers have told Valkey of their health."""
    queue = open_queue(valkey.url, seconds=PATIENCE)

    async def told() -> bool:
        # after a restart of Valkey the key of before may be there for a while too
        return len(await queue.keys("minplan:worker:*")) >= workers

    try:
        await eventually(told)
    finally:
        await queue.aclose(close_connection_pool=True)
