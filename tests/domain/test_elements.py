"""What a plan shows, element by element, against the worked examples."""

from typing import Any

import pytest

from app.domain.document import PlanDocument
from app.domain.elements import PlanElement, elements, goal_type
from app.texts.words import element_words

from .example_parts import cases
from .example_plans import plan_document

# What an element of the examples says by other means: goals of the goal sections are compared by
# what the example says of each, and the timeline has tests of its own.
_TYPES = {
    "CONTRACT": "ContractElement",
    "EDUCATION_GOALS": "EducationGoalsElement",
    "JOB_GOALS": "JobGoalsElement",
    "PLAN_DESCRIPTION": "PlanDescriptionElement",
    "EDUCATION_STEP": "EducationStepElement",
    "LATEST_AGREEMENT_JOBCENTER": "LatestAgreementElement",
    "LATEST_AGREEMENT_UNEMPLOYMENT_FUND": "LatestAgreementElement",
    "TIMELINE": "TimelineElement",
}


def said(element: PlanElement) -> dict[str, Any]:
    """An element in the form of the examples: goals and proposals by their words alone."""
    shown: dict[str, Any] = {**element}
    if element["type_name"] == "JobGoalsElement":
        shown["goals"] = [
            {"text": goal["text"], "type": goal_type(goal)} for goal in element["goals"]
        ]
    if element["type_name"] == "EducationGoalsElement":
        shown["goals"] = [
            {"priority": goal["priority"], "text": goal["education_name"]}
            for goal in element["goals"]
        ]
    if element["type_name"] == "EducationStepElement":
        institutions = [
            [{"institution": item["institution"]} for item in goal["proposals"]]
            for goal in element["goals"]
        ]
        shown["goals"] = [
            {"label": goal["label"]}
            | ({"add_button": goal["add_button"], "proposals": names} if goal["add_button"] else {})
            for goal, names in zip(element["goals"], institutions, strict=True)
        ]
        shown["applications"] = [
            {key: value for key, value in item.items() if key != "id"}
            for item in element["applications"]
        ]
        admitted, need = element["admitted"], element["support_need"]
        shown["admitted"] = admitted and {key: admitted[key] for key in ("goal", "institution")}
        shown["support_need"] = need and {key: need[key] for key in ("has_need", "text")}
    return shown


def assert_says(element: PlanElement, expected: dict[str, Any]) -> None:
    assert element["type_name"] == _TYPES[expected["element"]]
    checked = ("element", "heading") if expected["element"] == "TIMELINE" else tuple(expected)
    shown = said(element)
    wanted = {key: expected[key] for key in checked if key != "status_one_of"}
    assert {key: shown[key] for key in wanted} == wanted


def shown_codes(plan: PlanDocument) -> list[str]:
    return [element["element"] for element in elements(plan, element_words())]


@pytest.mark.parametrize("case_id", cases())
@pytest.mark.rule("R5", "allowed")
@pytest.mark.rule("R10", "allowed")
@pytest.mark.rule("R69", "allowed")
@pytest.mark.rule("R63", "allowed")
def test_a_citizen_sees_exactly_the_elements_of_the_worked_example(case_id: str) -> None:
    case = cases()[case_id]
    built = elements(plan_document(case_id), element_words())
    unasserted = case.get("not_asserted_elements", [])
    expected = [item["element"] for item in case["citizen_view"]] + unasserted
    assert [element["element"] for element in built] == expected
    assert not {element["element"] for element in built} & set(case["absent_elements"])
    for element, item in zip(built, case["citizen_view"], strict=False):
        assert_says(element, item)


def saved_step_as_staff_reads_it() -> PlanDocument:
    plan = plan_document("O-1", viewer_is_citizen=False)
    assert plan["education_order"]
    assert plan["education_order"]["steps"][-1]["status"] == "SAVED"
    return plan


def test_staff_sees_a_saved_step_as_open_and_nothing_of_what_was_saved() -> None:
    view = cases()["O-1"]["caseworker_view"]
    built = elements(saved_step_as_staff_reads_it(), element_words())
    for element, item in zip(built, view["elements"], strict=True):
        assert_says(element, item)
    step = next(element for element in built if element["type_name"] == "EducationStepElement")
    assert step["status"] == "OPEN"
    assert not [text for text in view["must_not_appear"]["strings"] if text in repr(step)]


