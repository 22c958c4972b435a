"""The education order step by step, and the youth's tests."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from app.rules.education_step import (
    has_proposal_and_reason,
    is_a_step,
    is_admitted_for_step_4,
    is_sent_in_time,
    is_supported,
    is_the_citizens_turn,
    is_the_open_step,
    status_for_staff,
)
from app.rules.test_result import is_valid, valid_until


@pytest.mark.rule("R96", "allowed")
@pytest.mark.rule("R96", "refused")
@given(st.integers(-2, 7))
def test_the_order_has_four_steps_in_any_order(step: int) -> None:
    assert (is_a_step(step) is None) == (1 <= step <= 4)


@pytest.mark.rule("R97", "allowed")
@pytest.mark.rule("R97", "refused")
@given(st.integers(1, 4), st.lists(st.sampled_from(["AWAITING", "ADMITTED", "REJECTED"])))
def test_step_4_needs_an_admission_and_the_others_do_not(step: int, answers: list[str]) -> None:
    assert (is_admitted_for_step_4(step, answers) is None) == (step < 4 or "ADMITTED" in answers)


@pytest.mark.rule("R98", "refused")
@pytest.mark.rule("R99", "allowed")
@pytest.mark.parametrize("status", ["OPEN", "SAVED", "REOPENED"])
def test_an_open_step_is_the_citizens_and_a_draft_looks_open_to_staff(status: str) -> None:
    assert is_the_citizens_turn(status) is None
    assert status_for_staff(status) != "SAVED"


@pytest.mark.rule("R99", "refused")
@pytest.mark.parametrize("status", ["SENT", "CLOSED"])
def test_a_sent_step_is_locked(status: str) -> None:
    locked = is_the_citizens_turn(status)
    assert locked is not None
    assert locked.code == "STEP_LOCKED"


@pytest.mark.rule("R98", "allowed")
@pytest.mark.rule("R98", "refused")
def test_only_the_current_step_is_sent() -> None:
    assert is_the_open_step(2, current=2) is None
    assert is_the_open_step(1, current=2) is not None


@pytest.mark.rule("R100", "allowed")
@pytest.mark.rule("R100", "refused")
def test_the_whole_day_of_the_deadline_is_in_time() -> None:
    deadline = date(2026, 6, 30)
    last = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
    assert is_sent_in_time(last, deadline) is None
    assert is_sent_in_time(last + timedelta(seconds=1), deadline) is not None


@pytest.mark.rule("R102", "refused")
def test_step_2_is_sent_with_a_proposal_and_a_reason() -> None:
    assert [b.code for b in has_proposal_and_reason(0, "Tæt på")] == ["PROPOSAL_REQUIRED"]
    (reason,) = has_proposal_and_reason(1, " ")
    assert (reason.code, reason.path) == ("REASON_REQUIRED", ("input", "institutionReason"))


@pytest.mark.rule("R103", "allowed")
@pytest.mark.rule("R103", "refused")
def test_a_handover_needs_an_assessment_and_a_contact() -> None:
    assert is_supported(assessed=True, has_contact=True) == []
    assert [b.code for b in is_supported(True, False)] == ["CONTACT_PERSON_REQUIRED"]


@pytest.mark.rule("R107", "allowed")
@pytest.mark.rule("R107", "refused")
@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_test_is_valid_until_the_day_before_two_years_have_passed(taken_on: date) -> None:
    ends = valid_until(taken_on)
    assert is_valid(taken_on, ends - timedelta(days=1))
    assert not is_valid(taken_on, ends)
    assert (ends.year, ends.month) == (taken_on.year + 2, taken_on.month)
    assert ends.day == taken_on.day or (taken_on.month, taken_on.day, ends.day) == (2, 29, 28)
