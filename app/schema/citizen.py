"""The citizen, as the viewer may see it, and the way to the plan."""

from base64 import b64decode
from collections.abc import Awaitable
from typing import Any

import strawberry
from strawberry.types import Info

from app.domain.document import PlanDocument
from app.domain.viewer import Role
from app.schema.access_log import AccessLogConnection, access_log
from app.schema.agreement import Agreement
from app.schema.citizen_parts import (
    CaseResponsibility,
    ContactDetails,
    CvSettings,
    DigitalExemption,
    Membership,
    NotificationPreference,
    PersonName,
    SoughtJob,
)
from app.schema.company_import import HeldImport, held_imports
from app.schema.context import Context
from app.schema.earlier_plan import EarlierPlanConnection, earlier_plans
from app.schema.fields import derived, fetched
from app.schema.meeting import Meeting
from app.schema.notice_delivery import NoticeDeliveryConnection, notice_deliveries
from app.schema.plan import Plan
from app.schema.requirement import JobSearchRequirement
from app.schema.scalars import Date
from app.schema.target_group import TargetGroup
from app.store.documents import CitizenRead, audience_of, plan_from
from app.texts import text

CitizenDocument = dict[str, Any]
"""The stored citizen document with what the read found beside it (see `citizen_of`)."""

_NO_PREFERENCE = {
    "sms": False,
    "sms_number": None,
    "sms_verified": False,
    "email": False,
    "email_address": None,
    "email_verified": False,
    "updated_at": None,
}


def citizen_of(read: CitizenRead, role: Role) -> CitizenDocument:
    """One read as the document of a `Citizen`."""
    beside = read.beside
    return {
        **read.citizen,
        "plan": read.plan,
        "viewer_role": role.value,
        "conversations": beside.get("agreements", []),
        "requirements": beside.get("requirements", []),
        "meetings": beside.get("meetings", []),
    }


def _civil_registration_number(root: CitizenDocument, info: Info[Context, None]) -> str:
    stored = b64decode(root["civil_registration_number_encrypted"])
    return info.context.services.vault.decrypt(stored)


def _plan(
    root: CitizenDocument, info: Info[Context, None], version: int | None = None
) -> PlanDocument | Awaitable[PlanDocument | None] | None:
    """The document that was read; an earlier version is read now."""
    plan: PlanDocument | None = root["plan"]
    if plan is None or version is None or version == plan["version"]:
        return plan
    return _earlier(plan, info.context, version)


def _earlier(plan: PlanDocument, context: Context, version: int) -> Awaitable[PlanDocument | None]:
    async def read() -> PlanDocument | None:
        role = context.viewer.role
        row = await context.services.readers.fetchrow(
            "read_version", plan["id"], audience_of(role), version
        )
        return plan_from(row, context.at, context.viewer) if row else None

    return read()


def _view_as_citizen(root: CitizenDocument) -> PlanDocument | None:
    """R148: what the citizen gets, without the citizen's drafts; a fund gets its own document."""
    plan: PlanDocument | None = root["plan"]
    if plan is None or root["viewer_role"] != Role.JOBCENTER.value:
        return plan
    return {**plan, "viewer_is_citizen": True}


def _hidden_parts_notice(root: CitizenDocument) -> str | None:
    """R89, also where a fund gets no plan at all."""
    return text("plan.hidden_parts_notice") if root["viewer_role"] == Role.FUND.value else None


async def _preference(root: CitizenDocument, info: Info[Context, None]) -> dict[str, Any]:
    row = await info.context.services.readers.fetchrow("notification_preference", root["id"])
    return dict(row) if row else _NO_PREFERENCE


@strawberry.type(description="The person the plan belongs to.")
class Citizen:
    id: strawberry.ID
    name: PersonName
    civil_registration_number: str = fetched(_civil_registration_number)
    birth_date: Date
    municipality_code: str
    target_group: TargetGroup | None = strawberry.field(
        description="Null without one, and for a fund that may not see the plan."
    )
    target_group_since: Date | None
    right_and_duty: bool
    first_benefit_date: Date | None
    has_vocational_education: bool | None
    has_dependent_children: bool | None
    under_kui: bool
    registration_open: bool
    contact: ContactDetails
    cv: CvSettings
    sought_jobs: list[SoughtJob] = strawberry.field(description="“Jeg søger job som”.")
    memberships: list[Membership]
    responsibilities: list[CaseResponsibility]
    digital_exemptions: list[DigitalExemption]
    plan: Plan | None = fetched(
        _plan,
        description="“Min Plan”, newest or as it was; null when there is none that you may see.",
    )
    earlier_plans: EarlierPlanConnection = fetched(
        earlier_plans, description="Closed plans that another one has followed."
    )
    view_as_citizen: Plan | None = derived(
        _view_as_citizen,
        reads=("plan", "viewer_role"),
        description="The plan as the citizen sees it, for a caseworker.",
    )
    conversations: list[Agreement] = strawberry.field(
        description="Agreements you may read, also while the plan itself is hidden from a fund."
    )
    requirements: list[JobSearchRequirement] = strawberry.field(
        description="Requirements you may read, also beside a hidden plan."
    )
    meetings: list[Meeting] = strawberry.field(description="Also beside a hidden plan.")
    hidden_parts_notice: str | None = derived(
        _hidden_parts_notice,
        reads=("viewer_role",),
        description="For a fund, whether or not something is hidden: the same words.",
    )
    held_imports: list[HeldImport] = fetched(
        held_imports, description="Imports with a text that is too long, for a caseworker."
    )
    notice_deliveries: NoticeDeliveryConnection = fetched(
        notice_deliveries,
        description="That the citizen was told, and reached, for a caseworker; for a fund of what"
        " it sees itself, in its own time of responsibility.",
    )
    notification_preference: NotificationPreference | None = fetched(_preference)
    access_log: AccessLogConnection = fetched(
        access_log, description="Who read the plan: only for the citizen."
    )
