"""The education step as the citizen writes it: saved for the citizen alone, then sent."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.education_step import save_education_step, send_education_step
from app.domain.education import (
    ApplicationDraft,
    EducationProposalDraft,
    InstitutionProposalDraft,
    StepDataDraft,
)
from app.schema.education_enums import ApplicationAnswer
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="Step 1: an education; the order of the list is the priority.")
class EducationProposalInput:
    education_name: str
    reason: str | None = None


@strawberry.input(description="Step 2: a place of education for a goal, by the goal's name.")
class InstitutionProposalInput:
    goal: str
    institution: str


@strawberry.input(description="Step 3: an application, which is made outside Jobnet.")
class ApplicationInput:
    id: strawberry.ID | None = strawberry.field(
        default=None, description="The application that this one continues."
    )
    goal: str
    institution: str | None = None
    sent: bool | None = None
    answer: ApplicationAnswer = ApplicationAnswer.AWAITING


@strawberry.input(description="“GEM”: takes the place of all that was saved of the step before.")
class SaveEducationStepInput:
    citizen_id: strawberry.ID
    step: int = strawberry.field(description="The step that is open: 1, 2 or 3.")
    education_proposals: list[EducationProposalInput] | None = None
    institution_proposals: list[InstitutionProposalInput] | None = None
    institution_reason: str | None = strawberry.field(
        default=None, description="“Derfor har jeg valgt disse uddannelsessteder”."
    )
    applications: list[ApplicationInput] | None = None
    expected_version: int | None = None


@strawberry.input(
    description="“GEM OG SEND TIL SAGSBEHANDLER”; without data what was saved is sent."
)
class SendEducationStepInput:
    citizen_id: strawberry.ID
    step: int = strawberry.field(description="The step that is open: 1, 2 or 3.")
    education_proposals: list[EducationProposalInput] | None = None
    institution_proposals: list[InstitutionProposalInput] | None = None
    institution_reason: str | None = strawberry.field(
        default=None, description="“Derfor har jeg valgt disse uddannelsessteder”."
    )
    applications: list[ApplicationInput] | None = None
    expected_version: int | None = None


@strawberry.type(description="`plan` shows what was saved; `version` is the one there was before.")
class SaveEducationStepPayload(PlanPayload):
    step_id: strawberry.ID


@strawberry.type
class SendEducationStepPayload(PlanPayload):
    step_id: strawberry.ID


SaveEducationStepResult = Annotated[
    SaveEducationStepPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SaveEducationStepResult"),
]
SendEducationStepResult = Annotated[
    SendEducationStepPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SendEducationStepResult"),
]


@strawberry.type
class EducationStepMutation:
    @strawberry.mutation(
        description="Keeps the data of the open step for the citizen alone; it makes no version."
    )
    async def save_education_step(
        self, info: Info[Any, Any], input: SaveEducationStepInput
    ) -> SaveEducationStepResult | None:
        async def act(work: Work) -> Done:
            return await save_education_step(
                work,
                id_of(input.citizen_id, "citizen"),
                _draft(input),
                expected_version=input.expected_version,
            )

        return await perform(info, SaveEducationStepPayload, act)

    @strawberry.mutation(
        description="Sends the open step to the caseworker; then it is locked until reopened."
    )
    async def send_education_step(
        self, info: Info[Any, Any], input: SendEducationStepInput
    ) -> SendEducationStepResult | None:
        async def act(work: Work) -> Done:
            return await send_education_step(
                work,
                id_of(input.citizen_id, "citizen"),
                input.step,
                _draft(input) if _has_data(input) else None,
                expected_version=input.expected_version,
            )

        return await perform(info, SendEducationStepPayload, act)


def _has_data(given: SendEducationStepInput) -> bool:
    data = (given.education_proposals, given.institution_proposals, given.applications)
    return given.institution_reason is not None or any(part is not None for part in data)


def _draft(given: SaveEducationStepInput | SendEducationStepInput) -> StepDataDraft:
    return StepDataDraft(
        given.step,
        tuple(
            EducationProposalDraft(item.education_name, item.reason)
            for item in given.education_proposals or ()
        ),
        tuple(
            InstitutionProposalDraft(item.goal, item.institution)
            for item in given.institution_proposals or ()
        ),
        given.institution_reason,
        tuple(
            ApplicationDraft(
                item.goal,
                item.institution,
                item.sent,
                item.answer.value,
                None if item.id is None else str(id_of(item.id, "application")),
            )
            for item in given.applications or ()
        ),
    )
