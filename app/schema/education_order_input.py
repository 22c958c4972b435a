"""The education order as the jobcenter keeps it: opening, moving and reopening its steps."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe
from strawberry.types import Info

from app.actions.education import open_education_step, reopen_education_step
from app.domain.absent import ABSENT
from app.domain.education import AdmissionDraft, ApplicationChange, OpenStepDraft
from app.schema.education_enums import ApplicationAnswer
from app.schema.given import absent_or
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(
    description="What was learnt of an application; what is left out stays. A new one needs a goal."
)
class RecordApplicationInput:
    id: strawberry.ID | None = None
    goal: Maybe[str] = None
    institution: Maybe[str | None] = None
    sent: Maybe[bool | None] = None
    answer: Maybe[ApplicationAnswer] = strawberry.field(
        default=None, description="What the place of education answered."
    )


@strawberry.input(description="Where the youth was admitted; a date that is left out stays.")
class AdmissionInput:
    application_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Without it the admission there is, else the first application that was "
        "answered with admission, also one of this input.",
    )
    start_date: Maybe[Date | None] = strawberry.field(
        default=None, description="When the education is to begin."
    )
    started_on: Maybe[Date | None] = strawberry.field(default=None, description="When it began.")
    completed_on: Maybe[Date | None] = strawberry.field(
        default=None, description="When it was completed: that closes step 4."
    )


@strawberry.input(
    description="Opens the order at a step, moves it, or sets a new deadline. Without `step` the "
    "order stays where it is, and only applications and admission are written."
)
class OpenEducationStepInput:
    citizen_id: strawberry.ID
    step: int | None = strawberry.field(default=None, description="1 to 4, with a deadline.")
    deadline: Date | None = strawberry.field(default=None, description="“Frist”.")
    applications: list[RecordApplicationInput] = strawberry.field(
        default_factory=list, description="Only those of which something is new."
    )
    admission: AdmissionInput | None = None
    expected_version: int | None = None


@strawberry.type
class OpenEducationStepPayload(PlanPayload):
    step_id: strawberry.ID | None = strawberry.field(
        description="The step the order is at; null while none is open."
    )
    application_ids: list[strawberry.ID] = strawberry.field(
        description="Of the applications of the input, in its order."
    )


OpenEducationStepResult = Annotated[
    OpenEducationStepPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("OpenEducationStepResult"),
]


@strawberry.input(description="The step that was sent goes back to the citizen.")
class ReopenEducationStepInput:
    citizen_id: strawberry.ID
    deadline: Date = strawberry.field(description="The new “frist”.")
    expected_version: int | None = None


@strawberry.type
class ReopenEducationStepPayload(PlanPayload):
    step_id: strawberry.ID


ReopenEducationStepResult = Annotated[
    ReopenEducationStepPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ReopenEducationStepResult"),
]


@strawberry.type
class EducationOrderMutation:
    @strawberry.mutation(
        description="“Uddannelsespålæg”: opens or moves the order; the citizen is told."
    )
    async def open_education_step(
        self, info: Info[Any, Any], input: OpenEducationStepInput
    ) -> OpenEducationStepResult | None:
        async def act(work: Work) -> Done:
            return await open_education_step(
                work,
                id_of(input.citizen_id, "citizen"),
                OpenStepDraft(
                    input.step,
                    input.deadline,
                    tuple(map(_change, input.applications)),
                    _admission(input.admission),
                ),
                expected_version=input.expected_version,
            )

        return await perform(info, OpenEducationStepPayload, act)

    @strawberry.mutation(
        description="Lets the citizen change a step that was sent; the citizen is told."
    )
    async def reopen_education_step(
        self, info: Info[Any, Any], input: ReopenEducationStepInput
    ) -> ReopenEducationStepResult | None:
        async def act(work: Work) -> Done:
            return await reopen_education_step(
                work,
                id_of(input.citizen_id, "citizen"),
                input.deadline,
                expected_version=input.expected_version,
            )

        return await perform(info, ReopenEducationStepPayload, act)


def _change(given: RecordApplicationInput) -> ApplicationChange:
    answer = absent_or(given.answer)
    return ApplicationChange(
        None if given.id is None else str(id_of(given.id, "application")),
        absent_or(given.goal),
        absent_or(given.institution),
        absent_or(given.sent),
        ABSENT if answer is ABSENT else answer.value,
    )


def _admission(given: AdmissionInput | None) -> AdmissionDraft | None:
    if given is None:
        return None
    return AdmissionDraft(
        None if given.application_id is None else str(id_of(given.application_id, "application")),
        absent_or(given.start_date),
        absent_or(given.started_on),
        absent_or(given.completed_on),
    )
