"""The shape of the education order in a plan document (see `document.py`)."""

from typing import NotRequired, TypedDict


class EducationProposal(TypedDict):
    priority: int
    education_name: str
    reason: str | None


class InstitutionProposal(TypedDict):
    goal: str
    institution: str


class Application(TypedDict):
    id: str
    goal: str
    institution: str | None
    sent: bool | None
    answer: str


class EducationStep(TypedDict):
    id: str
    step: int
    opened_at: str
    opened_by: str
    caseworker: str
    deadline: str
    status: str  # OPEN, SAVED (the citizen's own view), SENT, REOPENED, CLOSED
    sent_at: str | None
    late: bool
    education_proposals: list[EducationProposal]
    institution_proposals: list[InstitutionProposal]
    institution_reason: str | None


class SupportNeed(TypedDict):
    assessed_on: str
    has_need: bool
    text: str | None
    interventions: list[str]


class InstitutionContact(TypedDict):
    name: str
    phone: str | None
    email: str | None


class HandoverPackage(TypedDict):
    id: str
    institution: str
    other_essential_information: str | None
    released_at: str
    received_at: str | None


class EducationOrder(TypedDict):
    current_step: int
    steps: list[EducationStep]
    applications: list[Application]
    admitted_application: Application | None
    start_date: str | None
    started_on: str | None
    completed_on: str | None
    support_need: SupportNeed | None
    institution_contact: InstitutionContact | None
    handover: HandoverPackage | None


class TestResult(TypedDict):
    id: str
    kind: str
    taken_on: str
    result: str
    course_recommended: str | None
    requested_by: str
    reason: str | None
    valid_until: str
    is_valid: NotRequired[bool]  # put in by the read: valid today
