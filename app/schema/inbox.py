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
    done: bool
    done_at: DateTime | None
    done_by: str | None = strawberry.field(
        description="The caseworker; null where the matter settled itself."
    )


@strawberry.type
class InboxItemEdge:
    cursor: str
    node: InboxItem


@strawberry.type(description="Newest first.")
class InboxItemConnection:
    edges: list[InboxItemEdge]
    page_info: PageInfo


async def inbox(
    info: Info[Context, None],
    first: int,
    after: str | None = None,
    done: bool = False,
    kinds: list[InboxKind] | None = None,
) -> dict[str, Any]:
    """What waits for the viewer's organisation, or is done, of all or some kinds; newest first."""
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
        done,
        kinds,
    )
    found = [item_of(dict(row)) for row in rows]
    return connection(found, size, after, lambda row: cursor_of(row["id"]))


def item_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an item with its citizen's name as an `InboxItem`."""
    name = {
        "given": row["given_name"],
        "middle": row["middle_name"],
        "surname": row["surname"],
        "full": row["full_name"],
    }
    return {**row, "citizen_name": name, "done": row["done_at"] is not None}
