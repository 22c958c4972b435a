"""One round: citizens, changes and faults drawn by a seed, then healing, quiet, and the check."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

import asyncpg

from app.domain.notice import NoticeEvent
from app.rules.notice import next_send_time
from app.store.work import COPENHAGEN

from .clock import is_open
from .ledger import Check
from .office import CHANNELS, PATIENCE, Citizen
from .stage import STILL_SECONDS, Stage
from .tally import Fault as Wrong, Tally

QUIET_SECONDS: Final = 60.0
"""Longest time until everything has come to its end, in real seconds."""
SOON_SECONDS: Final = 3.0
"""How long a fault waits for the workers, in real seconds, until it has missed them."""
GLANCE_SECONDS: Final = 0.3
NUDGE: Final = timedelta(seconds=11)
"""Longer than the slowest sweep."""
FORGIVEN: Final = timedelta(minutes=11)
"""After that every provider is asked again."""
LATEST_HOUR: Final = 19
"""When no round begins any more that day."""
_WAITING: Final = """
select d.delivery_id, d.status, d.claim, d.contact_code_id is not null as is_code,
    case d.status when 'CLAIMED' then d.claimed_until else d.due_at end as look_at
from delivery d
where d.citizen_id = any ($1)
  and (d.status in ('PENDING', 'RETRYING', 'CLAIMED') or d.settled_at is null)
