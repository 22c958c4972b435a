"""One plan, its composition, its completeness, its version."""

from datetime import UTC, datetime

import pytest

from app.domain.target_group import ElementCode, TargetGroup
from app.rules.breach import Breach, Finding
from app.rules.plan import (
    GoalCount,
    completeness,
    has_consent,
    has_contract,
    has_element,
    is_in_own_words,
)

from .code_lists import (
    ACTIVITY_READY,
    COMBI,
    DAGPENGE,
    EDU_READY,
    GROUPS,
    INTEGRATION,
    JOB_READY,
    RESOURCE,
)

NOTHING_WRITTEN, GOALS_WRITTEN = GoalCount(0, 0), GoalCount(0, 0, writes_goals=True)


def _answers(answers: list[Breach | Finding]) -> list[tuple[str, str, str]]:
    return [(type(a).__name__, a.rule, a.code) for a in answers]


@pytest.mark.rule("R4", "allowed")
def test_every_group_has_a_timeline_and_no_group_everything() -> None:
    for group in GROUPS.values():
        assert has_element(group, ElementCode.TIMELINE) is None
        assert any(has_element(group, element) for element in ElementCode)


@pytest.mark.rule("R4", "refused")
def test_education_goals_are_refused_where_the_matrix_has_none() -> None:
    assert has_element(RESOURCE, ElementCode.EDUCATION_GOALS) is None
    assert has_element(ACTIVITY_READY, ElementCode.EDUCATION_GOALS) is not None
    refused = has_element(JOB_READY, ElementCode.EDUCATION_GOALS, ("input", "educationGoals"))
    assert refused == Breach("R4", path=("input", "educationGoals"))


@pytest.mark.rule("R42", "allowed")
@pytest.mark.rule("R42", "refused")
@pytest.mark.rule("R112", "allowed")
@pytest.mark.rule("R112", "refused")
def test_a_missing_job_goal_refuses_writing_goals_and_warns_elsewhere() -> None:
    for group in (DAGPENGE, JOB_READY):
        assert _answers(completeness(group, "JOB_PLAN", GOALS_WRITTEN)) == [
            ("Breach", "R42", "JOB_GOAL_REQUIRED")
        ]
        assert _answers(completeness(group, "JOB_PLAN", NOTHING_WRITTEN)) == [
            ("Finding", "R42", "JOB_GOAL_REQUIRED")
        ]
        assert completeness(group, "JOB_PLAN", GoalCount(1, 0, writes_goals=True)) == []


@pytest.mark.parametrize("group", [ACTIVITY_READY, RESOURCE, INTEGRATION], ids=lambda g: g.code)
def test_compositions_c_and_d_only_warn_about_a_missing_job_goal(group: TargetGroup) -> None:
    answers = completeness(group, group.default_plan_type, GOALS_WRITTEN)
    assert _answers(answers) == [("Finding", "R42", "JOB_GOAL_REQUIRED")]


@pytest.mark.rule("R45", "allowed")
@pytest.mark.rule("R45", "refused")
@pytest.mark.rule("R112", "refused")
def test_a_combi_plan_needs_both_goals_in_the_operation_that_writes_one() -> None:
    half = GoalCount(1, 0, writes_goals=True)
    assert _answers(completeness(COMBI, "COMBI_PLAN", half)) == [
        ("Breach", "R45", "EDUCATION_GOAL_REQUIRED")
    ]
    assert _answers(completeness(COMBI, "COMBI_PLAN", NOTHING_WRITTEN)) == [
        ("Finding", "R45", "EDUCATION_GOAL_REQUIRED"),
        ("Finding", "R45", "JOB_GOAL_REQUIRED"),
    ]
    assert completeness(COMBI, "COMBI_PLAN", GoalCount(1, 1, writes_goals=True)) == []


@pytest.mark.parametrize("step", [None, 1])
@pytest.mark.rule("R46", "allowed")
def test_an_education_plan_may_lack_its_goal_until_step_2(step: int | None) -> None:
    count = GoalCount(0, 0, step=step, writes_goals=True)
    assert completeness(EDU_READY, "EDUCATION_PLAN", count) == []


@pytest.mark.parametrize("step", [2, 3, 4])
@pytest.mark.rule("R46", "refused")
def test_from_step_2_an_education_goal_is_demanded(step: int) -> None:
    moved = GoalCount(0, 0, step=step, moves_step=True)
    other = GoalCount(0, 0, step=step)
    expected = ("R46", "EDUCATION_GOAL_REQUIRED")
    assert _answers(completeness(EDU_READY, "EDUCATION_PLAN", moved)) == [("Breach", *expected)]
    assert _answers(completeness(EDU_READY, "EDUCATION_PLAN", other)) == [("Finding", *expected)]


@pytest.mark.parametrize(
    "text", ["Se § 9", "efter stk. 2", "LOVBEKENDTGØRELSE nr. 280", "  Standard. "]
)
@pytest.mark.rule("R7", "refused")
def test_legal_and_standard_text_is_suspected_and_never_refused(text: str) -> None:
    finding = is_in_own_words(text, ("input", "text"), standard_texts={"Standard."})
    assert isinstance(finding, Finding)
    assert (finding.code, finding.path) == ("LEGAL_TEXT_SUSPECTED", ("input", "text"))


@pytest.mark.parametrize("text", [None, "", "Du tager et stk ad gangen.", "Mødestk.x"])
@pytest.mark.rule("R7", "allowed")
def test_ordinary_words_are_not_suspected(text: str | None) -> None:
    assert is_in_own_words(text) is None


@pytest.mark.rule("R8", "allowed")
def test_a_holistic_plan_with_consent_is_accepted() -> None:
    assert has_consent(holistic=True, consented_at=datetime(2026, 3, 1, tzinfo=UTC)) is None


@pytest.mark.rule("R146", "allowed")
@pytest.mark.rule("R146", "refused")
def test_only_an_integration_plan_with_a_stored_contract_can_be_downloaded() -> None:
    assert has_contract(INTEGRATION.contract, stored=True) is None
    assert has_contract(INTEGRATION.contract, stored=False) == Breach("R146")
    assert has_contract(RESOURCE.contract, stored=True) == Breach("R146")
