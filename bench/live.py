"""Live views, ours and a stock handler's: what an idle one takes, what a delivery costs, how soon
an event arrives, and what it takes when all come back at once."""

import asyncio
import gc
import random
import resource
import time
from collections.abc import Coroutine, Sequence
from statistics import quantiles
from typing import Any, Final
from uuid import UUID

import psutil

from app.dev.embedded import Servers
from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from app.settings import load_settings
from bench import database
from bench.client import BadAnswer
from bench.live_events import Event, Followed, Writer, open_writer
from bench.live_figures import Deliveries, Flow, Idle, LiveFigures, Storm
from bench.servers import DATA, Server, running, used_by
from bench.socket_client import Crowd, Follow

NAME: Final = "bench_live"
EVENTS_PER_SECOND: Final = 100
SHARERS: Final = 1000
"""Subscribers of one citizen."""
_SHARED_EVENTS: Final = 10
_AT_ONCE: Final = 50
"""Sockets under way while the crowd gathers."""
_MORE_FILES: Final = 500
_GLANCE: Final = 0.5
_IDLE_SHARE: Final = 0.04
"""Of a core: what a server may take that counts as idle; pings need some."""
_PATIENCE: Final = 300.0
_STATISTICS_SECONDS: Final = 11.0
"""After so long PostgreSQL's idle backends have told what they did."""

UPDATED: Final = """
subscription Updated($id: ID!, $after: Int) {
  planUpdated(citizenId: $id, afterVersion: $after) {
    version
    plan { type latestAgreement(authority: JOBCENTER) { heldOn caseworker agreementText } }
  }
}
"""
ANNOUNCED: Final = "subscription Announced($id: ID!) { versionAnnounced(citizenId: $id) }"


