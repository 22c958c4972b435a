"""Where a subscription begins: from an operation that may run to a view that can be rung."""

from typing import TYPE_CHECKING

from app.schema.live_caseload import CaseloadView
from app.schema.live_notification import NoticeView
from app.schema.live_plan import PlanView
from app.schema.live_shape import shape_of
from app.schema.live_view import View
from app.store.live_accounts import LiveAccount

if TYPE_CHECKING:
    from app.schema.engine import Operation


def open_live(operation: "Operation", account: LiveAccount | None) -> View:
    """The subscription, not yet listening. Raises `AppError` and `GraphQLError`: it cannot begin.

    The id of the last event of a stream that this one follows tells more exactly than an argument
    what was seen. One that is not ours tells nothing.

    account: what its events are taken from, each at the operation's cost; None where nobody counts.
    """
    shape, arguments = shape_of(operation.definition, operation.prepared, operation.executor)
    context, values = operation.context, operation.executor.variable_values
    view: View
    match shape.field:
        case "planUpdated":
            view = PlanView(context, shape, values, arguments)
        case "notificationAdded":
            view = NoticeView(context, shape, values, arguments)
        case _:
            view = CaseloadView(context, shape, values)
    view.account, view.cost = account, operation.cost
    return view
