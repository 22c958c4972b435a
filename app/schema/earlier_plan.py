"""The plans a citizen had before the present one: closed, and read as they were (R12)."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from app.schema.context import Context
from app.schema.page import PageInfo, connection, cursor_of, key_of, page_size
from app.schema.plan import Plan
from app.store.documents import ALL_SECTIONS, audience_of, plan_from


@strawberry.type
class EarlierPlanEdge:
    cursor: str
    node: Plan


@strawberry.type(description="Newest first.")
class EarlierPlanConnection:
    edges: list[EarlierPlanEdge]
    page_info: PageInfo


async def earlier_plans(
    root: dict[str, Any], info: Info[Context, None], first: int, after: str | None = None
) -> dict[str, Any]:
    """A page of the citizen's earlier plans that the viewer may see."""
    context = info.context
    size = page_size(context, first)
    rows = await context.services.readers.fetch(
        "earlier_plans",
        *(UUID(root["id"]), audience_of(context.viewer.role), key_of(after, UUID)),
        *(size + 1, ALL_SECTIONS),
    )
    plans = [plan_from(row, context.at, context.viewer) for row in rows]
    found = [plan for plan in plans if plan is not None]
    return connection(found, size, after, lambda plan: cursor_of(plan["id"]))
