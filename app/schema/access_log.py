"""Who read the citizen's plan (DOMAIN 5.23): told to the citizen, and to nobody else."""

from typing import Any

import strawberry
from strawberry.types import Info

from app.schema.context import Context
from app.schema.enums import ViewerRole
from app.schema.page import PageInfo, connection, cursor_of, key_of, number64, page_size
from app.schema.scalars import DateTime


@strawberry.type(description="One read of the plan.")
class AccessLogEntry:
    at: DateTime
    organisation: str
    role: ViewerRole


@strawberry.type
class AccessLogEdge:
    cursor: str
    node: AccessLogEntry


@strawberry.type(description="Newest first.")
class AccessLogConnection:
    edges: list[AccessLogEdge]
    page_info: PageInfo


async def access_log(
    root: dict[str, Any], info: Info[Context, None], first: int, after: str | None = None
) -> dict[str, Any]:
    """A page of the reads of the citizen's own plan."""
    context = info.context
    size = page_size(context, first)
    rows = await context.services.readers.fetch(
        "list_access", root["id"], key_of(after, number64), size + 1
    )
    found = [{**row, "role": row["role"].upper()} for row in rows]
    return connection(found, size, after, lambda row: cursor_of(row["id"]))
