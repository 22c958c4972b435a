"""The shape of a plan document: what publication stores and every read selects from.

Keys are the Python names of the GraphQL fields. Dates are ISO strings `YYYY-MM-DD`,
times ISO 8601 with offset, ids UUID strings, codes their code. Lists are lists and never
null; a key is always present. `db/migrations/*documents*.sql` builds these, one section a
column; `app/store/documents.py` joins the sections of a read into one `PlanDocument`.
"""

from typing import Literal, NotRequired, TypedDict

from app.domain.education_document import (
    Application as Application,
)
from app.domain.education_document import (
    EducationOrder as EducationOrder,
)
from app.domain.education_document import (
    EducationProposal as EducationProposal,
)
from app.domain.education_document import (
    EducationStep as EducationStep,
)
from app.domain.education_document import (
    HandoverPackage as HandoverPackage,
)
from app.domain.education_document import (
    InstitutionContact as InstitutionContact,
)
from app.domain.education_document import (
    InstitutionProposal as InstitutionProposal,
)
from app.domain.education_document import (
    SupportNeed as SupportNeed,
)
from app.domain.education_document import (
    TestResult as TestResult,
)

Authority = Literal["JOBCENTER", "UNEMPLOYMENT_FUND"]


class OccupationRef(TypedDict):
    code: str
    label: str
    scheme: str


class SubGoal(TypedDict):
    id: str
    text: str
    target_date: str | None
    done_on: str | None


class JobGoal(TypedDict):
    id: str
    text: str  # the occupation's label or the free job function
    occupation: OccupationRef | None
    job_function_text: str | None
    term: str
    long_term_description: str | None
    priority: int
    sub_goals: list[SubGoal]
    shortage_status: str
    outside_shortage_reason: str | None
    confirmed_by: str
    confirmed_at: str


class EducationGoal(TypedDict):
    id: str
    education_name: str
    education_code: str | None
    priority: int
    agreed_by: str
    agreed_at: str


class Comment(TypedDict):
    id: str
    author: str
    author_role: str
    text: str
    at: str
    in_reply_to: str | None
    target: str


class PlanDescription(TypedDict):
    variant: Literal["AGREED_PATH", "CASEWORKER_COMMENT"]
    text: str
    author: str
    updated_at: str
    covers_rehabilitation_part: bool
    replies: list[Comment]


class Agreement(TypedDict):
    """A held conversation with its agreement text (DOMAIN 5.9, past)."""

    id: str
    authority: Authority
    organisation: str
    organisation_code: str
    caseworker: str
    held_at: str
    held_on: str  # Copenhagen date of held_at
    mode: str
    agreement_text: str
    revision: int
    corrected_at: str | None
    hidden_from_unemployment_fund: bool


class Meeting(TypedDict):
    """A future meeting from a booking system (DOMAIN 5.9, future)."""

    id: str
    authority: Authority
    organisation: str
    external_id: str
    source: str
    status: str  # PLANNED, CHANGED, CANCELLED, HELD
    starts_at: str
    ends_at: str
    starts_on: str  # Copenhagen date of starts_at
    mode: str
    place: str | None
    address: str | None
    map_url: str | None
    caseworker: str
    caseworker_role: str | None
    description: str | None


class OtherAgreement(TypedDict):
    id: str
    title: str
    kind: str
    starts_at: str
    ends_at: str | None
    starts_on: str
    place: str | None
    description: str | None
    organiser: Authority
    external_id: str
    cancelled: bool


class GeographicArea(TypedDict):
    municipality_code: str | None
    label: str


class JobSearchRequirement(TypedDict):
    id: str
    issuer: Authority
    organisation: str
    caseworker: str
    occupations: list[OccupationRef]
    industries: list[str]
    geographic_areas: list[GeographicArea]
    agreement_text: str | None
    other_expectations: str | None
    expected_count: int | None
    full_time: bool | None
    unsolicited: bool | None
    valid_from: str
    valid_to: str | None  # inclusive
    is_current: NotRequired[bool]  # put in by the read: holds today


