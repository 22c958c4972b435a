"""The shape of a plan document: what publication stores and every read selects from.

Keys are the Python names of the GraphQL fields. Dates are ISO strings `YYYY-MM-DD`,
times ISO 8601 with offset, ids UUID strings, codes their code. Lists are lists and never
null; a key is always present. `db/migrations/*document.sql` builds these, one section a
column; `app/store/documents.py` joins the sections of a read into one `PlanDocument`.
"""

from typing import Literal, NotRequired, TypedDict

from app.domain.education_document import (
    Application as Application,
    EducationOrder as EducationOrder,
    EducationProposal as EducationProposal,
    EducationStep as EducationStep,
    HandoverPackage as HandoverPackage,
    InstitutionContact as InstitutionContact,
    InstitutionProposal as InstitutionProposal,
    SupportNeed as SupportNeed,
    TestResult as TestResult,
)
from app.domain.intervention_document import (
    ContactAttempt as ContactAttempt,
    GoalLink as GoalLink,
    Intervention as Intervention,
    LatestStatus as LatestStatus,
    Offer as Offer,
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
    fund_code: NotRequired[str | None]  # in a fund's document: the one that may read it (R58)


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
    organisation_code: str
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


class JointRecommendation(TypedDict):
    """What a fund recommended together with the citizen (DOMAIN 5.13)."""

    id: str
    created_by: str
    organisation: str
    proposed_kind: str
    text: str
    wanted_start: str | None
    sent_at: str
    status: str  # SENT, GRANTED, REJECTED
    decided_by: str | None
    decided_at: str | None
    intervention_ids: list[str]  # those that the audience may know of


class KuiExport(TypedDict):
    """What the education plan is written from, as it was when the plan was closed (R105)."""

    exported_at: str
    exported_by: str
    education_goals: list[EducationGoal]
    education_order: EducationOrder | None
    latest_agreement: Agreement | None


class IntegrationContract(TypedDict):
    attached_at: NotRequired[str | None]  # absent: stored before it was noted
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
    joint_recommendations: NotRequired[list[JointRecommendation]]  # absent: stored before they were
    meetings: list[Meeting]  # by start
    other_agreements: list[OtherAgreement]
    education_order: EducationOrder | None
    test_results: list[TestResult]
    contract: IntegrationContract | None
    kui_export: NotRequired[KuiExport]  # of a closed plan that was exported
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
