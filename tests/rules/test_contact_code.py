"""How many one-time codes may be asked for, and until when one counts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from app.rules.contact_code import (
    PER_DAY,
    PER_HOUR,
    VALID_FOR,
    code_fits,
    code_is_open,
    may_ask_for_code,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PATH = ("input", "smsNumber")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEFORE = st.lists(st.timedeltas(timedelta(0), timedelta(hours=30)), max_size=15)


@pytest.mark.rule("R123", "allowed")
@pytest.mark.rule("R123", "refused")
@given(BEFORE)
def test_three_codes_in_an_hour_and_ten_in_a_day_are_enough(before: list[timedelta]) -> None:
    asked = [NOON - one for one in before]
    hour = sum(one < HOUR for one in before)
    day = sum(one < DAY for one in before)
    refused = may_ask_for_code(asked, NOON, PATH)
    assert (refused is not None) == (hour >= PER_HOUR or day >= PER_DAY)
    if refused is not None:
        assert (refused.code, refused.path) == ("TOO_MANY_CODES", PATH)


@given(st.lists(st.integers(0, 48 * 60), max_size=60))
def test_whoever_asks_all_day_gets_no_more_than_the_limits(minutes: list[int]) -> None:
    given_at: list[datetime] = []
    for minute in sorted(minutes):
        now = NOON + timedelta(minutes=minute)
        if may_ask_for_code(given_at, now, PATH) is None:
            given_at.append(now)
    for at in given_at:
        assert sum(at <= other < at + HOUR for other in given_at) <= PER_HOUR
        assert sum(at <= other < at + DAY for other in given_at) <= PER_DAY


@pytest.mark.rule("R123", "allowed")
@pytest.mark.rule("R123", "refused")
@given(st.timedeltas(timedelta(0), timedelta(minutes=20)))
def test_a_code_counts_for_ten_minutes_and_not_an_instant_longer(age: timedelta) -> None:
    refused = code_is_open(NOON + VALID_FOR, NOON + age, PATH)
    assert (refused is None) == (age < timedelta(minutes=10))
    assert refused is None or refused.code == "CODE_EXPIRED"


def test_no_code_is_answered_as_an_old_one_and_a_wrong_one_says_no_more() -> None:
    assert code_is_open(None, NOON, PATH) == code_is_open(NOON, NOON, PATH)
    wrong = code_fits(False, PATH)
    assert wrong is not None and (wrong.code, dict(wrong.details)) == ("CODE_WRONG", {})
    assert code_fits(True, PATH) is None
