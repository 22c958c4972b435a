"""One read of a citizen for all live views that look with the same eyes.

Those who were rung before a read began share it, and share what is made of it; who is rung later
needs another. So 1,000 views of one citizen cost one read, and each sees what rang it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from app.domain.viewer import Role, Viewer
from app.store.documents import CitizenRead, Moment, citizen_read
from app.store.live_metrics import READS
from app.store.readers import Readers

FRESH_SECONDS: Final = 2.0
"""How old a read may be when it is shared: who was slow to ask for it reads anew."""
ELEMENTS: Final = ("live",)
"""What the access log says was read."""

T = TypeVar("T")
Make = Callable[[], Coroutine[Any, Any, T]]


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
    """A read under way or done, and what was made of it."""

    __slots__ = ("_began", "_made", "_read", "moment")

    def __init__(self, moment: Moment, read: Coroutine[Any, Any, CitizenRead | None]) -> None:
        self.moment = moment
        self._began = asyncio.get_running_loop().time()
        self._made: dict[Hashable, asyncio.Task[Any]] = {}
        self._read = _shared(read)

    @property
    def is_fresh(self) -> bool:
        return asyncio.get_running_loop().time() - self._began < FRESH_SECONDS

    async def read(self) -> CitizenRead | None:
        """The citizen; None when these eyes may not see one."""
        return await _outcome(self._read)

    async def made(self, key: Hashable, make: Make[T]) -> T:
        """What `make` makes of the read, once for each key."""
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = _shared(make())
        found: T = await _outcome(task)
        return found


def look_of(
    watcher: Watcher,
    peers: Sequence[Watcher],
    citizen_id: UUID,
    readers: Readers,
    clock: Callable[[], Moment],
) -> Look:
    """The look that answers what rang the watcher; a new one is for all peers who wait for one."""
    look, watcher.shared_look = watcher.shared_look, None
    if look is not None and look.is_fresh:
        return look
    eyes = _eyes(watcher.viewer)
    waiting = [peer for peer in peers if peer.pending and _eyes(peer.viewer) == eyes]
    waiting = [
        peer for peer in waiting if peer.shared_look is None or not peer.shared_look.is_fresh
    ]
    moment = clock()
    look = Look(moment, _read(readers, citizen_id, moment, [watcher, *waiting]))
    for peer in waiting:
        peer.shared_look = look
    return look


async def _read(
    readers: Readers, citizen_id: UUID, moment: Moment, watchers: Sequence[Watcher]
) -> CitizenRead | None:
    """One statement: scope, document, and the access log's row for each professional (R149)."""
    READS.inc()
    viewer = watchers[0].viewer
    sections = 0
    for watcher in watchers:
        sections |= watcher.sections
    log = zip(*{(w.viewer.subject, w.viewer.name, w.operation) for w in watchers}, strict=True)
    logged = (*(list(column) for column in log), ELEMENTS)
    office = (citizen_id, viewer.organisation_code, moment.now, *logged)
    match viewer.role:
        case Role.CITIZEN:
            row = await readers.fetchrow(
                "read_plan_as_citizen", citizen_id, viewer.citizen_id, sections
            )
        case Role.JOBCENTER:
            row = await readers.fetchrow("watch_plan_as_jobcenter", *office, sections)
        case Role.FUND:
            row = await readers.fetchrow("watch_plan_as_fund", *office, moment.today, sections)
        case _:
            row = None
    return citizen_read(row, moment, viewer) if row else None


def _eyes(viewer: Viewer) -> tuple[Hashable, ...]:
    """Viewers with the same eyes may see the same."""
    return viewer.role, viewer.organisation_code, viewer.citizen_id


def _shared(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Goes on when one of those who wait for it leaves; its failure is theirs alone."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def _outcome(task: asyncio.Task[T]) -> T:
    return task.result() if task.done() else await asyncio.shield(task)
