"""Live views: who waits for news of whom, woken through Valkey and, without it, by PostgreSQL.

A wake-up carries ids only; whoever is woken reads anew with the own rights. A process listens to
one channel for each citizen it has views of and, while somebody listens to a caseload, to those
that carry everything. Each confirmation of a channel, also after a reconnect, wakes whoever waits
behind it: that closes the gap in which a message may have been lost. `live_sweep.py` finds what
was committed and never announced, and rights that ended with the day.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.store.db import Pool
from app.store.live_caseload import LEFT, Caseloads, News, Office, left
from app.store.live_channels import Channels
from app.store.live_metrics import CHANNELS, CONNECTED
from app.store.publication import Published

log = logging.getLogger("minplan.live")

CHANNEL: Final = "minplan:live:"
ALL: Final = "all:"
EVERYTHING: Final = tuple(f"{CHANNEL}{ALL}{n}" for n in range(16))
"""Together they carry each wake-up once."""
PUBLISH_TIMEOUT = 1.0
"""Seconds a commit's wake-up may take; after that the views find the news by themselves."""
CONFIRM_SECONDS = 1.0
"""How long a new view waits for Valkey to confirm its channel before it reads without."""

KINDS: Final = ("FULL", "FUND", "NOTICE")
"""Which of a citizen's news there are; a wake-up may also say FACTS_ and an audience, INBOX_ and
an authority, or LEFT and an organisation."""


class Listener(Protocol):
    """A view that waits for news of one citizen."""

    @property
    def idle(self) -> bool:
        """Whether it has read what there is, and waits."""

    @property
    def office(self) -> Office | None:
        """The organisation that must reach the citizen; None for the citizen's own view."""

    def ring(self) -> None:
        """There may be news. Cheap: many are rung in one go."""

    def lacks(self, plan_id: UUID | None, newest: object) -> bool:
        """Whether the newest there is (a plan's version, a notice's id) is news to it."""


