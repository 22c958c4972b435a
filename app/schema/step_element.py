"""The current education step as an element of the plan (DOMAIN 5.14)."""

import strawberry

from app.schema.education import (
    Application,
    EducationProposal,
    InstitutionContact,
    InstitutionProposal,
    SupportNeed,
)
from app.schema.education_enums import ApplicationAnswer, StepAction, StepStatus
from app.schema.education_goal import EducationGoal
from app.schema.enums import ElementCode
from app.schema.fields import Discriminated
from app.schema.scalars import Date, DateTime


@strawberry.type(description="A goal in the step, with the places of education proposed for it.")
class StepGoal:
    label: str
    goal: EducationGoal
    add_button: str | None
    proposals: list[InstitutionProposal]


@strawberry.type(description="An application with the words of its row.")
class StepApplication:
    id: strawberry.ID
    goal: str
    institution: str | None
    sent: bool | None
    answer: ApplicationAnswer
    sent_question: str | None
    sent_label: str | None
    answer_label: str | None
    answer_display: str


@strawberry.type(description="The current “trin”; what another step holds is empty or null.")
class EducationStepElement(Discriminated):
    element: ElementCode
    heading: str
    step: int
    step_id: strawberry.ID
    status: StepStatus
    sent_at: DateTime | None
    late: bool
    deadline: Date
    deadline_display: str = strawberry.field(description="“Fredag den 6. dec. 2019”.")
    caseworker: str
    intro: str
    help_link: str | None
    film_link: str | None
    goals: list[StepGoal]
    proposals: list[EducationProposal]
    applications: list[StepApplication]
    reason: str | None
    reason_label: str | None
    reason_add: str | None
    actions: list[StepAction]
    save_label: str | None
    send_label: str | None
    admitted: Application | None
    start_date: Date | None
    support_need: SupportNeed | None
    institution_contact: InstitutionContact | None
