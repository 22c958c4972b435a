"""The citizen's own list of sought jobs."""

import pytest

from app.rules.sought_job import (
    cv_may_be_searchable,
    is_there,
    keeps_minimum,
    may_be_written,
    needs_approval,
)
from app.rules.target_group import has_sought_job_after_change

from .code_lists import (
    ACTIVITY_READY,
    COMBI,
    DAGPENGE,
    FUND,
    GROUPS,
    JOB_READY,
    OBVIOUSLY_READY,
)


@pytest.mark.rule("R30", "allowed")
@pytest.mark.rule("R30", "refused")
def test_the_last_sought_job_stays_where_the_group_must_seek_work() -> None:
    for group in (DAGPENGE, COMBI, JOB_READY, OBVIOUSLY_READY):
        refused = keeps_minimum(group, remaining=0)
        assert refused is not None
        assert refused.code == "MIN_ONE_SOUGHT_JOB"
        assert keeps_minimum(group, remaining=1) is None


@pytest.mark.rule("R31", "allowed")
def test_groups_that_need_not_seek_work_may_have_an_empty_list() -> None:
    assert all(keeps_minimum(g, remaining=0) is None for g in GROUPS.values() if not g.obliged)


@pytest.mark.rule("R33", "allowed")
def test_staff_write_only_during_an_open_registration_and_the_citizen_always() -> None:
    assert may_be_written(by_citizen=True, registration_open=False) is None
    assert may_be_written(by_citizen=True, registration_open=True) is None


@pytest.mark.rule("R35", "allowed")
@pytest.mark.rule("R35", "refused")
def test_a_missing_sought_job_is_a_task_for_the_responsible_authority() -> None:
    finding = is_there(DAGPENGE, 0, FUND)
    assert finding is not None
    assert (finding.code, finding.details) == ("MISSING_SOUGHT_JOB", {"responsible": FUND})
    assert is_there(DAGPENGE, 1, FUND) is None
    assert is_there(ACTIVITY_READY, 0, None) is None


@pytest.mark.rule("R134", "allowed")
@pytest.mark.rule("R134", "refused")
def test_becoming_obliged_without_a_sought_job_is_a_task() -> None:
    assert has_sought_job_after_change(JOB_READY, 0) is not None
    assert has_sought_job_after_change(JOB_READY, 1) is None
    assert has_sought_job_after_change(ACTIVITY_READY, 0) is None


@pytest.mark.rule("R36", "allowed")
@pytest.mark.rule("R36", "refused")
def test_the_jobcenter_approves_the_lists_of_obliged_groups_but_not_of_dagpenge() -> None:
    assert needs_approval(JOB_READY)
    assert not needs_approval(DAGPENGE)
    assert not needs_approval(ACTIVITY_READY)


@pytest.mark.rule("R37", "allowed")
@pytest.mark.rule("R37", "refused")
def test_a_searchable_cv_needs_a_sought_job() -> None:
    assert cv_may_be_searchable(ACTIVITY_READY, searchable=True, sought_jobs=0) is not None
    assert cv_may_be_searchable(ACTIVITY_READY, searchable=True, sought_jobs=1) is None
    assert cv_may_be_searchable(ACTIVITY_READY, searchable=False, sought_jobs=0) is None
