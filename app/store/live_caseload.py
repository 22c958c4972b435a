"""Live caseloads: which organisation's caseworkers are told that something of a citizen changed.

A wake-up names a citizen. Only while somebody in this process listens to a caseload are woken
citizens gathered, and looked up with one query for all that came meanwhile. Nobody's queue grows
without bound: too many citizens at once become "look at everything".
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.store.db import DATABASE_ERRORS, Pool
from app.store.queries import queries

log = logging.getLogger("minplan.live")

MOST_CITIZENS: Final = 500
"""Citizens that are gathered one by one; with more of them everything is looked at."""

LEFT: Final = "LEFT"
"""The part of a citizen who is no longer the organisation's."""

PARTS: Final = ("PLAN", "CITIZEN", "INBOX", LEFT)
"""What may have changed of a citizen."""

_JOBCENTER, _FUND = "JOBCENTER", "UNEMPLOYMENT_FUND"

_HEARD: Final = {
    "FULL": (_JOBCENTER, "PLAN"),
    "FUND": (_FUND, "PLAN"),
    "FACTS_FULL": (_JOBCENTER, "CITIZEN"),
    "FACTS_FUND": (_FUND, "CITIZEN"),
    "INBOX_JOBCENTER": (_JOBCENTER, "INBOX"),
    "INBOX_UNEMPLOYMENT_FUND": (_FUND, "INBOX"),
}
"""Wake-up -> the kind of organisation that hears of it, and as which part."""

Office = tuple[str, str]
"""Kind and code of an organisation."""


@dataclass(slots=True)
class Gathered:
    """Citizens with the parts that changed, or everything."""

    everything: bool = False
    citizens: dict[UUID, set[str]] = field(default_factory=dict)

    def add(self, citizen_id: UUID, part: str) -> None:
        if self.everything:
            return
        self.citizens.setdefault(citizen_id, set()).add(part)
        if len(self.citizens) > MOST_CITIZENS:
            self.add_everything()

    def add_everything(self) -> None:
        self.everything = True
        self.citizens.clear()

    def __bool__(self) -> bool:
        return self.everything or bool(self.citizens)


class News:
    """What one listener has not heard yet; begins with everything. `ring`: told that there is."""

    __slots__ = ("_gathered", "ring")

    def __init__(self, ring: Callable[[], None]) -> None:
        self._gathered = Gathered(everything=True)
        self.ring = ring

    def add(self, citizen_id: UUID, part: str) -> None:
        self._gathered.add(citizen_id, part)
        self.ring()

    def add_everything(self) -> None:
        self._gathered.add_everything()
        self.ring()

    def __bool__(self) -> bool:
        return bool(self._gathered)

    def take(self, most: int) -> Gathered:
        """The oldest news, of at most so many citizens; they count as heard."""
        taken = Gathered(self._gathered.everything)
        self._gathered.everything = False
        citizens = self._gathered.citizens
        for citizen_id in list(citizens)[:most]:
            taken.citizens[citizen_id] = citizens.pop(citizen_id)
        return taken

    def give_back(self, taken: Gathered) -> None:
        """What was taken and could not be told is news again."""
        if taken.everything:
            self._gathered.add_everything()
        for citizen_id, parts in taken.citizens.items():
            for part in parts:
                self._gathered.add(citizen_id, part)


class Caseloads:
    """The listeners of one process, by organisation."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._listeners: defaultdict[Office, set[News]] = defaultdict(set)
        self._woken = Gathered()
        self._rung = asyncio.Event()

    def add(self, office: Office, news: News) -> None:
        """Gathers an organisation's news from now on."""
        self._listeners[office].add(news)

    def discard(self, office: Office, news: News) -> None:
        """Gathers no longer; may be called twice."""
        self._listeners[office].discard(news)
        if not self._listeners[office]:
            del self._listeners[office]

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def hear(self, citizen_id: UUID, whats: Iterable[str]) -> None:
        """A wake-up of a citizen; costs nothing while nobody listens."""
        if not self._listeners:
            return
        for what in whats:
            if what.startswith(f"{LEFT}:"):
                _, kind, code = what.split(":", 2)
                for news in self._listeners.get((kind, code), ()):
                    news.add(citizen_id, LEFT)
            elif what in _HEARD:
                self._woken.add(citizen_id, what)
                self._rung.set()

    def ring_everything(self) -> None:
        """Whoever listens looks at everything anew: something may have been missed."""
        for listeners in self._listeners.values():
            for news in listeners:
                news.add_everything()

    async def run(self) -> None:
        """Tells the listeners what was woken, until cancelled."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            woken, self._woken = self._woken, Gathered()
            if woken.everything:
                self.ring_everything()
            elif woken and self._listeners:
                await self._tell(woken.citizens)

    async def _tell(self, woken: dict[UUID, set[str]]) -> None:
        try:
            rows = await self._pool.fetch(queries()["offices_of"], list(woken))
        except DATABASE_ERRORS as error:
            log.warning("live caseloads cannot look whose citizens: %s", type(error).__name__)
            self.ring_everything()
            return
        for row in rows:
            for news in self._listeners.get((row["kind"], row["code"]), ()):
                for what in woken[row["citizen_id"]]:
                    kind, part = _HEARD[what]
                    if kind == row["kind"]:
                        news.add(row["citizen_id"], part)


def left(kind: str, code: str) -> str:
    """The wake-up of a citizen who leaves an organisation."""
    return f"{LEFT}:{kind}:{code}"
