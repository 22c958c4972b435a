"""The versions of a plan, as the viewer's audience got them (DOMAIN 5.4)."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from app.domain import document as doc
from app.errors import BadUserInput
from app.schema.context import Context
from app.schema.enums import ElementCode, PlanType, VersionTrigger
from app.schema.page import PageInfo, connection, cursor_of, key_of, number32, page_size
from app.schema.scalars import DateTime
from app.store.documents import audience_of
from app.store.queries import queries

MAX_CHANGES = 1_000
"""Rows of `changesSince`; who is further behind reads the plan anew."""


@strawberry.type(description="A published version.")
class PlanVersion:
    number: int
    published_at: DateTime
    published_by: str
    organisation: str
    trigger: VersionTrigger
    plan_type: PlanType | None
    target_group: str | None = strawberry.field(name="targetGroupCode")
    changed_elements: list[ElementCode]


@strawberry.type
class PlanVersionEdge:
    cursor: str
    node: PlanVersion


@strawberry.type(description="Newest first.")
class PlanVersionConnection:
    edges: list[PlanVersionEdge]
    page_info: PageInfo


@strawberry.type(description="What one version changed.")
class PlanChange:
    number: int = strawberry.field(name="version")
    published_at: DateTime
    published_by: str
    organisation: str
    trigger: VersionTrigger
    changed_elements: list[ElementCode]


async def versions(
    root: doc.PlanDocument, info: Info[Context, None], first: int, after: str | None = None
) -> PlanVersionConnection:
    """A page of the plan's versions, numbered for the viewer's audience."""
    context = _reading(info)
    size = page_size(context, first)
    below = key_of(after, number32)
    rows = await context.services.pool.fetch(
        queries()["list_versions"], *_audience(root, context), below, size + 1
    )
    found = [dict(row) for row in rows]
    return connection(found, size, after, lambda row: cursor_of(row["number"]))  # type: ignore[return-value]


async def changes_since(
    root: doc.PlanDocument, info: Info[Context, None], version: int
) -> list[PlanChange]:
    """What was published after a version, oldest first."""
    context = _reading(info)
    rows = await context.services.pool.fetch(
        queries()["changes_since"], *_audience(root, context), version, MAX_CHANGES
    )
    return [dict(row) for row in rows]  # type: ignore[misc]  # documents are what types select from


def _audience(root: doc.PlanDocument, context: Context) -> tuple[UUID, str]:
    return UUID(root["id"]), audience_of(context.viewer.role)


def _reading(info: Info[Any, Any]) -> Context:
    """The context of a query; a mutation's own version is not there to be read before it ends."""
    context: Context = info.context
    if context.mutation is not None:
        raise BadUserInput("Ask for the plan's versions in a query, not in a mutation's answer.")
    return context
