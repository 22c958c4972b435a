"""Subscriptions: each event is read anew, with the subscriber's own rights at that moment."""

import time
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
from strawberry.types import Info

from app.domain.viewer import Viewer
from app.errors import NotFound, Unauthenticated
from app.schema.caseload_change import CITIZENS_AT_ONCE, CaseloadChange, changes
from app.schema.context import Context
from app.schema.enums import ElementCode, VersionTrigger
from app.schema.notification import Notification, notifications_of, wants_history
from app.schema.plan import Plan
from app.schema.scalars import id_of
from app.schema.selection import operation_of
from app.store.documents import CitizenRead, audience_of, read_citizen
from app.store.live import Bell, Live
from app.store.live_caseload import News
from app.store.work import ORGANISATION_KIND

NOTICES_AT_ONCE = 50
"""How many missed notices are read in one go."""


@strawberry.type(description="A new version of a plan, as the subscriber may see it.")
class PlanUpdate:
    version: int
    changed_elements: list[ElementCode]
    trigger: VersionTrigger
    plan: Plan


@strawberry.type
class Subscription:
    @strawberry.subscription(
        description="What changes among your organisation's citizens. The first event comes at"
        " once and names nobody: what is read after it lacks nothing."
    )
    async def caseload_changed(self, info: Info[Any, Any]) -> AsyncGenerator[CaseloadChange, None]:
        context: Context = info.context
        viewer = context.viewer
        assert viewer.organisation_code is not None
        live: Live = context.services.live
        office = (ORGANISATION_KIND[viewer.role], viewer.organisation_code)
        with live.caseloads.listen(*office) as news:
            while True:
                await _ring_or_expiry(news, viewer)
                for change in await changes(context, *office, news.take(CITIZENS_AT_ONCE)):
                    yield change

    @strawberry.subscription(
        description="Each new version of a plan; with `afterVersion` also what was missed."
    )
    async def plan_updated(
        self, info: Info[Any, Any], citizen_id: strawberry.ID, after_version: int | None = None
    ) -> AsyncGenerator[PlanUpdate, None]:
        context: Context = info.context
        viewer = context.viewer
        wanted, audience = id_of(citizen_id, "citizen"), audience_of(viewer.role)
        seen, known = after_version, None
        with context.services.live.listen(wanted, audience) as bell:
            while True:
                read = await _read(context, viewer, wanted, operation_of(info))
                version = read.plan["version"] if read.plan else 0
                if read.plan is not None:
                    # a plan that follows a closed one is numbered from 1 again
                    if known != read.plan["id"] and (known or (seen or 0) > version):
                        seen = 0
                    known = read.plan["id"]
                if seen is not None and read.plan is not None and version > seen:
                    changes = await context.services.readers.fetchrow(
                        "changed_since", wanted, audience, seen
                    )
                    assert changes is not None
                    yield PlanUpdate(
                        version=version,
                        changed_elements=changes["changed_elements"] or [],
                        trigger=changes["trigger"],
                        plan=read.plan,  # type: ignore[arg-type]  # a document is a Plan to resolvers
                    )
                seen = max(version, seen or 0)
                await _ring_or_expiry(bell, viewer)

    @strawberry.subscription(description="Each new notice; with `after` those missed too.")
    async def notification_added(
        self, info: Info[Any, Any], after: strawberry.ID | None = None
    ) -> AsyncGenerator[Notification, None]:
        context: Context = info.context
        viewer, readers = context.viewer, context.services.readers
        assert viewer.citizen_id is not None
        with context.services.live.listen(viewer.citizen_id, "NOTICE") as bell:
            last = (
                id_of(after, "notification")
                if after
                else await readers.fetchval("newest_notice", viewer.citizen_id)
            )
            while True:
                rows = await readers.fetch(
                    "list_notices_after", viewer.citizen_id, last, NOTICES_AT_ONCE
                )
                history = wants_history(info)
                for notice in await notifications_of(readers, rows, history=history):
                    yield notice
                    last = notice["id"]
                if len(rows) < NOTICES_AT_ONCE:
                    await _ring_or_expiry(bell, viewer)


async def _read(context: Context, viewer: Viewer, citizen_id: Any, operation: str) -> CitizenRead:
    """The citizen as the viewer may see it now; raises `NotFound` when the right has ended."""
    read = await read_citizen(
        context.services.readers,
        viewer,
        citizen_id,
        context.services.clock(),
        operation=operation,
        elements=("live",),
    )
    if read is None:
        raise NotFound("There is no such citizen.")
    return read


async def _ring_or_expiry(bell: Bell | News, viewer: Viewer) -> None:
    """Waits for the bell; raises `Unauthenticated` when the token runs out first."""
    left = viewer.expires_at - time.time()
    if left <= 0 or not await bell.wait(left):
        raise Unauthenticated("The access token has expired.")
