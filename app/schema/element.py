"""The elements of a plan: an ordered union, exactly what the viewer sees (R5)."""

from typing import Annotated

import strawberry

from app.domain import document as doc, elements as parts, timeline as rows
from app.schema.agreement import Agreement
from app.schema.contract import IntegrationContract
from app.schema.description import PlanDescription
from app.schema.education_goal import EducationGoal
from app.schema.enums import AuthorityEnum, ElementCode, TimelineView
from app.schema.fields import Discriminated, derived
from app.schema.job_goal import JobGoal
from app.schema.scalars import Date
from app.schema.step_element import EducationStepElement
from app.schema.timeline import TIMELINE_READS, Timeline, timeline
from app.texts.words import element_words


@strawberry.type(description="“Kontrakt”.")
class ContractElement(Discriminated):
    element: ElementCode
    heading: str
    text: str
    download_label: str
    contract: IntegrationContract


@strawberry.type(description="“Uddannelsesmål”.")
class EducationGoalsElement(Discriminated):
    element: ElementCode
    heading: str
    goals: list[EducationGoal]
    agreed_with: str | None
    attribution: str | None


@strawberry.type(description="“Jobmål”.")
class JobGoalsElement(Discriminated):
    element: ElementCode
    heading: str
    goals: list[JobGoal]
    agreed_with: str | None
    attribution: str | None = strawberry.field(description="“Aftalt med ...”.")
    find_job_link: bool = strawberry.field(description="Whether “FIND JOB” is shown.")


@strawberry.type(description="“For at nå mit mål, har vi aftalt”, or the caseworker's comment.")
class PlanDescriptionElement(Discriminated):
    element: ElementCode
    heading: str
    text: str
    reply_allowed: bool
    description: PlanDescription


@strawberry.type(description="“Seneste aftale med jobcenter” or “... a-kasse”.")
class LatestAgreementElement(Discriminated):
    element: ElementCode
    heading: str
    authority: AuthorityEnum
    text: str
    agreed_with: str | None
    agreed_on: Date
    attribution: str | None
    agreement: Agreement


def _timeline(
    root: dict[str, doc.PlanDocument],
    anchor: Date | None = None,
    months: int = 6,
    view: TimelineView = TimelineView.TIMELINE,
) -> rows.Timeline:
    return timeline(root["plan"], anchor, months, view)


@strawberry.type(description="“Indsatser og aftaler”.")
class TimelineElement(Discriminated):
    element: ElementCode
    heading: str
    timeline: Timeline = derived(_timeline, reads=TIMELINE_READS)


PlanElement = Annotated[
    ContractElement
    | EducationGoalsElement
    | JobGoalsElement
    | PlanDescriptionElement
    | EducationStepElement
    | LatestAgreementElement
    | TimelineElement,
    strawberry.union("PlanElement", description="A part of the plan as it is shown."),
]


def elements(root: doc.PlanDocument) -> list[parts.PlanElement]:
    """The elements of the target group's composition that have content."""
    return parts.elements(root, element_words())
