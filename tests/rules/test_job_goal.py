"""Job goals."""

import pytest
from hypothesis import given, strategies as st

from app.domain.goal import JobGoalDraft, SubGoalDraft
from app.domain.target_group import TargetGroup
from app.rules.breach import Breach, Finding, breaches, findings
from app.rules.job_goal import free_text_is_replaced, is_gapless, job_goals

from .code_lists import (
    ACTIVITY_READY,
    COMBI,
    DAGPENGE,
    GROUPS,
    RESOURCE,
)

WELDER = JobGoalDraft("SHORT_TERM", 1, occupation_code="7212")
KITCHEN = JobGoalDraft("SHORT_TERM", 1, job_function_text="Køkken- og kantinearbejde")
PATH = ("input", "jobGoals")


def _codes(*goals: JobGoalDraft, group: TargetGroup = RESOURCE) -> list[tuple[str, str]]:
    return [(b.rule, b.code) for b in breaches(job_goals(goals, group, {}))]


@given(st.integers(0, 12).flatmap(lambda n: st.permutations(range(1, n + 1))))
@pytest.mark.rule("R41", "allowed")
def test_priorities_may_come_in_any_order(priorities: list[int]) -> None:
    assert is_gapless(priorities)


@given(st.lists(st.integers(-3, 6), max_size=6))
@pytest.mark.rule("R41", "refused")
def test_priorities_are_one_to_n_each_once(priorities: list[int]) -> None:
    expected = len(set(priorities)) == len(priorities) and set(priorities) == set(
        range(1, len(priorities) + 1)
    )
    assert is_gapless(priorities) == expected


@pytest.mark.rule("R38", "allowed")
@pytest.mark.rule("R40", "allowed")
def test_an_occupation_is_a_goal_for_every_group_with_job_goals() -> None:
    for group in GROUPS.values():
        if group.job_goal_rule:
            assert _codes(WELDER, group=group) == []


@pytest.mark.rule("R38", "refused")
@pytest.mark.rule("R39", "allowed")
def test_free_text_is_refused_for_those_who_must_seek_work() -> None:
    for group in (DAGPENGE, COMBI):
        (refused,) = breaches(job_goals([KITCHEN], group, {}))
        assert refused == Breach("R38", path=(*PATH, 0, "jobFunctionText"))
    assert _codes(KITCHEN, group=RESOURCE) == []


@pytest.mark.rule("R39", "allowed")
@pytest.mark.rule("R39", "refused")
def test_a_long_term_goal_may_be_described_where_free_text_is_allowed() -> None:
    described = JobGoalDraft("LONG_TERM", 1, "7212", long_term_description="Et fleksjob.")
    hurried = JobGoalDraft("SHORT_TERM", 1, "7212", long_term_description="Et fleksjob.")
    assert _codes(described) == []
    assert _codes(hurried) == [("R39", "FREE_TEXT_NOT_ALLOWED")]
    assert _codes(described, group=DAGPENGE) == [("R38", "FREE_TEXT_NOT_ALLOWED")]


@pytest.mark.rule("R40", "refused")
@pytest.mark.rule("R41", "refused")
def test_a_goal_is_an_occupation_or_a_function_and_has_a_term() -> None:
    both = JobGoalDraft("SHORT_TERM", 1, occupation_code="7212", job_function_text="Svejsning")
    blank = JobGoalDraft("SHORT_TERM", 1, job_function_text="  ")
    never = JobGoalDraft("SOME_DAY", 1, occupation_code="7212")
    assert _codes(both) == _codes(blank) == [("R40", "INVALID_GOAL")]
    assert _codes(never) == [("R41", "INVALID_GOAL")]


@pytest.mark.rule("R44", "allowed")
@pytest.mark.rule("R44", "refused")
def test_sub_goals_belong_to_groups_with_a_description() -> None:
    goal = JobGoalDraft("SHORT_TERM", 1, "7212", sub_goals=(SubGoalDraft("Tre formiddage"),))
    assert _codes(goal, group=DAGPENGE) == [("R44", "SUBGOAL_NOT_ALLOWED")]
    assert _codes(goal, group=COMBI) == _codes(goal, group=RESOURCE) == []


def test_all_broken_rules_come_at_once_with_their_paths() -> None:
    goal = JobGoalDraft("SHORT_TERM", 3, sub_goals=(SubGoalDraft("x" * 301),))
    found = breaches(job_goals([WELDER, goal], DAGPENGE, {}))
    assert [(b.code, b.path) for b in found] == [
        ("INVALID_PRIORITY", PATH),
        ("INVALID_GOAL", (*PATH, 1)),
        ("SUBGOAL_NOT_ALLOWED", (*PATH, 1, "subGoals")),
        ("TEXT_TOO_LONG", (*PATH, 1, "subGoals", 0, "text")),
    ]


@pytest.mark.rule("R49", "refused")
def test_a_goal_outside_the_shortage_areas_only_warns() -> None:
    answers = job_goals([WELDER], DAGPENGE, {"7212": "NOT_IN_SHORTAGE"})
    assert breaches(answers) == []
    assert [f.code for f in findings(answers)] == ["OUTSIDE_SHORTAGE_AREA"]


@pytest.mark.rule("R133", "allowed")
@pytest.mark.rule("R133", "refused")
def test_old_free_text_goals_refuse_writing_goals_and_warn_elsewhere() -> None:
    assert isinstance(free_text_is_replaced(DAGPENGE, 1, writes_goals=True), Breach)
    assert isinstance(free_text_is_replaced(DAGPENGE, 1, writes_goals=False), Finding)
    assert free_text_is_replaced(DAGPENGE, 0, writes_goals=True) is None
    assert free_text_is_replaced(ACTIVITY_READY, 1, writes_goals=True) is None
