"""Offers: eight days' notice, the phone call, the reason."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from app.domain.intervention import ContactAttempt, InterventionDraft, Notice
from app.rules.breach import breaches
from app.rules.offer import NOTICE_BASES, is_offer, offer, starts_after_notice, was_phoned_first

from .code_lists import KINDS

DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))
MARCH_1 = date(2026, 3, 1)


@given(available_on=DAYS, days=st.integers(0, 30), notice_days=st.integers(0, 28))
@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R90", "refused")
def test_an_offer_starts_more_than_the_notice_days_after_it_became_available(
    available_on: date, days: int, notice_days: int
) -> None:
    refused = starts_after_notice(available_on + timedelta(days=days), available_on, notice_days)
    assert (refused is None) == (days > notice_days)
    if refused is not None:
        assert refused.details["earliest"] == available_on + timedelta(days=notice_days + 1)


@given(DAYS, st.integers(-5, 8), st.sampled_from(sorted(NOTICE_BASES)))
@pytest.mark.rule("R91", "allowed")
def test_a_citizen_told_in_another_way_needs_no_notice(
    available_on: date, days: int, basis: str
) -> None:
    start = available_on + timedelta(days=days)
    assert starts_after_notice(start, available_on, 8, basis) is None


@pytest.mark.rule("R93", "allowed")
@pytest.mark.rule("R93", "refused")
def test_the_kinds_that_are_offers() -> None:
    offers = [code for code, kind in KINDS.items() if is_offer(kind)]
    assert offers == [
        *("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "UTILITY_JOB", "EDUCATION"),
        *("LITERACY_COURSE", "BRIDGE_BUILDING", "COURSE"),
    ]
    assert not is_offer(KINDS["EDUCATION"], "ADULT_APPRENTICESHIP")
    assert not is_offer(KINDS["EDUCATION"], "SIX_WEEK_JOB_TRAINING")


@pytest.mark.rule("R92", "allowed")
@pytest.mark.rule("R92", "refused")
def test_only_right_and_duty_persons_without_a_conversation_are_phoned_first() -> None:
    called = (ContactAttempt(MARCH_1, reached=False),)
    for basis in (None, "LETTER", "PHONE", "OTHER"):
        assert was_phoned_first(Notice(basis), True, MARCH_1) is not None
        assert was_phoned_first(Notice(basis), False, MARCH_1) is None
        assert was_phoned_first(Notice(basis, MARCH_1, called), True, MARCH_1) is None
    assert was_phoned_first(Notice("CONVERSATION"), True, MARCH_1) is None


@pytest.mark.rule("R49", "refused")
def test_all_broken_rules_of_an_offer_come_at_once() -> None:
    draft = InterventionDraft("COURSE", date(2026, 3, 9), "Kursus", "Mål")
    found = breaches(offer(draft, True, "NOT_IN_SHORTAGE", MARCH_1, 8))
    assert [(b.code, b.path) for b in found] == [
        ("OFFER_TOO_EARLY", ("input", "startDate")),
        ("PHONE_ATTEMPT_REQUIRED", ("input", "contactAttempts")),
        ("REASON_REQUIRED", ("input", "outsideShortageReason")),
    ]


@pytest.mark.rule("R91", "allowed")
@pytest.mark.rule("R92", "allowed")
def test_an_offer_told_in_a_conversation_may_start_at_once() -> None:
    draft = InterventionDraft(
        "COURSE", MARCH_1, "Kursus", "Mål", notice=Notice("CONVERSATION", MARCH_1)
    )
    assert breaches(offer(draft, True, "UNKNOWN", MARCH_1, 8)) == []
