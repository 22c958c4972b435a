"""What is written of an intervention of each kind, flat as the rules name the fields (DOMAIN 5.12).

Demands of the law are not the schema's: a field that a rule asks for may be left out here, and is
then named among the breaches.
"""

from enum import StrEnum

import strawberry

from app.schema.enums import AidForm, AidPurpose, EducationSchemeCode, NoticeBasis
from app.schema.scalars import Date
from app.store.bundled import INTERVENTION_KINDS, bundled_codes


@strawberry.enum
class CompanyKind(StrEnum):
    vars().update(bundled_codes(INTERVENTION_KINDS, type_name="CompanyIntervention"))


@strawberry.enum
class EducationKind(StrEnum):
    vars().update(bundled_codes(INTERVENTION_KINDS, type_name="EducationIntervention"))


@strawberry.enum
class SocialHealthKind(StrEnum):
    vars().update(bundled_codes(INTERVENTION_KINDS, type_name="SocialHealthIntervention"))


@strawberry.enum
class OtherKind(StrEnum):
    vars().update(bundled_codes(INTERVENTION_KINDS, type_name="OtherIntervention"))


@strawberry.input(description="A phone call about an offer.")
class ContactAttemptInput:
    at: Date
    reached: bool


@strawberry.input
class InterventionBaseInput:
    headline: str | None = None
    description: str = strawberry.field(default="", description="“Hvad er aftalt”.")
    hours_per_week: int | None = None
    minutes_per_week: int | None = None
    start_date: Date | None = None
    end_date: Date | None = strawberry.field(
        default=None, description="The last day; null where the kind may run on."
    )
    why: str = strawberry.field(default="", description="“Hvorfor”.")
    latest_status: str | None = strawberry.field(default=None, description="“Seneste status”.")
    goal_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The job and education goals of the plan that it serves."
    )
    place: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None


@strawberry.input
class OfferBaseInput(InterventionBaseInput):
    occupation_code: str | None = strawberry.field(
        default=None,
        description="What the offer leads to; held against the shortage areas of the region.",
    )
    outside_shortage_reason: str | None = None
    notice_basis: NoticeBasis | None = strawberry.field(
        default=None,
        description="How the citizen was told the start date; null when the plan is the notice.",
    )
    notice_on: Date | None = None
    contact_attempts: list[ContactAttemptInput] = strawberry.field(default_factory=list)


@strawberry.input(description="Internship, wage subsidy, utility job, job rotation, flexjob.")
class CompanyInterventionInput(OfferBaseInput):
    kind: CompanyKind
    occupation: str | None = strawberry.field(
        default=None, description="Without one the occupation of the code is shown."
    )
    workplace: str | None = strawberry.field(default=None, description="“Arbejdssted”.")
    company_address: str | None = None
    cvr: str | None = strawberry.field(default=None, description="8 digits.")
    p_number: str | None = strawberry.field(default=None, description="10 digits.")


@strawberry.input(description="Education and courses.")
class EducationInterventionInput(OfferBaseInput):
    kind: EducationKind
    scheme: EducationSchemeCode | None = strawberry.field(
        default=None, description="Of the kind EDUCATION, and only of it."
    )
    course: str | None = None
    provider: str | None = None


@strawberry.input(description="“Mentorstøtte”.")
class MentorInterventionInput(InterventionBaseInput):
    mentor_name: str | None = None
    mentor_tasks: str | None = None


@strawberry.input(description="“Hjælpemiddel”: who instead of where.")
class AidInterventionInput(InterventionBaseInput):
    aid_form: AidForm | None = strawberry.field(name="form", default=None)
    aid_category: str | None = strawberry.field(name="category", default=None)
    aid_purpose: AidPurpose | None = strawberry.field(name="purpose", default=None)
    provider: str | None = None


@strawberry.input(description="“Personlig assistance”.")
class AssistanceInterventionInput(InterventionBaseInput):
    task_description: str | None = None


@strawberry.input(description="Social, health and other administrations' interventions.")
class SocialHealthInterventionInput(InterventionBaseInput):
    kind: SocialHealthKind
    code_list: str | None = None
    code: str | None = None
    code_label: str | None = None
    provider: str | None = None


@strawberry.input(description="Personal job facilitator and other agreed interventions.")
class OtherInterventionInput(InterventionBaseInput):
    kind: OtherKind
    facilitator_name: str | None = None


@strawberry.input(one_of=True, description="One intervention, under the name of its kind.")
class InterventionInput:
    company: CompanyInterventionInput | None = strawberry.UNSET
    education: EducationInterventionInput | None = strawberry.UNSET
    mentor: MentorInterventionInput | None = strawberry.UNSET
    aid: AidInterventionInput | None = strawberry.UNSET
    assistance: AssistanceInterventionInput | None = strawberry.UNSET
    social_health: SocialHealthInterventionInput | None = strawberry.UNSET
    other: OtherInterventionInput | None = strawberry.UNSET
