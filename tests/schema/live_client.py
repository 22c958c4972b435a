"""A transport of the test's own: it pulls a subscription straight from the engine when it likes."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.domain.viewer import Role, Viewer
from app.schema.answer import Answer
from app.schema.live_operation import Event, LiveEnded, LiveOperation
from app.schema.request import Caller, OperationRequest
from app.store.revocations import revoke
from tests.world import FUND, JOBCENTER, World

UPDATES = (
    "subscription Follow($id: ID!, $after: Int) {"
    " planUpdated(citizenId: $id, afterVersion: $after) { version changedElements trigger"
    " plan { version latestAgreement(authority: JOBCENTER) { agreementText } } } }"
)
NOTICES = (
    "subscription($after: ID) { notificationAdded(after: $after) { id event deliveries {"
    " history { status } } } }"
)


def staff(role: Role = Role.JOBCENTER, subject: str = "s1", organisation: str = "") -> Viewer:
    """A professional whose token holds for an hour."""
    own = FUND if role is Role.FUND else JOBCENTER
    expires_at = int(time.time()) + 3600
    return Viewer(role, subject, f"Ida {subject}", organisation or own, None, expires_at)


def citizen_viewer(citizen: str) -> Viewer:
    return Viewer(Role.CITIZEN, "b1", "Anna", None, UUID(citizen), int(time.time()) + 3600)


async def revoke_login(world: World, viewer: Viewer) -> None:
    """Returns when the process knows that the viewer's login is accepted no longer."""
    redis, revocations = world.api.redis, world.api.revocations
    assert redis is not None and revocations is not None
    admin = await asyncpg.connect(world.settings.database_url)
    await revoke(admin, redis, viewer.subject, until=None, reason="STOLEN_DEVICE")
    await admin.close()
    async with asyncio.timeout(10):
        while not revocations.is_revoked(viewer):
            await asyncio.sleep(0.002)


@asynccontextmanager
async def locked(world: World, table: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Reads of a table wait until the block ends; what it gives waits until one does."""
    holder = await asyncpg.connect(world.settings.database_url)
    lock = holder.transaction()
    await lock.start()

    async def waited_for() -> None:
        assert world.api.pool is not None
        async with asyncio.timeout(10):
            while not await world.api.pool.fetchval(
                # other databases' tables have the same numbers: all are copies of one
                "select count(*) from pg_locks where not granted and relation = $1::regclass"
                " and database = (select oid from pg_database where datname = current_database())",
                table,
            ):
                await asyncio.sleep(0.005)

    try:
        await holder.execute(f"lock table {table}")
        yield waited_for
    finally:
        await lock.rollback()
        await holder.close()


class Client:
    """One subscriber; `last` is the id of the last event it got.

    listens: whether what is committed from now on rings it.
    """

    def __init__(self, live: LiveOperation, listens: Callable[[], bool]) -> None:
        self.live = live
        self.listens = listens
        self.rung = asyncio.Event()
        self.last: str | None = None
        live.open(self.rung.set)

    async def pull(self) -> list[dict[str, Any]]:
        """The events there are now; waits for nothing."""
        return [orjson.loads(event.payload) for event in await self.take()]

    async def take(self) -> list[Event]:
        self.rung.clear()
        events = [*await self.live.news()]
        for event in events:
            self.last = event.id
        return events

    async def next(self, seconds: float = 10) -> list[dict[str, Any]]:
        """The next events; waits for rings until there are some."""
        async with asyncio.timeout(seconds):
            while True:
                await self.rung.wait()
                if events := await self.pull():
                    return events

    async def settled(self) -> None:
        """Has read what there is, also after its channel was there."""
        async with asyncio.timeout(10):
            await self.rung.wait()
            while self.rung.is_set() or not self.listens():
                await (self.pull() if self.rung.is_set() else asyncio.sleep(0.002))

    async def end(self, seconds: float = 10) -> str:
        """The code with which the subscription ends."""
        try:
            await self.next(seconds)
        except LiveEnded as ended:
            code: str = ended.errors[0].formatted["extensions"]["code"]
            return code
        raise AssertionError("it goes on")

    def versions(self, events: list[dict[str, Any]]) -> list[int]:
        return [event["data"]["planUpdated"]["version"] for event in events]


async def begun(
    world: World,
    viewer: Viewer,
    query: str = UPDATES,
    last_event_id: str | None = None,
    **variables: Any,
) -> LiveOperation | Answer:
    """A subscription as the engine makes it."""
    assert world.api.sockets is not None
    engine = world.api.sockets.engine
    caller = Caller(viewer, last_event_id=last_event_id)
    operation = await engine.prepare(OperationRequest(query, variables=variables), caller)
    return operation if isinstance(operation, Answer) else await engine.subscribe(operation)


class Clients:
    """Subscribers that leave together."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.all: list[Client] = []

    async def follow(
        self,
        viewer: Viewer,
        query: str = UPDATES,
        last_event_id: str | None = None,
        **variables: Any,
    ) -> Client:
        live = await begun(self.world, viewer, query, last_event_id, **variables)
        assert not isinstance(live, Answer), live.errors
        hub, citizen = self.world.api.live, variables.get("id", viewer.citizen_id)
        assert hub is not None
        self.all.append(Client(live, lambda: citizen is None or hub.hears(UUID(str(citizen)))))
        return self.all[-1]

    def leave(self, client: Client) -> None:
        client.live.close()
        self.all.remove(client)


@contextmanager
def clients(world: World) -> Iterator[Clients]:
    found = Clients(world)
    try:
        yield found
    finally:
        for client in found.all:
            client.live.close()
