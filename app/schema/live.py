"""Subscriptions: what a client may follow. How each is followed is told beside them.

An event is the root value of an ordinary execution: the field hands it on. Its arguments were
looked at once, when the subscription began (`live_open.py`).
"""

from typing import Any

import strawberry

from app.schema.caseload_change import CaseloadChange
from app.schema.enums import ElementCode, VersionTrigger
from app.schema.notification import Notification
from app.schema.plan import Plan


@strawberry.type(description="A new version of a plan, as the subscriber may see it.")
class PlanUpdate:
    version: int
    changed_elements: list[ElementCode]
    trigger: VersionTrigger
    plan: Plan


@strawberry.type
class Subscription:
    @strawberry.field(
        description="What changes among your organisation's citizens. The first event comes at"
        " once and names nobody: what is read after it lacks nothing."
    )
    def caseload_changed(root: Any) -> CaseloadChange:
        return root

    @strawberry.field(
        description="Each new version of a plan; with `afterVersion` also what was missed."
    )
    def plan_updated(
        root: Any,
        citizen_id: strawberry.ID,
        after_version: int | None = None,
    ) -> PlanUpdate:
        return root

    @strawberry.field(description="Each new notice; with `after` those missed too.")
    def notification_added(
        root: Any,
        after: strawberry.ID | None = None,
    ) -> Notification:
        return root
