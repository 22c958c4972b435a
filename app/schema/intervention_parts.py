"""The parts of an intervention: what, where, who, its offer and its latest status.

What, where and who are views of the intervention's own document, so their fields are its keys.
"""

import strawberry

from app.domain import document as doc
from app.domain.popup import form_display, hours_display
from app.schema.enums import GoalKind, NoticeBasis
from app.schema.fields import derived
from app.schema.scalars import Date, DateTime


def _workplace(root: doc.Intervention) -> str | None:
    is_company = root["type_name"] == "CompanyIntervention"
    return root["workplace"] or (root["place"] if is_company else None)


def _place(root: doc.Intervention) -> str | None:
    return None if root["type_name"] == "CompanyIntervention" else root["place"]


def _company_address(root: doc.Intervention) -> str | None:
    return None if root["kind"] == "FLEX_JOB" else root["company_address"]


def _occupation_code(root: doc.Intervention) -> str | None:
    """Versions of before it was kept have none."""
    return root.get("occupation_code")


def _hours_display(root: doc.Intervention) -> str | None:
    return hours_display(root)


def _form_display(root: doc.Intervention) -> str | None:
    return form_display(root)


@strawberry.type(description="“Hvad er aftalt”.")
class InterventionWhat:
    headline: str | None
    occupation: str | None
    occupation_code: str | None = derived(
        _occupation_code,
        reads=("occupation_code",),
        description="Of the list of occupations, where one was given.",
    )
    course: str | None
    hours_per_week: int | None
    minutes_per_week: int | None
    hours_display: str | None = derived(
        _hours_display,
        reads=("hours_per_week", "minutes_per_week"),
        description="“37 timer per uge”.",
    )
    form_display: str | None = derived(
        _form_display, reads=("aid_form", "aid_category"), description="“Udlån til: ...”."
    )
    code_label: str | None
    description: str


@strawberry.type(description="“Hvor”.")
class InterventionWhere:
    workplace: str | None = derived(
        _workplace, reads=("type_name", "workplace", "place"), description="“Arbejdssted”."
    )
    company_address: str | None = derived(
        _company_address,
        reads=("kind", "company_address"),
        description="“Virksomhedens adresse”; not for a flexjob.",
    )
    place: str | None = derived(
        _place, reads=("type_name", "place"), description="“Afholdelsessted”."
    )
    provider: str | None = strawberry.field(description="“Udbyder”.")


@strawberry.type(description="“Hvem”: the contact person.")
class InterventionContact:
    contact_name: str | None = strawberry.field(name="name")
    contact_phone: str | None = strawberry.field(name="phone")
    contact_email: str | None = strawberry.field(name="email")
    provider: str | None


@strawberry.type(description="A phone call about an offer.")
class ContactAttempt:
    at: Date
    reached: bool


@strawberry.type(description="What holds for an offer under LAB chapters 11-14.")
class Offer:
    notice_basis: NoticeBasis | None
    notice_on: Date | None
    contact_attempts: list[ContactAttempt]
    outside_shortage_reason: str | None
    right_and_duty: bool


@strawberry.type(description="“Seneste status”.")
class LatestStatus:
    text: str
    author: str
    at: DateTime


@strawberry.type(description="A goal that the intervention serves.")
class GoalLink:
    goal_id: strawberry.ID
    text: str
    type: GoalKind
