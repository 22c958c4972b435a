"""The current step of an education order as an element of the plan (DOMAIN 5.14, R96-R101)."""

from typing import Final, Literal, TypedDict

from app.domain.danish import prioritised_education_goal, weekday_date
from app.domain.document import (
    Application,
    EducationGoal,
    EducationOrder,
    EducationProposal,
    EducationStep,
    InstitutionContact,
    InstitutionProposal,
    PlanDocument,
    SupportNeed,
)
from app.domain.words import ElementWords, StepWords

StepAction = Literal["SAVE", "SEND"]

_CITIZEN_WRITES: Final = ("OPEN", "SAVED", "REOPENED")
_STEPS_OF_THE_CITIZEN: Final = (1, 2, 3)


class StepGoal(TypedDict):
    """A goal in the step view, with the institutions proposed for it (step 2)."""

    label: str
    goal: EducationGoal
    add_button: str | None
    proposals: list[InstitutionProposal]


class StepApplication(Application):
    """An application with the words of its row (step 3)."""

    sent_question: str | None
    sent_label: str | None
    answer_label: str | None
    answer_display: str


class EducationStepElement(TypedDict):
    """What another step holds is empty or None: proposals 1, goals 2-3, reason 2,
    applications 3, admitted to institution_contact 4."""

    type_name: Literal["EducationStepElement"]
    element: str
    heading: str
    step: int
    step_id: str
    status: str
    sent_at: str | None
    late: bool
    deadline: str
    deadline_display: str
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
    start_date: str | None
    support_need: SupportNeed | None
    institution_contact: InstitutionContact | None


def step_element(plan: PlanDocument, words: ElementWords) -> EducationStepElement | None:
    """The step that the order is at now, or None while no such step has been opened.

    For staff a step with only saved data is an open one, and what was saved is not in it (R98):
    the read gives staff no saved data in the first place, this holds even if it did.
    """
    order = plan["education_order"]
    step = current_step(order) if order else None
    if order is None or step is None:
        return None
    if step["status"] == "SAVED" and not plan.get("viewer_is_citizen", False):
        step, order = _without_saved_data(step, order)
    number, said = step["step"], words.steps[step["step"]]
    last = number == 4
    return EducationStepElement(
        type_name="EducationStepElement",
        element="EDUCATION_STEP",
        heading=said.heading,
        step=number,
        step_id=step["id"],
        status=step["status"],
        sent_at=step["sent_at"],
        late=step["late"],
        deadline=step["deadline"],
        deadline_display=weekday_date(step["deadline"]),
        caseworker=step["caseworker"],
        intro=said.intro,
        help_link=said.help_link,
        film_link=said.film_link,
        goals=_goals(plan, step, said) if number in (2, 3) else [],
        proposals=step["education_proposals"] if number == 1 else [],
        applications=_applications(order, words, said) if number == 3 else [],
        reason=step["institution_reason"] if number == 2 else None,
        reason_label=said.reason,
        reason_add=said.add_reason,
        actions=_actions(plan, step),
        save_label=said.save,
        send_label=said.send,
        admitted=order["admitted_application"] if last else None,
        start_date=order["start_date"] if last else None,
        support_need=order["support_need"] if last else None,
        institution_contact=order["institution_contact"] if last else None,
    )


def current_step(order: EducationOrder) -> EducationStep | None:
    """The newest opened step with the order's current number; an order may come back to a step."""
    opened = [step for step in order["steps"] if step["step"] == order["current_step"]]
    return opened[-1] if opened else None


def _without_saved_data(
    step: EducationStep, order: EducationOrder
) -> tuple[EducationStep, EducationOrder]:
    bare_step: EducationStep = {
        **step,
        "status": "OPEN",
        "education_proposals": [],
        "institution_proposals": [],
        "institution_reason": None,
    }
    return bare_step, {**order, "applications": []}


def _goals(plan: PlanDocument, step: EducationStep, said: StepWords) -> list[StepGoal]:
    proposed = step["institution_proposals"] if step["step"] == 2 else []
    return [
        StepGoal(
            label=prioritised_education_goal(goal["priority"], goal["education_name"]),
            goal=goal,
            add_button=said.add_proposal,
            proposals=[item for item in proposed if item["goal"] == goal["education_name"]],
        )
        for goal in sorted(plan["education_goals"], key=lambda goal: goal["priority"])
    ]


def _applications(
    order: EducationOrder, words: ElementWords, said: StepWords
) -> list[StepApplication]:
    return [
        {
            **application,
            "sent_question": said.sent_question,
            "sent_label": said.sent_yes,
            "answer_label": said.answer,
            "answer_display": words.answers[application["answer"]],
        }
        for application in order["applications"]
    ]


def _actions(plan: PlanDocument, step: EducationStep) -> list[StepAction]:
    may_write = (
        plan.get("viewer_is_citizen", False)
        and plan["status"] != "CLOSED"
        and step["step"] in _STEPS_OF_THE_CITIZEN
        and step["status"] in _CITIZEN_WRITES
    )
    return ["SAVE", "SEND"] if may_write else []