async def measure_subscribers(
    servers: Servers, subscribers: int, seconds: float
) -> list[LiveFigures]:
    """On a database of its own; seconds: how long events flow."""
    _allow_files(subscribers + _MORE_FILES)
    url = servers.database_url_for(NAME)
    settings = load_settings(data_dir=DATA, database_url=url, redis_url=servers.redis_url)
    # some have no plan yet
    await database.prepare(servers, settings, subscribers * 6 // 5 + 100, name=NAME)
    issuer = DevelopmentIssuer(settings)
    async with open_writer(url, servers.redis_url) as writer:
        followed = await writer.followed(subscribers)
        tokens = [
            issuer.issue(Role.CITIZEN, citizen_id=one.citizen_id, minutes=600) for one in followed
        ]
        figures = []
        with running(settings, "ours", "plain") as started:
            for server in started:
                scene = Scene(server, writer, followed, tokens)
                figures.append(await scene.measure(seconds))
    return figures


def _allow_files(wanted: int) -> None:
    """Raises this process's limit of open files, and so that of its servers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if most < wanted:
        raise BadAnswer(f"{wanted} open files are needed; the hard limit (ulimit -Hn) is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _deliveries(
    subscribers: int,
    events: int,
    deliveries: int,
    spent: tuple[float, float],
    transactions: float | None = None,
) -> Deliveries:
    """spent: CPU seconds of server and PostgreSQL for all deliveries."""
    server, of_database = (one * 1000 / deliveries for one in spent)
    per_second = 1000 / server
    return Deliveries(subscribers, events, per_second, server, of_database, transactions)


class Scene:
    """One server with its crowd, from the first connection to the last event."""

    def __init__(
        self, server: Server, writer: Writer, followed: Sequence[Followed], tokens: Sequence[str]
    ) -> None:
        self._server = server
        self._writer = writer
        self._followed = followed
        self._tokens = tokens
        self._process = psutil.Process(server.pid).children()[0]

    async def measure(self, seconds: float) -> LiveFigures:
        await self._warm_up()
        memory = await self._memory()
        crowd = Crowd(self._server.port)
        set_up = await self._cpu_of(self._join(crowd))
        idle = await self._memory()
        self._say("events flow")
        flow = await self._flow(crowd, seconds)
        self._say("everybody gets an event")
        each = await self._each(crowd)
        after = await self._memory()
        self._say("all come back")
        storm = await self._storm(crowd)
        crowd.leave()
        self._say("one event for many")
        shared = await self._shared(UPDATED)
        handler = await self._shared(ANNOUNCED) if self._server.name == "plain" else None
        number = len(self._followed)
        return LiveFigures(
            self._server.name,
            number,
            Idle(
                (idle - memory) / number / 1000,
                (after - memory) / number / 1000,
                *(one * 1000 / number for one in set_up),
            ),
            *(flow, each, storm, shared, handler),
        )

    # --- the scenes

    async def _warm_up(self) -> None:
        """What a process does once is no part of what a connection costs."""
        self._say("connections")
        crowd = Crowd(self._server.port)
        first = self._followed[:20]
        await crowd.join(self._follows(UPDATED, first), at_once=len(first))
        await self._settled()
        await self._tell(crowd, await self._writer.commit(first), len(first))
        crowd.leave()
        await self._settled()

    async def _join(self, crowd: Crowd) -> None:
        await crowd.join(self._follows(UPDATED, self._followed), at_once=_AT_ONCE)
        # the collector would walk through all these clients, and its time would be told as ours
        gc.collect()
        gc.freeze()
        await self._settled()

    async def _flow(self, crowd: Crowd, seconds: float) -> Flow:
        """Random citizens get an event each, at a steady rate."""
        events = max(round(EVENTS_PER_SECOND * seconds), 10)
        chosen = random.Random(events).choices(self._followed, k=events)
        sent: dict[tuple[UUID, int], float] = {}

        async def tell(one: Followed) -> None:
            event = await self._writer.commit([one])
            for version in event.published.versions:
                if version.audience == "FULL":
                    sent[one.citizen_id, version.number] = event.committed_at
            await self._writer.announce(event, self._server.name)

        crowd.expect(0)
        before = await self._server.cpu()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for i, one in enumerate(chosen):
                await asyncio.sleep(max(0.0, began + i / EVENTS_PER_SECOND - time.perf_counter()))
                group.create_task(tell(one))
        took = time.perf_counter() - began
        await self._settled()
        cpu, _ = (await self._server.cpu()).since(before)
        heard = {(one.citizen, one.event["version"]): one.at for one in crowd.arrivals}
        newest = dict(sorted(sent))
        if any((citizen, version) not in heard for citizen, version in newest.items()):
            raise BadAnswer("the newest version of a citizen has not arrived")
        # of two versions in quick succession a subscriber may get the newer one only
        waits = [heard[key] - at for key, at in sent.items() if key in heard]
        centiles = quantiles(waits, n=100)
        return Flow(
            len(waits), events / took, centiles[49] * 1000, centiles[98] * 1000, cpu * 1000 / events
        )

    async def _each(self, crowd: Crowd) -> Deliveries:
        number = len(self._followed)
        event = await self._writer.commit(self._followed)
        spent = await self._cpu_of(self._tell(crowd, event, number))
        return _deliveries(number, number, number, spent)

    async def _storm(self, crowd: Crowd) -> Storm:
        """Each comes back with the version before its newest."""
        seen = {one.citizen: one.event["version"] for one in crowd.arrivals}
        crowd.leave()
        await self._settled()
        follows = self._follows(UPDATED, self._followed, seen)
        before, began = await self._server.cpu(), time.perf_counter()
        arrived = crowd.expect(len(follows))
        await crowd.join(follows, at_once=len(follows))
        await arrived
        took = time.perf_counter() - began
        return Storm(took, *(await self._server.cpu()).since(before))

    async def _shared(self, query: str) -> Deliveries:
        """One citizen is followed by many."""
        one, number = self._followed[0], min(SHARERS, len(self._followed))
        crowd = Crowd(self._server.port)
        follow = Follow(one.citizen_id, self._tokens[0], query)
        await crowd.join([follow] * number, at_once=_AT_ONCE)
        await self._settled()
        before = await self._transactions()
        spent = await self._cpu_of(self._told_often(crowd, one, number))
        transactions = await self._transactions() - before
        crowd.leave()
        await self._settled()
        # but for the writer's own
        reading = transactions / _SHARED_EVENTS - 1
        return _deliveries(number, _SHARED_EVENTS, number * _SHARED_EVENTS, spent, reading)

    async def _told_often(self, crowd: Crowd, one: Followed, number: int) -> None:
        for _ in range(_SHARED_EVENTS):
            await self._tell(crowd, await self._writer.commit([one]), number)

    # --- what is asked for and counted

    def _follows(
        self, query: str, followed: Sequence[Followed], seen: dict[UUID, int] | None = None
    ) -> list[Follow]:
        return [
            Follow(
                one.citizen_id,
                token,
                query,
                {} if seen is None else {"after": seen[one.citizen_id] - 1},
            )
            for one, token in zip(followed, self._tokens, strict=False)
        ]

    async def _tell(self, crowd: Crowd, event: Event, deliveries: int) -> None:
        """Announces what is committed; returns when so many clients have it."""
        arrived = crowd.expect(deliveries)
        await self._writer.announce(event, self._server.name)
        async with asyncio.timeout(_PATIENCE):
            await arrived

    async def _cpu_of(self, doing: Coroutine[Any, Any, None]) -> tuple[float, float]:
        before = await self._server.cpu()
        await doing
        return (await self._server.cpu()).since(before)

    async def _memory(self) -> float:
        """Bytes of the process, shared pages in part."""
        await self._settled()
        return float(self._process.memory_full_info().pss)

    async def _transactions(self) -> int:
        await asyncio.sleep(_STATISTICS_SECONDS)
        async with database.connected(self._server.database_url) as connection:
            return int(
                await connection.fetchval(
                    "select xact_commit from pg_stat_database where datname = $1", NAME
                )
            )

    async def _settled(self) -> None:
        """Until the server has nothing more to do."""
        async with asyncio.timeout(_PATIENCE):
            used = used_by(self._process)
            while True:
                await asyncio.sleep(_GLANCE)
                now = used_by(self._process)
                if now - used <= _GLANCE * _IDLE_SHARE:
                    return
                used = now

    def _say(self, what: str) -> None:
        print(f"live, {self._server.name}: {what} ...", flush=True)
