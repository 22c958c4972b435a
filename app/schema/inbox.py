"""The inbox of an organisation: what waits for a caseworker."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from app.schema.citizen_parts import PersonName
from app.schema.context import Context
from app.schema.notice_enums import InboxKind
from app.schema.page import PageInfo, connection, cursor_of, key_of, page_size
from app.schema.scalars import DateTime
from app.store.work import ORGANISATION_KIND


@strawberry.type(description="Something to look at.")
class InboxItem:
    id: strawberry.ID
    kind: InboxKind
    citizen_id: strawberry.ID
    citizen_name: PersonName
    subject_id: strawberry.ID | None = strawberry.field(
        description="The comment, recommendation, letter task ... that it is about."
    )
    created_at: DateTime


@strawberry.type
class InboxItemEdge:
    cursor: str
    node: InboxItem


@strawberry.type(description="Newest first.")
class InboxItemConnection:
    edges: list[InboxItemEdge]
    page_info: PageInfo


async def inbox(info: Info[Context, None], first: int, after: str | None = None) -> dict[str, Any]:
    """What waits for the viewer's organisation, newest first."""
    context = info.context
    viewer = context.viewer
    size = page_size(context, first)
    rows = await context.services.readers.fetch(
        "list_inbox",
        ORGANISATION_KIND[viewer.role],
        viewer.organisation_code,
        context.at.today,
        key_of(after, UUID),
        size + 1,
    )
    found = [_item(dict(row)) for row in rows]
    return connection(found, size, after, lambda row: cursor_of(row["id"]))


def _item(row: dict[str, Any]) -> dict[str, Any]:
    name = {
        "given": row["given_name"],
        "middle": row["middle_name"],
        "surname": row["surname"],
        "full": row["full_name"],
    }
    return {**row, "citizen_name": name}
