"""Job search requirements: who issues them, what they hold, how they follow each other."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from app.domain.requirement import AreaDraft, RequirementDraft
from app.rules.breach import breaches
from app.rules.requirement import (
    ends_on_group_change,
    follows_the_previous,
    previous_ends_on,
    requirement,
)

from .code_lists import ACTIVITY_READY, DAGPENGE, FUND, GROUPS, JOB_READY, JOBCENTER

DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))
MARCH_1 = date(2026, 3, 1)
COMPLETE = RequirementDraft(
    MARCH_1,
    occupation_codes=("7212",),
    areas=(AreaDraft("430"),),
    other_expectations="To ansøgninger om ugen.",
)


@pytest.mark.rule("R21", "allowed")
@pytest.mark.rule("R21", "refused")
@pytest.mark.rule("R72", "refused")
def test_a_requirement_is_issued_by_the_authority_of_the_matrix_and_by_no_other() -> None:
    for group in GROUPS.values():
        for own in (JOBCENTER, FUND):
            codes = [b.code for b in breaches(requirement(COMPLETE, group, own, None))]
            if group.requirement_issuer is None:
                assert codes == ["REQUIREMENT_NOT_ALLOWED"]
            else:
                assert codes == ([] if own is group.requirement_issuer else ["WRONG_ISSUER"])


@pytest.mark.rule("R72", "allowed")
def test_the_groups_with_requirements_are_those_who_must_seek_work() -> None:
    assert {g.code for g in GROUPS.values() if g.requirement_issuer} == {
        g.code for g in GROUPS.values() if g.obliged
    }


@pytest.mark.rule("R70", "refused")
def test_an_incomplete_requirement_names_what_it_lacks() -> None:
    draft = RequirementDraft(MARCH_1, industries=(" ",), areas=(AreaDraft(label=" "),))
    (found,) = breaches(requirement(draft, JOB_READY, JOBCENTER, None))
    assert found.details == {"missing": ("occupations_or_industries", "areas")}


@pytest.mark.rule("R71", "allowed")
@pytest.mark.rule("R71", "refused")
@pytest.mark.rule("R70", "allowed")
def test_a_fund_states_the_scope_and_a_jobcenter_need_not() -> None:
    draft = RequirementDraft(MARCH_1, ("7212",), areas=(AreaDraft(label="Fyn"),))
    assert breaches(requirement(draft, JOB_READY, JOBCENTER, None)) == []
    (found,) = breaches(requirement(draft, DAGPENGE, FUND, None))
    assert (found.code, found.path) == ("SCOPE_REQUIRED", ("input", "otherExpectations"))


@given(DAYS, DAYS)
@pytest.mark.rule("R75", "allowed")
@pytest.mark.rule("R75", "refused")
def test_a_new_requirement_leaves_neither_gap_nor_overlap(previous_from: date, new: date) -> None:
    refused = follows_the_previous(new, None, previous_from)
    assert (refused == []) == (new >= previous_from)
    ended = previous_ends_on(new)
    assert ended + timedelta(days=1) == new
    if refused == []:
        assert ended >= previous_from - timedelta(days=1)


@given(DAYS, DAYS)
def test_a_requirement_that_ended_earlier_keeps_its_end(ended: date, new: date) -> None:
    assert previous_ends_on(new, ended) <= ended
    assert previous_ends_on(new, ended) < new


@pytest.mark.rule("R75", "allowed")
def test_a_new_group_with_another_issuer_ends_the_requirement_on_that_day() -> None:
    assert ends_on_group_change(DAGPENGE, JOB_READY, MARCH_1) == MARCH_1
    assert ends_on_group_change(JOB_READY, ACTIVITY_READY, MARCH_1) == MARCH_1
    assert ends_on_group_change(DAGPENGE, DAGPENGE, MARCH_1) is None
    april = date(2026, 4, 1)
    assert ends_on_group_change(JOB_READY, JOB_READY, MARCH_1, valid_to=april) == april
    assert ends_on_group_change(DAGPENGE, JOB_READY, april, valid_to=MARCH_1) == MARCH_1