class ContactAttempt(TypedDict):
    at: str
    reached: bool


class Offer(TypedDict):
    notice_basis: str | None
    notice_on: str | None
    contact_attempts: list[ContactAttempt]
    outside_shortage_reason: str | None
    right_and_duty: bool


class LatestStatus(TypedDict):
    text: str
    author: str
    at: str


class GoalLink(TypedDict):
    goal_id: str
    text: str
    type: Literal["JOB_GOAL", "EDUCATION_GOAL"]


class Intervention(TypedDict):
    """One shape for all kinds; fields of other kinds are null (DOMAIN 5.12)."""

    type_name: str  # discriminator: GraphQL type, e.g. CompanyIntervention
    id: str
    kind: str
    scheme: str | None
    title: str  # timeline label of the kind or scheme
    headline: str | None
    hours_per_week: int | None
    minutes_per_week: int | None
    description: str
    agreed_with: str
    agreed_organisation: str | None
    start_date: str
    end_date: str | None  # inclusive
    cancelled_at: str | None
    why: str
    latest_status: LatestStatus | None
    goal_links: list[GoalLink]
    offer: Offer | None
    origin: str
    external_id: str | None
    written_under_plan_type: str
    place: str | None  # where; "Arbejdssted" for company kinds, "Afholdelsessted" for the others
    contact_name: str | None
    contact_phone: str | None
    contact_email: str | None
    occupation: str | None
    workplace: str | None
    company_address: str | None
    cvr: str | None
    p_number: str | None
    course: str | None
    provider: str | None
    mentor_name: str | None
    mentor_tasks: str | None
    aid_form: str | None
    aid_category: str | None
    aid_purpose: str | None
    task_description: str | None
    code_list: str | None
    code: str | None
    code_label: str | None
    facilitator_name: str | None
    hidden_from_unemployment_fund: bool
    status: NotRequired[str]  # put in by the read: PLANNED, ONGOING, ENDED, CANCELLED


class IntegrationContract(TypedDict):
    file_name: str
    signed_on: str | None
    danish_goal: str | None
    valid_until: str | None


class Acknowledgement(TypedDict):
    version: int
    method: str
    at: str
    by: str
    note: str | None


class CompositionElement(TypedDict):
    code: str
    only_if_any: bool


class PlanDocument(TypedDict):
    """A plan as one audience sees it. `today` and `now` are put in by the read."""

    id: str
    citizen_id: str
    type: str
    status: str
    target_group: str
    composition: str
    composition_elements: list[CompositionElement]
    shows_find_job: bool
    description_variant: str | None
    lower_bound: str | None  # first benefit date: the timeline goes back to it (R139)
    holistic: bool
    holistic_consent_at: str | None
    citizen_agrees: bool | None
    agreement_comment: str | None
    job_goals: list[JobGoal]
    education_goals: list[EducationGoal]
    description: PlanDescription | None
    latest_agreement_jobcenter: Agreement | None
    latest_agreement_unemployment_fund: Agreement | None
    agreements: list[Agreement]  # newest first
    requirements: list[JobSearchRequirement]  # newest first
    interventions: list[Intervention]  # by start date
    meetings: list[Meeting]  # by start
    other_agreements: list[OtherAgreement]
    education_order: EducationOrder | None
    test_results: list[TestResult]
    contract: IntegrationContract | None
    comments: list[Comment]
    # columns of the stored version, and the moment of the read
    version: int
    published_at: str
    acknowledgement: Acknowledgement | None
    today: str
    now: str
    viewer_is_citizen: NotRequired[bool]  # put in by the read; absent: staff
    viewer_role: NotRequired[str]  # put in by the read
    sought_jobs: "NotRequired[list[SoughtJob]]"  # put in by the read, from the citizen's document


class SoughtJob(TypedDict):
    id: str
    occupation: OccupationRef
    added_at: str
    added_during: str
    assisted_by: str | None
    approved_by: str | None
    approved_at: str | None
