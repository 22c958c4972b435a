"""The shape of an intervention in a plan document (see `document.py`)."""

from typing import Literal, NotRequired, TypedDict


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
    cancel_reason: NotRequired[str | None]  # missing in versions of before it was told
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
    occupation_code: NotRequired[str | None]  # missing in versions of before it was kept
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