order by d.delivery_id"""


@dataclass
class Play:
    """A round as its faults see it.

    losses: workers and servers taken away. denied: deliveries of which the gateway said that they
    did not arrive. wrongs: what was seen besides that must not be.
    """

    stage: Stage
    rng: Random
    losses: int = 0
    denied: set[UUID] = field(default_factory=set)
    wrongs: list[str] = field(default_factory=list)

    def anyone(self, channel: str = "") -> Citizen:
        """A citizen of the round; with a channel: one who has an address there, if any."""
        fit = [one for one in self.stage.citizens if not channel or one.ever(channel)]
        return self.rng.choice(fit or self.stage.citizens)

    async def by_day(self) -> None:
        """Where a fault before this one has left the night: until the morning."""
        if not is_open(self.stage.clock.now):
            await self.stage.turn_to(next_send_time(self.stage.clock.now))

    async def until(self, condition: Callable[[], object]) -> bool:
        """Wait for the workers to do something; sweeps come round meanwhile. False: they do not."""
        deadline = time.monotonic() + SOON_SECONDS
        while not await self.stage.oracle.until(condition, GLANCE_SECONDS):
            if time.monotonic() > deadline:
                return False
            await self._nudge()
        return True

    async def blocked(self, function: str) -> bool:
        """As `until`, for a worker that waits for a lock in a function of the ledger."""
        deadline = time.monotonic() + SOON_SECONDS
        while not await self.stage.waits_for_lock(function, GLANCE_SECONDS):
            if time.monotonic() > deadline:
                return False
            await self._nudge()
        return True

    async def _nudge(self) -> None:
        """A sweep comes round; somebody must be there for it."""
        if not self.stage.crew.starting:
            await self.stage.crew.man(max(1, len(self.stage.crew.workers)), thaw=False)
            self.stage.clock.turn(NUDGE)

    async def forgive(self) -> None:
        """No worker avoids a provider any more; not if it is late already."""
        now = self.stage.clock.now
        if is_open(now + FORGIVEN):
            await self.stage.turn(FORGIVEN)

    async def newcomer(self, channel: str) -> None:
        """A change for somebody new: no message that waits for another try takes it in."""
        citizen = await self.stage.citizen(channel)
        await self.stage.change(citizen, self.rng.choice(EVENTS))

    async def change(self, times: int = 1, *, channel: str = "") -> None:
        for _ in range(times):
            event = self.rng.choice(EVENTS)
            # now and then the process that wakes the workers dies before it does
            wake = self.rng.random() < 0.9
            await self.stage.change(self.anyone(channel), event, wake=wake)


EVENTS: Final = (NoticeEvent.PLAN_CHANGED, NoticeEvent.MEETING_NEW, NoticeEvent.MEETING_CHANGED)
"""They have different words, and nothing overtakes them: they are about no one meeting."""
Fault = Callable[[Play], Awaitable[bool]]
"""Does harm; whether it came to pass."""


@dataclass
class Result:
    """What a round came to, and how it can be played again."""

    seed: str
    faults: Sequence[str]
    played: Counter[str]
    tally: Tally
    seconds: float


async def play_round(stage: Stage, seed: str, faults: Sequence[tuple[str, Fault]]) -> Result:
    """One round with these faults, one after another, while changes go on."""
    started = time.monotonic()
    rng = Random(seed)
    play = Play(stage, rng)
    stage.begin()
    await new_day(stage)
    await stage.crew.man(rng.randint(1, 4))
    await stage.citizen(*CHANNELS)
    for _ in range(rng.randint(0, 4)):
        await stage.citizen(*rng.choice((("SMS",), ("EMAIL",), CHANNELS)))
    played: Counter[str] = Counter()
    noise = asyncio.create_task(_noise(Play(stage, Random(f"{seed} noise"))))
    try:
        for name, fault in faults:
            await play.by_day()
            if await fault(play):
                played[name] += 1
    finally:
        await noise
    await heal(play)
    quiet = await until_quiet(stage)
    tally = await Check(stage, play.losses, frozenset(play.denied)).run()
    tally.faults += [Wrong("untrue", what) for what in play.wrongs]
    tally.states["not quiet"] += not quiet
    await stage.retire()
    names = [name for name, _ in faults]
    return Result(seed, names, played, tally, time.monotonic() - started)


async def heal(play: Play) -> None:
    """Everything works again."""
    stage = play.stage
    stage.healthy()
    await stage.servers_up()
    await stage.crew.man(max(1, len(stage.crew.workers)))
    await stage.crew.see_off()
    async with asyncio.timeout(PATIENCE):
        while not await stage.callbacks.repeat():
            await asyncio.sleep(0.02)


async def until_quiet(stage: Stage) -> bool:
    """Move the clock on until every message of the round has come to its end."""
    deadline = time.monotonic() + QUIET_SECONDS
    ids = [citizen.citizen_id for citizen in stage.citizens]
    seen: list[tuple[object, ...]] = []
    since, nudge = time.monotonic(), NUDGE
    while time.monotonic() < deadline:
        rows = await stage.pool.fetch(_WAITING, ids)
        now = [tuple(row) for row in rows]
        # whoever holds a message may be about to settle it
        patience = STILL_SECONDS * (4 if any(row["status"] == "CLAIMED" for row in rows) else 1)
        if now != seen:
            seen, since, nudge = now, time.monotonic(), NUDGE
        elif stage.oracle.under_way or stage.crew.starting:
            since = time.monotonic()
        elif time.monotonic() - since > patience:
            if not rows:
                return True
            _pass_time(stage, rows, nudge)
            await stage.crew.man(max(1, len(stage.crew.workers)))
            since, nudge = time.monotonic(), min(2 * nudge, FORGIVEN)
        await asyncio.sleep(0.005)
    return False


def _pass_time(stage: Stage, rows: Sequence[asyncpg.Record], nudge: timedelta) -> None:
    """To when the next message is looked at; if that is past, so far that a sweep comes round."""
    ahead = min(_next_look(row, stage.clock.now) for row in rows) - stage.clock.now
    stage.clock.turn(ahead + timedelta(milliseconds=1) if ahead > timedelta() else nudge)


def _next_look(row: asyncpg.Record, now: datetime) -> datetime:
    """When something can become of a message: what is to be sent waits for the morning."""
    waits = row["status"] in ("PENDING", "RETRYING") and not row["is_code"]
    look_at: datetime = row["look_at"]
    return next_send_time(max(look_at, now)) if waits else look_at


async def _noise(play: Play) -> None:
    """Changes while things go wrong."""
    for _ in range(play.rng.randint(1, 6)):
        await asyncio.sleep(play.rng.random() * 0.03)
        await play.change()


async def new_day(stage: Stage) -> None:
    """In working hours, and at least so much later that no worker still avoids a provider."""
    await stage.calm()
    stage.clock.turn(FORGIVEN)
    hour = stage.clock.now.astimezone(COPENHAGEN).hour
    if not 9 <= hour < LATEST_HOUR:
        stage.clock.turn_to(stage.clock.morning_after(0 if hour < 9 else 1))
