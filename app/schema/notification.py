"""Notices to the citizen, and what became of the messages that tell of them (DOMAIN section 9)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import orjson
import strawberry
from strawberry.types import Info

from app.schema.context import Context
from app.schema.fields import derived
from app.schema.notice_enums import DeliveryChannel, DeliveryStatus, NotificationEvent
from app.schema.page import PageInfo, connection, cursor_of, key_of, page_size
from app.schema.scalars import DateTime
from app.schema.selection import asks_for
from app.store.db import Row
from app.store.readers import Readers
from app.texts import front_page, text as words

HISTORY: Final = ("deliveries", "history")
"""The path below a `Notification` to what its messages went through."""


def _text(root: dict[str, Any]) -> str:
    return front_page(root["event"])


def _status_text(root: dict[str, Any]) -> str:
    return words(f"delivery.{root['channel']}.{root['status']}")


@strawberry.type(description="One step on the way of a message.")
class DeliveryStep:
    status: DeliveryStatus
    at: DateTime


@strawberry.type(
    description="A message beside the front page, where the notice always is. The number or address"
    " it went to is not kept with it."
)
class Delivery:
    channel: DeliveryChannel
    status: DeliveryStatus
    status_text: str = derived(
        _status_text, reads=("channel", "status"), description="The same in plain Danish."
    )
    accepted_at: DateTime | None = strawberry.field(
        description="When the provider of SMS or e-mail took it; null before."
    )
    settled_at: DateTime | None = strawberry.field(
        description="Since when the status is final; null while it may change by itself."
    )
    history: list[DeliveryStep] = strawberry.field(
        description="What happened since the notice, oldest first."
    )


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


async def notifications_of(readers: Readers, rows: Sequence[Row], *, history: bool) -> list[Any]:
    """Rows of the notice queries as documents of `Notification`s.

    history: whether each delivery gets its key `history`, by one more statement for all of them.
    """
    found: list[Any] = [{**row, "deliveries": orjson.loads(row["deliveries"])} for row in rows]
    told = [notice["id"] for notice in found if notice["deliveries"]]
    if history and told:
        steps = await readers.fetch("list_delivery_steps", told)
        by_message = {
            key: history_of(list(group))
            for key, group in groupby(steps, lambda row: (row["notice_id"], row["channel"]))
        }
        for notice in found:
            for delivery in notice["deliveries"]:
                delivery["history"] = by_message.get((notice["id"], delivery["channel"]), [])
    return found


def history_of(steps: Sequence[Row]) -> list[dict[str, Any]]:
    """The steps of one message without those that tell nothing new: DELIVERED is the last.

    >>> history_of([{"state": s, "at": n} for n, s in enumerate(["SENT", "SENT", "DELIVERED"])])
    [{'status': 'SENT', 'at': 0}, {'status': 'DELIVERED', 'at': 2}]
    """
    history: list[dict[str, Any]] = []
    for step in steps:
        last = history[-1]["status"] if history else None
        if last == "DELIVERED":
            break
        if step["state"] != last:
            history.append({"status": step["state"], "at": step["at"]})
    return history


async def notifications(
    info: Info[Context, None], first: int, after: str | None = None, unseen_only: bool = False
) -> dict[str, Any]:
    """The citizen's own notices, newest first."""
    context = info.context
    size = page_size(context, first)
    readers = context.services.readers
    rows = await readers.fetch(
        "list_notices",
        context.viewer.citizen_id,
        key_of(after, UUID),
        unseen_only,
        size + 1,
    )
    history = asks_for(info, "edges", "node", *HISTORY)
    found = await notifications_of(readers, rows, history=history)
    return connection(found, size, after, lambda row: cursor_of(row["id"]))
