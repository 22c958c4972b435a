"""Interventions: one interface and a type for each family of kinds (DOMAIN 5.12)."""

import strawberry

from app.domain import document as doc, popup
from app.schema.enums import (
    AidForm,
    AidPurpose,
    EducationSchemeCode,
    InterventionKindCode,
    InterventionStatus,
    Origin,
    PlanType,
)
from app.schema.fields import Discriminated, derived
from app.schema.intervention_parts import (
    GoalLink,
    InterventionContact,
    InterventionWhat,
    InterventionWhere,
    LatestStatus,
    Offer,
)
from app.schema.popup import PopupField
from app.schema.scalars import Date, DateTime

_WHERE = ("place", "workplace", "company_address", "provider")
_WHO = ("contact_name", "contact_phone", "contact_email")


def _itself(root: doc.Intervention) -> doc.Intervention:
    return root


def _where(root: doc.Intervention) -> doc.Intervention | None:
    """R77: an aid says who, not where."""
    parts = (root["place"], root["workplace"], root["company_address"], root["provider"])
    has_any = root["kind"] != "AID" and any(parts)
    return root if has_any else None


def _who(root: doc.Intervention) -> doc.Intervention | None:
    parts = (root["contact_name"], root["contact_phone"], root["contact_email"])
    has_any = any(parts) or (root["kind"] == "AID" and root["provider"])
    return root if has_any else None


def _when(root: doc.Intervention) -> str:
    return popup.when_display(root)


def _attribution(root: doc.Intervention) -> str:
    return popup.attribution(root)


def _cancel_reason(root: doc.Intervention) -> str | None:
    """Versions of before the reason was told have none."""
    return root.get("cancel_reason")


def _popup(root: doc.Intervention) -> list[popup.PopupField]:
    return popup.popup_fields(root)


@strawberry.interface(description="“Indsats”: an offer, effort or activity.")
class Intervention:
    id: strawberry.ID
    kind: InterventionKindCode
    title: str = strawberry.field(description="Its label in the timeline.")
    status: InterventionStatus = strawberry.field(description="As of today.")
    what: InterventionWhat = derived(_itself, reads=("*",))
    when: str = derived(
        _when, reads=("start_date", "end_date"), description="“Hvornår”, ready to show."
    )
    where: InterventionWhere | None = derived(_where, reads=("kind", *_WHERE))
    who: InterventionContact | None = derived(_who, reads=("kind", "provider", *_WHO))
    why: str = strawberry.field(description="“Hvorfor”.")
    start_date: Date
    end_date: Date | None = strawberry.field(description="The last day; null while it is open.")
    cancelled_at: DateTime | None
    cancel_reason: str | None = derived(
        _cancel_reason, reads=("cancel_reason",), description="Why it was called off."
    )
    agreed_with: str
    agreed_organisation: str | None
    attribution: str = derived(
        _attribution, reads=("agreed_with", "agreed_organisation"), description="“Aftalt med ...”."
    )
    latest_status: LatestStatus | None
    goal_links: list[GoalLink]
    offer: Offer | None = strawberry.field(description="Null for what is no offer.")
    origin: Origin
    external_id: str | None
    written_under_plan_type: PlanType
    hidden_from_unemployment_fund: bool
    popup: list[PopupField] = derived(
        _popup, reads=("*",), description="What opens behind its row, field by field."
    )


@strawberry.type(description="Internship, wage subsidy, utility job, job rotation, flexjob.")
class CompanyIntervention(Discriminated, Intervention):
    cvr: str | None
    p_number: str | None


@strawberry.type(description="Education and courses.")
class EducationIntervention(Discriminated, Intervention):
    scheme: EducationSchemeCode | None
    provider: str | None


@strawberry.type(description="Mentor support.")
class MentorIntervention(Discriminated, Intervention):
    mentor_name: str | None
    mentor_tasks: str | None


@strawberry.type(description="“Hjælpemiddel”, lent or granted.")
class AidIntervention(Discriminated, Intervention):
    aid_form: AidForm | None = strawberry.field(name="form")
    aid_category: str | None = strawberry.field(name="category")
    aid_purpose: AidPurpose | None = strawberry.field(name="purpose")


@strawberry.type(description="Personal assistance.")
class AssistanceIntervention(Discriminated, Intervention):
    task_description: str | None


@strawberry.type(description="Social and health interventions, and those of others.")
class SocialHealthIntervention(Discriminated, Intervention):
    code_list: str | None
    code: str | None
    code_label: str | None
    provider: str | None


@strawberry.type(description="Personal job facilitator, and what else was agreed.")
class OtherIntervention(Discriminated, Intervention):
    facilitator_name: str | None


INTERVENTION_TYPES: tuple[type, ...] = (
    CompanyIntervention,
    EducationIntervention,
    MentorIntervention,
    AidIntervention,
    AssistanceIntervention,
    SocialHealthIntervention,
    OtherIntervention,
)
