"""That the citizen was told, for a caseworker: when, how, and whether it arrived (DOMAIN 10)."""

from typing import Any, Final
from uuid import UUID

import orjson
import strawberry
from strawberry.types import Info

from app.domain.viewer import Role
from app.schema.context import Context
from app.schema.enums import VersionTrigger
from app.schema.fields import derived
from app.schema.notice_enums import DeliveryChannel, NotificationEvent, TellingState
from app.schema.page import PageInfo, connection, cursor_of, key_of, page_size
from app.schema.scalars import DateTime
from app.store.db import Row

_STATES: Final = {
    **dict.fromkeys(("PENDING", "CLAIMED", "RETRYING"), TellingState.WAITING),
    **dict.fromkeys(("FAILED", "EXPIRED"), TellingState.NOT_DELIVERED),
    "SENT": TellingState.SENT,
    "DELIVERED": TellingState.DELIVERED,
    "UNCERTAIN": TellingState.UNCERTAIN,
    "DROPPED": TellingState.NOT_SENT,
}
"""Status of a message -> what a caseworker gets. How it got there may be about another notice in
the same message, one that a fund may not know of."""


def _state(root: dict[str, Any]) -> TellingState:
    return TellingState.NOT_SENT if root["withdrawn"] else _STATES[root["status"]]


def _sent_at(root: dict[str, Any]) -> Any:
    return None if root["withdrawn"] else root["sent_at"]


def _delivered_at(root: dict[str, Any]) -> Any:
    return root["settled_at"] if _state(root) is TellingState.DELIVERED else None


@strawberry.type(description="A message about a notice. Where to is never told.")
class Telling:
    channel: DeliveryChannel
    state: TellingState = derived(_state, reads=("status", "withdrawn"))
    sent_at: DateTime | None = derived(
        _sent_at,
        reads=("sent_at", "withdrawn"),
        description="When the provider of SMS or e-mail took it.",
    )
    delivered_at: DateTime | None = derived(
        _delivered_at,
        reads=("settled_at", "status", "withdrawn"),
        description="When the provider told that it arrived; most mail servers never tell.",
    )


@strawberry.type(description="That the citizen was told of something on the front page of Jobnet.")
class NoticeDelivery:
    id: strawberry.ID
    event: NotificationEvent = strawberry.field(
        description="What the notice is about. Only for the jobcenter: it may be something that a"
        " fund does not see."
    )
    trigger: VersionTrigger | None = strawberry.field(
        description="What caused the version that was told, as you may see it; null where the"
        " notice reminds of something and there is no new version."
    )
    version: int | None = strawberry.field(
        description="That version of the plan, by your own numbers."
    )
    created_at: DateTime
    deliveries: list[Telling] = strawberry.field(
        description="Messages beside the front page, on the channels the citizen had chosen."
    )


@strawberry.type
class NoticeDeliveryEdge:
    cursor: str
    node: NoticeDelivery


@strawberry.type(description="Newest first.")
class NoticeDeliveryConnection:
    edges: list[NoticeDeliveryEdge]
    page_info: PageInfo


async def notice_deliveries(
    root: dict[str, Any], info: Info[Context, None], first: int, after: str | None = None
) -> dict[str, Any]:
    """A page of what the citizen was told; for a fund, as if nothing hidden existed."""
    context = info.context
    size = page_size(context, first)
    page = (UUID(root["id"]), key_of(after, UUID), size + 1)
    readers = context.services.readers
    if context.viewer.role is Role.FUND:
        day = (context.viewer.organisation_code, context.at.today)
        rows = await readers.fetch("list_told_as_fund", *page, *day)
    else:
        rows = await readers.fetch("list_told_as_jobcenter", *page)
    found = [_told(row) for row in rows]
    return connection(found, size, after, lambda notice: cursor_of(notice["id"]))


def _told(row: Row) -> dict[str, Any]:
    return {**row, "deliveries": orjson.loads(row["deliveries"])}
