"""`notificationAdded`: each notice once, oldest first."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from graphql.execution.values import VariableValues

from app.schema.context import Context
from app.schema.live_operation import Event
from app.schema.live_shape import Shape
from app.schema.live_view import View
from app.schema.notification import HISTORY, notifications_of
from app.schema.scalars import id_of
from app.store.live_caseload import Office

NOTICES_AT_ONCE: Final = 50
"""How many missed notices are read in one go."""


class NoticeView(View):
    """One subscriber of a citizen's notices. last: the newest one seen; None: none there was."""

    kind = "notice"
    __slots__ = ("_begun", "_last")

    def __init__(
        self,
        context: Context,
        shape: Shape,
        values: VariableValues,
        arguments: dict[str, Any],
    ) -> None:
        super().__init__(context, shape, values)
        after = arguments.get("after")
        self._last = _uuid(context.last_event_id) or (
            id_of(after, "notification") if after else None
        )
        self._begun = self._last is not None

    @property
    def citizen_id(self) -> UUID:
        assert self.viewer.citizen_id is not None
        return self.viewer.citizen_id

    @property
    def office(self) -> Office | None:
        return None

    @property
    def begins_now(self) -> bool:
        return not self._begun

    def begin(self) -> None:
        self.live.listen(self.citizen_id, "NOTICE", self)

    def end(self) -> None:
        self.live.leave(self.citizen_id, "NOTICE", self)

    def lacks(self, plan_id: UUID | None, newest: object) -> bool:
        return newest != self._last

    async def look(self) -> Sequence[Event]:
        readers = self._context.services.readers
        if not self._begun:
            self._last = await readers.fetchval("newest_notice", self.citizen_id)
            self._begun = True
            return ()
        rows = await readers.fetch(
            "list_notices_after", self.citizen_id, self._last, NOTICES_AT_ONCE
        )
        notices = await notifications_of(readers, rows, history=self.shape.selects(*HISTORY))
        events = [Event(await self.executed(n), str(n["id"])) for n in notices]
        if rows:
            self._last = rows[-1]["id"]
        if len(rows) == NOTICES_AT_ONCE:
            self.ring()  # there may be more
        return events


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
