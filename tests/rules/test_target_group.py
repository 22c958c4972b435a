"""What a change of target group does to the plan."""

from dataclasses import replace
from datetime import date

from app.rules.target_group import (
    exists_on,
    follows_the_present,
    hidden_elements,
    may_have_plan_type,
    plan_type_after,
)

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


def test_a_legacy_group_is_refused_after_its_last_day() -> None:
    legacy = replace(DAGPENGE, valid_to=date(2018, 12, 31))
    assert exists_on(legacy, date(2018, 12, 31)) is None
    refused = exists_on(legacy, date(2019, 1, 1))
    assert refused is not None
    assert refused.code == "INVALID_TARGET_GROUP"


def test_a_group_that_begins_later_is_replaced_on_its_own_first_day_only() -> None:
    today, begins = date(2026, 3, 2), date(2026, 4, 1)
    assert follows_the_present(begins, begins, today) is None
    for day in (today, date(2026, 4, 2)):
        assert follows_the_present(day, begins, today) is not None
