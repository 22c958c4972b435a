"""Notices to the citizen (DOMAIN section 9)."""

from typing import Any
from uuid import UUID

import orjson
import strawberry
from strawberry.types import Info

from app.schema.context import Context
from app.schema.fields import derived
from app.schema.notice_enums import DeliveryChannel, DeliveryStatus, NotificationEvent
from app.schema.page import PageInfo, connection, cursor_of, key_of, page_size
from app.schema.scalars import DateTime
from app.store.db import Row
from app.texts import front_page


def _text(root: dict[str, Any]) -> str:
    return front_page(root["event"])


@strawberry.type(description="What was sent beside the front page.")
class Delivery:
    channel: DeliveryChannel
    status: DeliveryStatus
    settled_at: DateTime | None


@strawberry.type(description="“Besked på forsiden af Jobnet”.")
class Notification:
    id: strawberry.ID
    event: NotificationEvent
    text: str = derived(_text, reads=("event",), description="What the front page says, in Danish.")
    version: int | None
    created_at: DateTime
    seen_at: DateTime | None
    deliveries: list[Delivery]


@strawberry.type
class NotificationEdge:
    cursor: str
    node: Notification


@strawberry.type(description="Newest first.")
class NotificationConnection:
    edges: list[NotificationEdge]
    page_info: PageInfo


def notification_of(row: Row) -> Any:
    """A row of the notice queries as the document of a `Notification`."""
    return {**row, "deliveries": orjson.loads(row["deliveries"])}


async def notifications(
    info: Info[Context, None], first: int, after: str | None = None, unseen_only: bool = False
) -> dict[str, Any]:
    """The citizen's own notices, newest first."""
    context = info.context
    size = page_size(context, first)
    rows = await context.services.readers.fetch(
        "list_notices",
        context.viewer.citizen_id,
        key_of(after, UUID),
        unseen_only,
        size + 1,
    )
    found = [notification_of(row) for row in rows]
    return connection(found, size, after, lambda row: cursor_of(row["id"]))
