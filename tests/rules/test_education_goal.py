"""Education goals and who may have an education order."""

import pytest

from app.domain.goal import EducationGoalDraft
from app.rules.breach import Breach, breaches
from app.rules.education_goal import education_goals, may_have_order

from .code_lists import (
    DAGPENGE,
    EDU_READY,
    GROUPS,
    JOB_TRACK,
)


@pytest.mark.rule("R47", "allowed")
@pytest.mark.rule("R48", "refused")
def test_education_goals_are_written_where_the_matrix_has_them() -> None:
    goals = [EducationGoalDraft("Tømrer", 1), EducationGoalDraft("Smed", 2)]
    for group in GROUPS.values():
        refused = [b.code for b in breaches(education_goals(goals, group))]
        if group is JOB_TRACK:
            assert refused == ["EDUCATION_ORDER_NOT_ALLOWED"]
        elif group.education_goal_rule is None:
            assert refused == ["ELEMENT_NOT_IN_COMPOSITION"]
        else:
            assert refused == []
        assert breaches(education_goals([], group)) == []


@pytest.mark.rule("R47", "refused")
def test_education_goals_have_unique_priorities() -> None:
    twice = [EducationGoalDraft("Tømrer", 1), EducationGoalDraft("Smed", 1)]
    assert [b.rule for b in breaches(education_goals(twice, EDU_READY))] == ["R47"]


@pytest.mark.rule("R95", "allowed")
@pytest.mark.rule("R95", "refused")
@pytest.mark.rule("R48", "refused")
@pytest.mark.rule("R48", "allowed")
def test_an_education_order_is_for_groups_with_education_steps() -> None:
    for group in GROUPS.values():
        assert (may_have_order(group) is None) == group.education_steps
    assert may_have_order(JOB_TRACK) == Breach("R48")
    assert may_have_order(DAGPENGE) == Breach("R95")
