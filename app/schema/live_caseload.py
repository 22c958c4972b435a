"""`caseloadChanged`: whom of an organisation's citizens to look at anew."""

from collections.abc import Sequence

from graphql.execution.values import VariableValues

from app.schema.caseload_change import CITIZENS_AT_ONCE, changes
from app.schema.context import Context
from app.schema.live_operation import Event
from app.schema.live_shape import Shape
from app.schema.live_view import View
from app.store.live_caseload import News, Office
from app.store.work import ORGANISATION_KIND


class CaseloadView(View):
    """One subscriber of an organisation's caseload; the first event says: look at everything."""

    kind = "caseload"
    __slots__ = ("_heard",)

    def __init__(self, context: Context, shape: Shape, values: VariableValues) -> None:
        super().__init__(context, shape, values)
        self._heard = News(self.ring)

    @property
    def office(self) -> Office:
        viewer = self.viewer
        assert viewer.organisation_code is not None
        return ORGANISATION_KIND[viewer.role], viewer.organisation_code

    @property
    def begins_now(self) -> bool:
        return False  # its first event says: look at everything

    def begin(self) -> None:
        self.live.listen_to_caseload(self.office, self._heard)

    def end(self) -> None:
        self.live.leave_caseload(self.office, self._heard)

    async def look(self) -> Sequence[Event]:
        taken = self._heard.take(CITIZENS_AT_ONCE)
        try:
            told = await changes(self._context.services, *self.office, taken)
            events = [Event(await self.executed(change)) for change in told]
        except BaseException:
            self._heard.give_back(taken)
            raise
        if self._heard:
            self.ring()  # there is more
        return events
