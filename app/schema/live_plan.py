"""`planUpdated`: the newest version of a plan, each at most once."""

import asyncio
import re
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple
from uuid import UUID

from graphql.execution.values import VariableValues

from app.errors import NotFound, Unauthenticated
from app.schema.context import Context
from app.schema.live import PlanUpdate
from app.schema.live_operation import Event
from app.schema.live_shape import Shape
from app.schema.live_view import View
from app.schema.scalars import id_of
from app.store.documents import CitizenRead, audience_of
from app.store.live_caseload import Office
from app.store.live_look import Look, Watched, look_of, outcome
from app.store.work import ORGANISATION_KIND

_SEEN: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9})", re.ASCII)
"""The id of an event: a plan and its version. A closed plan is followed by one numbered from 1
again, so that a version alone does not say what was seen."""


class _Told(NamedTuple):
    """What a look tells those who saw the same last, and what they have seen then."""

    events: tuple[Event, ...]
    plan: UUID | None
    version: int
    is_first: bool = False


class PlanView(View):
    """One subscriber of a citizen's plan.

    plan, version: what was seen last; the plan is None where the client did not say which, and the
    version before it is known what there is to see.
    """

    kind = "plan"
    __slots__ = ("_citizen_id", "_is_first", "_looking", "_plan", "_version", "shared_look")

    def __init__(
        self,
        context: Context,
        shape: Shape,
        values: VariableValues,
        arguments: dict[str, Any],
    ) -> None:
        super().__init__(context, shape, values)
        self._citizen_id = id_of(arguments["citizenId"], "citizen")
        self._plan: UUID | None = None
        self._version: int | None = arguments.get("afterVersion")
        self._is_first = True
        self.shared_look: Look | None = None
        self._looking: asyncio.Task[_Told] | None = None
        seen = _SEEN.fullmatch(context.last_event_id or "")
        if seen:
            self._plan, self._version = UUID(seen[1]), int(seen[2])

    @property
    def sections(self) -> int:
        return self.shape.sections

    @property
    def office(self) -> Office | None:
        viewer = self.viewer
        if viewer.organisation_code is None:
            return None
        return ORGANISATION_KIND[viewer.role], viewer.organisation_code

    @property
    def begins_now(self) -> bool:
        return self._version is None

    @property
    def wait(self) -> float:
        """What a look that has begun finds is told, and that it failed too."""
        return super().wait if self._looking is None else 0.0

    def begin(self) -> None:
        self.live.listen(self._citizen_id, audience_of(self.viewer.role), self)

    def end(self) -> None:
        self.live.leave(self._citizen_id, audience_of(self.viewer.role), self)

    def ring(self) -> None:
        self.shared_look = None  # it began before this ring
        super().ring()

    def lacks(self, plan_id: UUID | None, newest: object) -> bool:
        return (plan_id, newest) != (self._plan, self._version)

    def news_now(self) -> Sequence[Event] | asyncio.Future[Any]:
        """All who share a look wait for the same task; what goes wrong is left to `news`."""
        found = None if self._asked else self._told_now()
        return super().news_now() if found is None else found

    def _told_now(self) -> Sequence[Event] | asyncio.Future[Any] | None:
        try:
            self._check_login()
        except Unauthenticated:
            return None
        if self._looking is None:
            if self.wait:
                return None
            self.pending, self.reading = False, True
            self._looking = self._begin_look()
        if not self._looking.done():
            return self._looking
        if self._looking.cancelled() or self._looking.exception() is not None:
            return None
        told, self._looking = self._looking.result(), None
        self.reading = False
        self._has_read()
        return self._counted(self._learn(told))

    async def look(self) -> Sequence[Event]:
        looking, self._looking = self._looking or self._begin_look(), None
        return self._learn(await outcome(looking))

    def _begin_look(self) -> "asyncio.Task[_Told]":
        peers: Any = self.live.peers(self._citizen_id, audience_of(self.viewer.role))
        services = self._context.services
        look = look_of(self, peers, self._citizen_id, services.readers, services.clock)
        return look.making(self._ask(), lambda: self._told(look))

    def _learn(self, told: _Told) -> Sequence[Event]:
        self._plan, self._version, self._is_first = told.plan, told.version, told.is_first
        return told.events

    def _ask(self) -> Hashable:
        """Who asks the same of one look is told the same."""
        shape = self.shape
        seen = (self._plan, self._version, self._is_first)
        return id(shape), self._context.language, seen, shape.of_answer(self._values)

    async def _told(self, look: Look) -> _Told:
        watched = await look.read()
        if watched is None:
            raise NotFound("There is no such citizen.")
        read = watched.read
        if read.plan is None or read.plan_id is None:
            return _Told((), self._plan, self._version or 0, self._is_first)
        version: int = read.plan["version"]
        since = self._seen_of(read.plan_id, version)
        if version <= since:
            return _Told((), read.plan_id, since)
        event = Event(await self._payload(look, watched, since), f"{read.plan_id}:{version}")
        return _Told((event,), read.plan_id, version)

    def _seen_of(self, plan_id: UUID, version: int) -> int:
        """The last version that was seen of the plan there is now."""
        seen = self._version
        if seen is None:
            return version
        if self._plan is not None and self._plan != plan_id:
            return 0
        # what the client says it saw is above all there is: that was of a plan before
        return 0 if self._is_first and seen > version else seen

    async def _payload(self, look: Look, watched: Watched, since: int) -> bytes:
        read = watched.read
        assert read.plan is not None
        version: int = read.plan["version"]
        changes = watched.newest
        if since != version - 1:
            changes = await outcome(look.making(since, lambda: self._missed(read, since)))
        update = PlanUpdate(
            version=version,
            changed_elements=sorted(changes["changed_elements"] or ()),
            trigger=changes["trigger"],
            plan=read.plan,  # type: ignore[arg-type]  # a document is a Plan to resolvers
        )
        context = replace(self.fresh_context(), moment=look.moment)
        return await self.shape.executed(update, context, self._values)

    async def _missed(self, read: CitizenRead, since: int) -> Any:
        """What changed in all versions that were not seen."""
        assert read.plan is not None
        audience = audience_of(self.viewer.role)
        return await self._context.services.readers.fetchrow(
            "changed_since", read.plan_id, audience, since, read.plan["version"]
        )