def test_a_read_that_names_no_viewer_is_treated_as_staff() -> None:
    plan = saved_step_as_staff_reads_it()
    del plan["viewer_is_citizen"]
    assert (
        elements(plan, element_words())[2]
        == elements(saved_step_as_staff_reads_it(), element_words())[2]
    )


@pytest.mark.parametrize(
    ("viewer_is_citizen", "view"), [(True, "citizen_step"), (False, "caseworker_step")]
)
def test_a_sent_step_is_the_same_for_both_and_cannot_be_written(
    viewer_is_citizen: bool, view: str
) -> None:
    plan = plan_document("O-1", viewer_is_citizen=viewer_is_citizen)
    assert plan["education_order"]
    plan["education_order"]["steps"][-1]["status"] = "SENT"
    assert_says(elements(plan, element_words())[2], cases()["O-1"]["after_send"][view])


def step_actions(plan: PlanDocument) -> list[str]:
    built = elements(plan, element_words())
    return [
        action
        for element in built
        if element["type_name"] == "EducationStepElement"
        for action in element["actions"]
    ]


def test_a_reopened_step_can_be_written_again_until_the_plan_is_closed() -> None:
    plan = plan_document("B1-3")
    assert plan["education_order"]
    plan["education_order"]["steps"][-1]["status"] = "REOPENED"
    assert step_actions(plan) == ["SAVE", "SEND"]
    plan["status"] = "CLOSED"
    assert step_actions(plan) == []


def test_an_order_that_came_back_to_a_step_shows_the_newest_opening() -> None:
    plan = plan_document("B1-3")
    assert plan["education_order"]
    steps = plan["education_order"]["steps"]
    steps.append({**steps[-1], "id": "again", "deadline": "2020-02-03"})
    step = elements(plan, element_words())[3]
    assert step["type_name"] == "EducationStepElement"
    assert (step["step_id"], step["deadline_display"]) == ("again", "Mandag den 3. feb. 2020")


@pytest.mark.rule("R53", "allowed")
@pytest.mark.rule("R50", "refused")
def test_a_plan_without_goals_still_leads_to_the_job_proposals() -> None:
    plan = plan_document("B1-2")
    plan["job_goals"] = []
    goals = elements(plan, element_words())[0]
    assert goals["type_name"] == "JobGoalsElement"
    assert (goals["goals"], goals["attribution"], goals["find_job_link"]) == ([], None, True)


@pytest.mark.rule("R53", "refused")
def test_job_goals_without_goal_and_link_are_left_out() -> None:
    plan = plan_document("B1-6")
    plan["job_goals"] = []
    assert shown_codes(plan) == ["PLAN_DESCRIPTION", "TIMELINE"]


@pytest.mark.rule("R50", "allowed")
@pytest.mark.rule("R47", "allowed")
def test_goals_stand_by_priority_and_name_who_confirmed_last() -> None:
    plan = plan_document("B1-4")
    first, second = plan["job_goals"]
    newer = "2019-11-01T08:00:00+01:00"
    plan["job_goals"] = [{**second, "confirmed_by": "Ditte Kornum", "confirmed_at": newer}, first]
    goals = elements(plan, element_words())[0]
    assert goals["type_name"] == "JobGoalsElement"
    assert [goal["priority"] for goal in goals["goals"]] == [1, 2]
    assert goals["attribution"] == "Aftalt med Ditte Kornum"


@pytest.mark.rule("R5", "refused")
@pytest.mark.rule("R69", "refused")
def test_everything_but_the_timeline_is_left_out_while_it_has_no_content() -> None:
    plan = plan_document("B1-3")
    plan["education_goals"], plan["job_goals"], plan["shows_find_job"] = [], [], False
    plan["description"] = plan["education_order"] = None
    plan["latest_agreement_jobcenter"] = plan["latest_agreement_unemployment_fund"] = None
    assert shown_codes(plan) == ["TIMELINE"]


@pytest.mark.rule("R4", "refused")
@pytest.mark.rule("R63", "refused")
def test_content_outside_the_composition_is_never_shown() -> None:
    plan = plan_document("O-2")
    assert plan["latest_agreement_unemployment_fund"] is not None
    assert "LATEST_AGREEMENT_UNEMPLOYMENT_FUND" not in shown_codes(plan)
    plan["composition_elements"] = []
    assert shown_codes(plan) == []
