"""The elements of a plan, in the order of its composition (R5).

An element without content is left out, whether or not the composition says "only if any": so the
worked examples have it for education goals at step 1 and for an agreement that does not exist yet.
The link to job proposals is content of its own: job goals are shown with that link before the
first goal is set, and left out where neither goal nor link exists. The timeline is always shown.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, TypedDict

from app.domain.danish import agreed_with, agreed_with_on
from app.domain.document import (
    Agreement,
    Authority,
    EducationGoal,
    IntegrationContract,
    JobGoal,
    PlanDescription,
    PlanDocument,
)
from app.domain.step_element import EducationStepElement, step_element
from app.domain.words import ElementWords


class ElementHead(TypedDict):
    """The element's code and its Danish heading."""

    element: str
    heading: str


class ContractElement(ElementHead):
    type_name: Literal["ContractElement"]
    text: str
    download_label: str
    contract: IntegrationContract


class EducationGoalsElement(ElementHead):
    type_name: Literal["EducationGoalsElement"]
    goals: list[EducationGoal]
    agreed_with: str | None
    attribution: str | None


class JobGoalsElement(ElementHead):
    type_name: Literal["JobGoalsElement"]
    goals: list[JobGoal]
    agreed_with: str | None
    attribution: str | None
    find_job_link: bool


class PlanDescriptionElement(ElementHead):
    type_name: Literal["PlanDescriptionElement"]
    text: str
    reply_allowed: bool
    description: PlanDescription


class LatestAgreementElement(ElementHead):
    type_name: Literal["LatestAgreementElement"]
    authority: Authority
    text: str
    agreed_with: str
    agreed_on: str
    attribution: str
    agreement: Agreement


class TimelineElement(ElementHead):
    """Holds the whole plan, so that the timeline is only derived where it is asked for."""

    type_name: Literal["TimelineElement"]
    plan: PlanDocument


PlanElement = (
    ContractElement
    | EducationGoalsElement
    | JobGoalsElement
    | PlanDescriptionElement
    | EducationStepElement
    | LatestAgreementElement
    | TimelineElement
)


def elements(plan: PlanDocument, words: ElementWords) -> list[PlanElement]:
    """Exactly what the viewer sees, in order; KeyError for an element code that is unknown."""
    built = [_BUILDERS[part["code"]](plan, words) for part in plan["composition_elements"]]
    return [element for element in built if element is not None]


def goal_type(goal: JobGoal) -> Literal["OCCUPATION", "JOB_FUNCTION"]:
    """Whether a job goal is an occupation or a freely worded function (R40)."""
    return "JOB_FUNCTION" if goal["occupation"] is None else "OCCUPATION"


def _contract(plan: PlanDocument, words: ElementWords) -> ContractElement | None:
    contract = plan["contract"]
    if contract is None:
        return None
    return ContractElement(
        type_name="ContractElement",
        element="CONTRACT",
        heading=words.headings["CONTRACT"],
        text=words.contract_text,
        download_label=words.contract_download,
        contract=contract,
    )


def _education_goals(plan: PlanDocument, words: ElementWords) -> EducationGoalsElement | None:
    goals = plan["education_goals"]
    if not goals:
        return None
    agreed_by = max(goals, key=lambda goal: datetime.fromisoformat(goal["agreed_at"]))["agreed_by"]
    return EducationGoalsElement(
        type_name="EducationGoalsElement",
        element="EDUCATION_GOALS",
        heading=words.headings["EDUCATION_GOALS"],
        goals=sorted(goals, key=lambda goal: goal["priority"]),
        agreed_with=agreed_by,
        attribution=agreed_with(agreed_by),
    )


def _job_goals(plan: PlanDocument, words: ElementWords) -> JobGoalsElement | None:
    goals = plan["job_goals"]
    if not goals and not plan["shows_find_job"]:
        return None
    newest = max(goals, key=lambda goal: datetime.fromisoformat(goal["confirmed_at"]), default=None)
    confirmed_by = newest["confirmed_by"] if newest else None
    return JobGoalsElement(
        type_name="JobGoalsElement",
        element="JOB_GOALS",
        heading=words.headings["JOB_GOALS"],
        goals=sorted(goals, key=lambda goal: goal["priority"]),
        agreed_with=confirmed_by,
        attribution=agreed_with(confirmed_by) if confirmed_by else None,
        find_job_link=plan["shows_find_job"],
    )


def _description(plan: PlanDocument, words: ElementWords) -> PlanDescriptionElement | None:
    description = plan["description"]
    if description is None or not description["text"].strip():
        return None
    variant = plan["description_variant"] or description["variant"]
    return PlanDescriptionElement(
        type_name="PlanDescriptionElement",
        element="PLAN_DESCRIPTION",
        heading=words.descriptions[variant],
        text=description["text"],
        reply_allowed=variant == "CASEWORKER_COMMENT",
        description=description,
    )


def _latest_of_jobcenter(plan: PlanDocument, words: ElementWords) -> LatestAgreementElement | None:
    return _latest(plan["latest_agreement_jobcenter"], words, "LATEST_AGREEMENT_JOBCENTER")


def _latest_of_fund(plan: PlanDocument, words: ElementWords) -> LatestAgreementElement | None:
    latest = plan["latest_agreement_unemployment_fund"]
    return _latest(latest, words, "LATEST_AGREEMENT_UNEMPLOYMENT_FUND")


def _latest(
    agreement: Agreement | None, words: ElementWords, code: str
) -> LatestAgreementElement | None:
    if agreement is None or not agreement["agreement_text"].strip():
        return None
    return LatestAgreementElement(
        type_name="LatestAgreementElement",
        element=code,
        heading=words.headings[code],
        authority=agreement["authority"],
        text=agreement["agreement_text"],
        agreed_with=agreement["caseworker"],
        agreed_on=agreement["held_on"],
        attribution=agreed_with_on(agreement["caseworker"], agreement["held_on"]),
        agreement=agreement,
    )


def _timeline(plan: PlanDocument, words: ElementWords) -> TimelineElement:
    return TimelineElement(
        type_name="TimelineElement",
        element="TIMELINE",
        heading=words.headings["TIMELINE"],
        plan=plan,
    )


_BUILDERS: Final[dict[str, Callable[[PlanDocument, ElementWords], PlanElement | None]]] = {
    "CONTRACT": _contract,
    "EDUCATION_GOALS": _education_goals,
    "JOB_GOALS": _job_goals,
    "PLAN_DESCRIPTION": _description,
    "EDUCATION_STEP": step_element,
    "LATEST_AGREEMENT_JOBCENTER": _latest_of_jobcenter,
    "LATEST_AGREEMENT_UNEMPLOYMENT_FUND": _latest_of_fund,
    "TIMELINE": _timeline,
}
