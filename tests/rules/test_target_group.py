"""What a change of target group does to the plan."""

from app.rules.target_group import hidden_elements, may_have_plan_type, plan_type_after

from .code_lists import (
    ACTIVITY_READY,
    DAGPENGE,
    GROUPS,
    JOB_READY,
)


def test_a_new_group_gives_its_default_plan_type_or_a_listed_one() -> None:
    referred = GROUPS["FLEXJOB_REFERRED"]
    assert plan_type_after(referred) == "OTHER_INTERVENTIONS_PLAN"
    assert plan_type_after(referred, "JOB_PLAN") == "JOB_PLAN"
    assert may_have_plan_type(referred, "JOB_PLAN") is may_have_plan_type(referred, None) is None
    refused = may_have_plan_type(referred, "EDUCATION_PLAN")
    assert refused is not None
    assert refused.code == "INVALID_PLAN_TYPE"


def test_becoming_job_ready_hides_the_description_and_nothing_the_new_group_has() -> None:
    assert "PLAN_DESCRIPTION" in hidden_elements(ACTIVITY_READY, JOB_READY)
    assert hidden_elements(DAGPENGE, JOB_READY) == ("LATEST_AGREEMENT_UNEMPLOYMENT_FUND",)
    for group in GROUPS.values():
        assert hidden_elements(group, group) == ()
