"""The versions of a plan, as the viewer's audience got them (DOMAIN 5.4)."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from app.domain import document as doc
from app.schema.context import Context
from app.schema.enums import ElementCode, PlanType, VersionTrigger
from app.schema.page import PageInfo, connection, cursor_of, key_of, number32, page_size
from app.schema.scalars import DateTime
from app.store.documents import audience_of
from app.store.publication import publish
from app.store.work import Work

MAX_CHANGES = 1_000
"""Rows of `changesSince`; who is further behind reads the plan anew."""

_TURN = "turn at the transaction's connection"


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
) -> dict[str, Any]:
    """A page of the plan's versions, numbered for the viewer's audience."""
    context = info.context
    size = page_size(context, first)
    rows = await _fetch(context, "list_versions", root, key_of(after, number32), size + 1)
    return connection(rows, size, after, lambda row: cursor_of(row["number"]))


async def changes_since(
    root: doc.PlanDocument, info: Info[Context, None], version: int
) -> list[dict[str, Any]]:
    """What was published after a version, oldest first."""
    return await _fetch(info.context, "changes_since", root, version, MAX_CHANGES)


async def _fetch(
    context: Context, query: str, root: doc.PlanDocument, *args: object
) -> list[dict[str, Any]]:
    """Rows of the plan's history; in a mutation with the version that the payload shows."""
    wanted = (UUID(root["id"]), audience_of(context.viewer.role), *args)
    mutation = context.mutation
    rows: Sequence[Any]
    if mutation is None:
        rows = await context.services.readers.fetch(query, *wanted)
    else:
        # fields of one answer resolve at once, and a connection answers one at a time
        async with context.read_cache.setdefault(_TURN, asyncio.Lock()):
            if mutation.done == mutation.fields:
                rows = await mutation.work.fetch(query, *wanted)
            else:
                rows = await _on_trial(mutation.work, query, wanted)
    return [dict(row) for row in rows]


async def _on_trial(work: Work, query: str, wanted: tuple[object, ...]) -> Sequence[Any]:
    """Rows as they would be if the operation ended here, as a field before the last one shows.

    What such a field showed its payload was published on trial and is gone; the fields after it
    have not begun, so publishing again makes the same version.
    """
    trial = work.connection.transaction()
    await trial.start()
    try:
        await publish(work)
        return await work.fetch(query, *wanted)
    finally:
        await trial.rollback()
