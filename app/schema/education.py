"""The education order of a youth and its steps (DOMAIN 5.14-5.16)."""

import strawberry

from app.schema.education_enums import (
    ApplicationAnswer,
    StepStatus,
    TestKind,
    TestRequestedBy,
)
from app.schema.scalars import Date, DateTime


@strawberry.type(description="Step 1: an education the citizen proposes.")
class EducationProposal:
    priority: int
    education_name: str
    reason: str | None


@strawberry.type(description="Step 2: a place of education the citizen proposes for a goal.")
class InstitutionProposal:
    goal: str
    institution: str


@strawberry.type(description="Step 3: an application, which is made outside Jobnet.")
class Application:
    id: strawberry.ID
    goal: str
    institution: str | None
    sent: bool | None
    answer: ApplicationAnswer


@strawberry.type(description="“Trin” 1 to 4 of the education order.")
class EducationStep:
    id: strawberry.ID
    step: int
    opened_at: DateTime
    opened_by: str
    caseworker: str
    deadline: Date = strawberry.field(description="“Frist”.")
    status: StepStatus
    sent_at: DateTime | None
    late: bool
    education_proposals: list[EducationProposal]
    institution_proposals: list[InstitutionProposal]
    institution_reason: str | None


@strawberry.type(description="“Støttebehov”.")
class SupportNeed:
    assessed_on: Date
    has_need: bool
    text: str | None
    interventions: list[strawberry.ID] = strawberry.field(
        name="interventionIds", description="The interventions handed over."
    )


@strawberry.type(description="The jobcenter's contact person for the institution.")
class InstitutionContact:
    name: str
    phone: str | None
    email: str | None


@strawberry.type(description="What the jobcenter released to the institution.")
class HandoverPackage:
    id: strawberry.ID
    institution: str
    other_essential_information: str | None
    released_at: DateTime
    received_at: DateTime | None


@strawberry.type(description="“Uddannelsespålæg”.")
class EducationOrder:
    current_step: int
    steps: list[EducationStep]
    applications: list[Application]
    admitted_application: Application | None
    start_date: Date | None
    started_on: Date | None
    completed_on: Date | None
    support_need: SupportNeed | None
    institution_contact: InstitutionContact | None
    handover: HandoverPackage | None


@strawberry.type(description="“Læse-, skrive- og regnetest”.")
class TestResult:
    id: strawberry.ID
    kind: TestKind
    taken_on: Date
    result: str
    course_recommended: str | None
    requested_by: TestRequestedBy
    reason: str | None
    valid_until: Date = strawberry.field(description="The first day it is no longer valid.")
    is_valid: bool = strawberry.field(description="Whether it is valid today.")
