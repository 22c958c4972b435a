"""Everything a round plays on: servers, workers, providers, one clock, and citizens."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from app.main import Api
from app.settings import load_settings
from app.store.db import Pool, prepare_connection
from app.store.readers import open_readers
from app.workers.wake import Waker
from tests.actions.desk import Desk, open_desk

from .callbacks import Callbacks, running_api
from .clock import MovedClock
from .gateway import Gateway, listening_gateway
from .mail import MailServer, listening_mail
from .office import Office
from .oracle import Oracle
from .processes import Crew
from .servers import OwnServers, own_servers

START: Final = datetime.fromisoformat("2026-03-03T09:30:00+00:00")
CALLBACK_SECRET: Final = "the gateway and the product know it"
CONNECTIONS: Final = 20
STILL_SECONDS: Final = 0.06
"""After so long without any change nothing will change by itself."""


@dataclass(eq=False, kw_only=True)
class Stage(Office):
    """The place of all rounds."""

    servers: OwnServers
    oracle: Oracle
    gateway: Gateway
    mail: MailServer
    crew: Crew
    callbacks: Callbacks
    log_file: Path

    async def calm(self) -> None:
        """Wait until nothing is under way but what nobody will end (a second at most)."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 1.0
        seen, since = "", loop.time()
        while loop.time() < deadline and loop.time() - since < STILL_SECONDS:
            now = await self.pool.fetchval(
                "select string_agg(delivery_id::text || claim, ',' order by delivery_id)"
                " from delivery where status = 'CLAIMED'"
            )
            busy = self.crew.starting or self.oracle.under_way > len(self.oracle.held)
            if busy or now != seen:
                seen, since = now, loop.time()
            if now is None and not busy:
                return
            await asyncio.sleep(0.005)

    async def turn(self, by: timedelta) -> None:
        """Move the clock while nobody is in the middle of anything."""
        await self.calm()
        self.clock.turn(by)

    async def turn_to(self, instant: datetime) -> None:
        await self.calm()
        self.clock.turn_to(instant)

    def healthy(self) -> None:
        """The providers behave."""
        self.gateway.behave()
        self.mail.behave()

    async def servers_up(self) -> None:
        """Whatever was stopped runs again."""
        await asyncio.to_thread(self.servers.start_missing)

    async def retire(self) -> None:
        """Nobody writes to the citizens of the round any more."""
        await self.pool.execute(
            "update notification_preference set sms = false, email = false"
            " where citizen_id = any ($1)",
            [citizen.citizen_id for citizen in self.citizens],
        )

    @asynccontextmanager
    async def locked(self, statement: str, *args: object) -> AsyncIterator[None]:
        """Hold what a statement locks, by a real transaction; ends it by a rollback."""
        connection = await self.connect()
        transaction = connection.transaction()
        try:
            await transaction.start()
            await connection.execute(statement, *args)
            yield
        finally:
            if not connection.is_closed():
                await connection.close()

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection apart from the pool."""
        return await asyncpg.connect(
            self.servers.database_url, server_settings={"application_name": "faults"}
        )

    async def end_sessions(self, share: float) -> None:
        """`pg_terminate_backend` for a share of the workers' sessions."""
        connection = await self.connect()
        try:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'minplan' and random() < $1",
                share,
            )
        finally:
            await connection.close()

    async def waits_for_lock(self, function: str, seconds: float) -> bool:
        """Wait until a worker waits for a lock there; False when none does in time."""
        return await self.within(
            "select exists (select from pg_stat_activity where application_name = 'minplan'"
            " and wait_event_type = 'Lock' and query like '%' || $1 || '(%')",
            function,
            seconds=seconds,
        )

    async def within(self, query: str, *args: object, seconds: float) -> bool:
        """Ask until the answer is true; False when it is not in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not await self.pool.fetchval(query, *args):
            if loop.time() > deadline:
                return False
            await asyncio.sleep(0.005)
        return True

    def begin(self) -> None:
        """A new round: nothing of the last one is remembered."""
        self.citizens.clear()
        self.told.clear()
        self.oracle.forget()
        self.callbacks.sent.clear()
        self.callbacks.arrived.clear()
        self.clock.jumps.clear()
        self.crew.deaths = 0


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Servers, providers and no worker yet."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mp-faults-")))
        clock = MovedClock(folder / "clock", START)
        servers = await stack.enter_async_context(own_servers())
        oracle = Oracle(lambda: clock.now)
        gateway = await stack.enter_async_context(listening_gateway(oracle))
        mail = await stack.enter_async_context(listening_mail(oracle))
        log_file = folder / "workers.log"
        settings = {
            "database_url": servers.database_url,
            "redis_url": servers.redis_url,
            "sms_url": gateway.url,
            "smtp_url": f"smtp://127.0.0.1:{mail.port}",
            "sms_callback_secret": CALLBACK_SECRET,
        }
        crew = Crew(settings, clock.file, log_file)
        stack.push_async_callback(crew.close)
        pool = await asyncpg.create_pool(
            servers.database_url,
            min_size=0,
            max_size=CONNECTIONS,
            init=prepare_connection,
            server_settings={"application_name": "faults", "jit": "off"},
        )
        stack.push_async_callback(pool.close)
        desk = await stack.enter_async_context(_desk(servers.database_url, pool))
        waker = Waker(servers.redis_url)
        stack.push_async_callback(waker.close)
        api = Api(load_settings(**settings, data_dir=folder), clock=clock)
        url = await stack.enter_async_context(running_api(api))
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        secret = CALLBACK_SECRET.encode()
        callbacks = Callbacks(client, url, secret, gateway, lambda: clock.now)
        yield Stage(
            clock=clock,
            pool=pool,
            desk=desk,
            waker=waker,
            servers=servers,
            oracle=oracle,
            gateway=gateway,
            mail=mail,
            crew=crew,
            callbacks=callbacks,
            log_file=log_file,
        )


@asynccontextmanager
async def _desk(database_url: str, pool: Pool) -> AsyncIterator[Desk]:
    """For making citizens; it lays out what they need, once."""
    async with open_desk(database_url):
        pass
    async with open_readers(database_url) as readers:
        yield Desk(pool, readers)
