"""One read of a citizen for all live views that look with the same eyes.

Those who were rung before a read began share it, and share what is made of it; who is rung later
needs another. So 1,000 views of one citizen cost one read, and each sees what rang it. The access
log names who asked, and not who was rung and does not ask: a professional who asks after the read
has begun shares it only where it is noted already, and else looks anew.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from app.domain.viewer import Role, Viewer
from app.store.documents import CitizenRead, Moment, citizen_read
from app.store.live_metrics import READS
from app.store.readers import Readers

FRESH_SECONDS: Final = 2.0
"""How old a read may be when it is shared: who was slow to ask for it reads anew."""
NOTED: Final = (Role.JOBCENTER, Role.FUND)
"""Whose looks at a citizen are noted."""
ELEMENTS: Final = ("live",)
"""What the access log says was read."""

Row = tuple[str, str, str]
"""Of the access log: a professional's subject and name, and the operation."""

T = TypeVar("T")
Make = Callable[[], Coroutine[Any, Any, T]]


@dataclass(frozen=True, slots=True)
class Watched:
    """A read. newest: trigger and changed_elements of the version that it shows."""

    read: CitizenRead
    newest: Mapping[str, Any]


Read = Callable[[Moment, Iterable[Row]], Coroutine[Any, Any, Watched | None]]
"""Reads as of a moment, and notes the rows."""


class Watcher(Protocol):
    """A view of one citizen. pending: it was rung and has not asked yet.

    shared_look: a look that another one began, and that answers its ring.
    """

    pending: bool
    shared_look: "Look | None"

    @property
    def viewer(self) -> Viewer: ...

    @property
    def operation(self) -> str: ...

    @property
    def sections(self) -> int: ...


class Look:
    """A read under way or done, and what was made of it. rows: of those who asked for it.

    What asks in one go is noted together, because the read begins when all of it has asked.
    moment: at which it began, known once it is read; a turn may come when another day has begun.
    """

    __slots__ = ("_began", "_has_begun", "_made", "_read", "_rows", "moment")

    def __init__(
        self,
        clock: Callable[[], Moment],
        turn: asyncio.Semaphore,
        read: Read,
    ) -> None:
        self._began = time.monotonic()
        self._has_begun = False
        self._rows: dict[Row, None] = {}
        self._made: dict[Hashable, asyncio.Task[Any]] = {}
        self._read = shared(self._begin(clock, turn, read))

    async def _begin(
        self, clock: Callable[[], Moment], turn: asyncio.Semaphore, read: Read
    ) -> Watched | None:
        async with turn:
            self._has_begun = True
            self.moment = clock()
            return await read(self.moment, self._rows)

    def serves(self, watcher: Watcher) -> bool:
        """Whether it answers a watcher it was offered to; not so late that nobody would note it."""
        if time.monotonic() - self._began >= FRESH_SECONDS:
            return False
        is_noted = watcher.viewer.role not in NOTED or _row(watcher) in self._rows
        return is_noted or not self._has_begun

    def note(self, watcher: Watcher) -> None:
        """The watcher is shown what is read."""
        self._rows[_row(watcher)] = None

    async def read(self) -> Watched | None:
        """The citizen; None when these eyes may not see one."""
        return await outcome(self._read)

    def making(self, key: Hashable, make: Make[T]) -> "asyncio.Task[T]":
        """What `make` makes of the read, once for each key; for `outcome`."""
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = shared(make())
        return task


def look_of(
    watcher: Watcher,
    peers: Sequence[Watcher],
    citizen_id: UUID,
    readers: Readers,
    clock: Callable[[], Moment],
) -> Look:
    """The look that answers what rang the watcher; a new one is offered to all peers who wait."""
    look, watcher.shared_look = watcher.shared_look, None
    if look is None or not look.serves(watcher):
        eyes = _eyes(watcher.viewer)
        waiting = [
            peer
            for peer in peers
            if peer.pending
            and _eyes(peer.viewer) == eyes
            and (peer.shared_look is None or not peer.shared_look.serves(peer))
        ]
        look = _new_look([watcher, *waiting], citizen_id, readers, clock)
        for peer in waiting:
            peer.shared_look = look
    look.note(watcher)
    return look


def _new_look(
    watchers: Sequence[Watcher],
    citizen_id: UUID,
    readers: Readers,
    clock: Callable[[], Moment],
) -> Look:
    sections = 0
    for watcher in watchers:
        sections |= watcher.sections
    viewer = watchers[0].viewer
    return Look(
        clock,
        readers.beginning,
        lambda moment, rows: _read(readers, citizen_id, moment, viewer, sections, rows),
    )


async def _read(
    readers: Readers,
    citizen_id: UUID,
    moment: Moment,
    viewer: Viewer,
    sections: int,
    rows: Iterable[Row],
) -> Watched | None:
    """One statement: scope, document, and the access log's row for each professional (R149)."""
    READS.inc()
    logged = (*(list(column) for column in zip(*rows, strict=True)), ELEMENTS)
    office = (citizen_id, viewer.organisation_code, moment.now, *logged)
    match viewer.role:
        case Role.CITIZEN:
            row = await readers.fetchrow(
                "watch_plan_as_citizen", citizen_id, viewer.citizen_id, sections
            )
        case Role.JOBCENTER:
            row = await readers.fetchrow("watch_plan_as_jobcenter", *office, sections)
        case Role.FUND:
            row = await readers.fetchrow("watch_plan_as_fund", *office, moment.today, sections)
        case _:
            row = None
    if row is None:
        return None
    read = citizen_read(row, moment, viewer)
    return Watched(read, {key: row[key] for key in ("trigger", "changed_elements")})


def _row(watcher: Watcher) -> Row:
    return watcher.viewer.subject, watcher.viewer.name, watcher.operation


def _eyes(viewer: Viewer) -> tuple[Hashable, ...]:
    """Viewers with the same eyes may see the same."""
    return viewer.role, viewer.organisation_code, viewer.citizen_id


def shared(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Goes on when one of those who wait for it leaves; its failure is theirs alone."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def outcome(task: asyncio.Task[T]) -> T:
    """Of a task that several wait for."""
    return task.result() if task.done() else await asyncio.shield(task)