class Live:
    """The process's hub of live views."""

    def __init__(self, redis: Redis, pool: Pool) -> None:
        self._redis = redis
        # lists: nearly all have one entry, and a set takes three times the room
        self._listeners: dict[tuple[UUID, str], list[Listener]] = {}
        self._unconfirmed: dict[str, list[Callable[[], None]]] = {}
        self.caseloads = Caseloads(pool)
        self._channels = Channels(
            redis, "live views", heard=self._heard, confirmed=self._confirmed, lost=self._lost
        )
        self.connected = self._channels.connected

    def listen(self, citizen_id: UUID, kind: str, listener: Listener) -> None:
        """Rings the listener at each of a citizen's news, and once when none can be missed."""
        self._listeners.setdefault((citizen_id, kind), []).append(listener)
        self._begin([_channel(citizen_id)], listener.ring)

    def leave(self, citizen_id: UUID, kind: str, listener: Listener) -> None:
        """Rings it no longer; may be called twice."""
        listeners = self._listeners.get((citizen_id, kind), [])
        if listener not in listeners:
            return
        listeners.remove(listener)
        if not listeners:
            del self._listeners[citizen_id, kind]
            if not any((citizen_id, other) in self._listeners for other in KINDS):
                self._end([_channel(citizen_id)])

    def listen_to_caseload(self, office: Office, news: News) -> None:
        """Gathers an organisation's news; rings once when none can be missed."""
        self.caseloads.add(office, news)
        self._begin(EVERYTHING, news.ring)

    def leave_caseload(self, office: Office, news: News) -> None:
        """Gathers no longer; may be called twice."""
        self.caseloads.discard(office, news)
        if not self.caseloads:
            self._end(EVERYTHING)

    def peers(self, citizen_id: UUID, kind: str) -> Sequence[Listener]:
        """All who listen to the same news in this process."""
        return self._listeners.get((citizen_id, kind), ())

    def listeners(self, citizen_id: str) -> int:
        """How many live views have read what there is of a citizen, and hear of more."""
        wanted = UUID(citizen_id)
        if not self.hears(wanted):
            return 0
        return sum(listener.idle for kind in KINDS for listener in self.peers(wanted, kind))

    def hears(self, citizen_id: UUID) -> bool:
        """Whether no wake-up of a citizen can be missed, as far as there are any."""
        return not self.connected.is_set() or self._channels.is_confirmed(_channel(citizen_id))

    def citizens(self) -> set[UUID]:
        """Whom this process has views of."""
        return {citizen_id for citizen_id, _ in self._listeners}

    def offices(self) -> set[tuple[UUID, str, str]]:
        """Citizens, each with kind and code of an organisation that views it."""
        return {
            (citizen_id, *listener.office)
            for (citizen_id, _), listeners in self._listeners.items()
            for listener in listeners
            if listener.office
        }

    async def publish(self, published: Published) -> None:
        """Wakes the views of what was committed, in all processes. Never fails."""
        woken = _woken(published)
        if not woken:
            return
        try:
            async with (
                asyncio.timeout(PUBLISH_TIMEOUT),
                self._redis.pipeline(transaction=False) as pipe,
            ):
                for citizen_id, whats in sorted(woken.items()):
                    message = "\n".join(sorted(whats))
                    shard = EVERYTHING[citizen_id.int % len(EVERYTHING)]
                    pipe.execute_command("SPUBLISH", _channel(citizen_id), message)
                    pipe.execute_command("SPUBLISH", shard, f"{citizen_id}\n{message}")
                await pipe.execute()
        except (RedisError, OSError):
            log.warning("Valkey did not take a wake-up; live views find the news by themselves")
            for citizen_id, whats in woken.items():
                self._hear(citizen_id, whats)
                self.caseloads.hear(citizen_id, whats)

    @property
    def loops(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What runs beside as long as the process does."""
        return self._channels.run, self.caseloads.run

    def ring(self, citizen_id: UUID, kind: str) -> None:
        """Rings the views of one of a citizen's news."""
        for listener in tuple(self.peers(citizen_id, kind)):
            listener.ring()

    def _begin(self, channels: Sequence[str], ring: Callable[[], None]) -> None:
        """Rings who is new as soon as the channels are confirmed, or cannot be for now."""
        self._channels.want(*channels)
        CHANNELS.set(len(self._channels))
        if self.connected.is_set() and not all(map(self._channels.is_confirmed, channels)):
            waiting = self._unconfirmed.setdefault(channels[0], [])
            waiting.append(ring)
            if len(waiting) == 1:
                later = asyncio.get_running_loop().call_later
                later(CONFIRM_SECONDS, self._give_up, channels[0])
        else:
            ring()

    def _end(self, channels: Sequence[str]) -> None:
        self._channels.drop(*channels)
        self._unconfirmed.pop(channels[0], None)
        CHANNELS.set(len(self._channels))

    def _give_up(self, channel: str) -> None:
        """Valkey is slow: the views that wait read now, and again when it confirms."""
        for ring in self._unconfirmed.pop(channel, ()):
            ring()

    def _lost(self) -> None:
        CONNECTED.set(0)
        for channel in tuple(self._unconfirmed):
            self._give_up(channel)

    def _confirmed(self, channel: str) -> None:
        """From now on nothing is missed, so whoever waits behind the channel looks."""
        CONNECTED.set(1)
        if channel not in EVERYTHING:
            self._unconfirmed.pop(channel, None)
            citizen_id = UUID(channel.removeprefix(CHANNEL))
            for kind in KINDS:
                self.ring(citizen_id, kind)
        elif all(map(self._channels.is_confirmed, EVERYTHING)):
            self._unconfirmed.pop(EVERYTHING[0], None)
            self.caseloads.ring_everything()

    def _heard(self, channel: str, message: str) -> None:
        name, whats = channel.removeprefix(CHANNEL), message.split("\n")
        if name.startswith(ALL):
            self.caseloads.hear(UUID(whats[0]), whats[1:])
        else:
            self._hear(UUID(name), whats)

    def _hear(self, citizen_id: UUID, whats: Iterable[str]) -> None:
        """Facts outside the plan, and leaving, may end rights: they wake the views of the plan."""
        kinds = {what.removeprefix("FACTS_") for what in whats}
        if any(kind.startswith(f"{LEFT}:") for kind in kinds):
            kinds |= {"FULL", "FUND"}
        for kind in kinds:
            self.ring(citizen_id, kind)


def _channel(citizen_id: UUID) -> str:
    return f"{CHANNEL}{citizen_id}"


def _woken(published: Published) -> dict[UUID, set[str]]:
    """Citizens with the news that each has."""
    woken: defaultdict[UUID, set[str]] = defaultdict(set)
    for version in published.versions:
        woken[version.citizen_id].add(version.audience)
    for citizen_id, audience in published.facts:
        woken[citizen_id].add(f"FACTS_{audience}")
    for citizen_id, _ in published.notices:
        woken[citizen_id].add("NOTICE")
    for citizen_id, authority in published.inboxes:
        woken[citizen_id].add(f"INBOX_{authority}")
    for citizen_id, kind, code in published.left:
        woken[citizen_id].add(left(kind, code))
    return woken
