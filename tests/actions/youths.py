"""A youth with an education order, and the ways it goes through the steps."""

from uuid import UUID

from app.actions.education import open_education_step
from app.actions.education_goal import set_education_goals
from app.actions.education_step import save_education_step, send_education_step
from app.actions.handover import assess_support_need
from app.domain.education import (
    ApplicationChange,
    ApplicationDraft,
    EducationProposalDraft,
    InstitutionContactDraft,
    InstitutionProposalDraft,
    OpenStepDraft,
    StepDataDraft,
    SupportNeedDraft,
)
from app.domain.goal import EducationGoalDraft
from tests.actions.desk import JOBCENTER_VIEWER, Desk, Outcome, citizen_viewer, day

YOUTH = "EDU_BENEFIT_EDU_READY"
SCHOOL = "Erhvervsskolen Stjerneurt"
STEP_1 = StepDataDraft(1, (EducationProposalDraft("Smed", "Jeg kan lide metal"),))
STEP_2 = StepDataDraft(
    2,
    institution_proposals=(InstitutionProposalDraft("Smed", SCHOOL),),
    institution_reason="Tæt på bussen",
)
STEP_3 = StepDataDraft(3, applications=(ApplicationDraft("Smed", SCHOOL, sent=True),))
CONTACT = InstitutionContactDraft("Ida Stenmark", "00 15 42 69", "ida@jobcenter.example")


async def youth(desk: Desk, step: int = 1) -> UUID:
    """A youth with an education goal, at a step."""
    citizen_id = await desk.citizen(YOUTH)
    await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_education_goals(work, citizen_id, [EducationGoalDraft("Smed", 1)]),
        lambda work: open_education_step(work, citizen_id, OpenStepDraft(step, day(14))),
    )
    return citizen_id


async def move(desk: Desk, citizen_id: UUID, draft: OpenStepDraft) -> Outcome:
    return await desk.run(
        JOBCENTER_VIEWER, lambda work: open_education_step(work, citizen_id, draft)
    )


async def save(desk: Desk, citizen_id: UUID, draft: StepDataDraft) -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id), lambda work: save_education_step(work, citizen_id, draft)
    )


async def send(
    desk: Desk, citizen_id: UUID, step: int, draft: StepDataDraft | None = None
) -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id),
        lambda work: send_education_step(work, citizen_id, step, draft),
    )


async def apply(desk: Desk, citizen_id: UUID, change: ApplicationChange) -> str:
    """The jobcenter writes down what it learnt of an application; the application's id."""
    outcome = await move(desk, citizen_id, OpenStepDraft(applications=(change,)))
    application_id: str = outcome.done.values["application_ids"][0]
    return application_id


async def admitted(desk: Desk) -> tuple[UUID, str]:
    """A youth at step 4, and the application that was answered with admission."""
    citizen_id = await youth(desk, step=3)
    application_id = await apply(
        desk, citizen_id, ApplicationChange(None, "Smed", SCHOOL, True, "ADMITTED")
    )
    await move(desk, citizen_id, OpenStepDraft(4, day(30)))
    return citizen_id, application_id


async def assess(desk: Desk, citizen_id: UUID, draft: SupportNeedDraft) -> Outcome:
    return await desk.run(
        JOBCENTER_VIEWER, lambda work: assess_support_need(work, citizen_id, draft)
    )
