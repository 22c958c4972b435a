"""The window and the axis of the timeline."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from app.domain.timeline import (
    WINDOW_MONTHS,
    InvalidWindow,
    overlaps,
    shift_months,
    ticks,
    timeline,
)

from .example_plans import plan_document

DAYS = st.dates()
MONTHS = st.sampled_from(WINDOW_MONTHS)


@pytest.mark.parametrize("months", [0, 1, 2, 4, 5, 7, 11, 13, 24, -6])
@pytest.mark.rule("R137", "refused")
def test_a_window_is_three_six_or_twelve_months(months: int) -> None:
    with pytest.raises(InvalidWindow):
        timeline(plan_document("B1-1"), None, months)


@given(day=DAYS, months=st.integers(-24, 24))
def test_a_shifted_day_keeps_its_day_of_the_month_or_takes_the_last_one(
    day: date, months: int
) -> None:
    moved = shift_months(day, months)
    index = day.year * 12 + day.month - 1 + months
    if date.min < moved < date.max:
        assert (moved.year, moved.month - 1) == divmod(index, 12)
        is_last = (moved + timedelta(days=1)).day == 1
        assert moved.day == day.day or (moved.day < day.day and is_last)


@given(first=DAYS, months=MONTHS)
@pytest.mark.rule("R142", "refused")
def test_the_axis_has_every_first_of_a_month_in_the_window_and_nothing_else(
    first: date, months: int
) -> None:
    last = shift_months(first, months)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    axis = ticks(first, last)
    assert [tick["date"] for tick in axis] == [day.isoformat() for day in days if day.day == 1]
    for position, tick in enumerate(axis):
        has_year = tick["label"].endswith(f" {int(tick['date'][:4])}")
        assert has_year == (position == 0 or tick["date"][5:7] == "01")


@given(anchor=DAYS, months=MONTHS, bound=st.none() | DAYS)
@pytest.mark.rule("R139", "allowed")
@pytest.mark.rule("R138", "allowed")
def test_a_window_never_reaches_back_before_the_first_public_benefit(
    anchor: date, months: int, bound: date | None
) -> None:
    plan = plan_document("B1-6")
    plan["lower_bound"] = bound.isoformat() if bound else None
    shown = timeline(plan, anchor, months)
    first = max(anchor, bound) if bound else anchor
    assert shown["window"]["start"] == first.isoformat()
    assert shown["window"]["end"] == shown["next_anchor"] == shift_months(first, months).isoformat()
    previous = shown["previous_anchor"]
    if bound and previous:
        assert bound.isoformat() <= previous < first.isoformat()
    assert (previous is None) == (first == (bound or date.min))


@pytest.mark.rule("R139", "refused")
@pytest.mark.rule("R138", "refused")
def test_the_way_back_ends_on_the_first_day_of_benefit_and_today_is_one_step_away() -> None:
    plan = plan_document("B1-1")
    shown = timeline(plan, date(2019, 9, 1), 3)
    assert shown["previous_anchor"] == plan["lower_bound"] == "2019-07-15"
    assert shown["today_anchor"] == "2019-11-21"
    assert timeline(plan, date(2019, 7, 15), 3)["previous_anchor"] is None
    assert timeline(plan, date(2001, 1, 1), 3)["window"]["start"] == "2019-07-15"


@given(start=DAYS, end=st.none() | DAYS, first=DAYS, months=MONTHS)
@pytest.mark.rule("R141", "allowed")
@pytest.mark.rule("R141", "refused")
def test_an_item_is_shown_when_it_shares_a_day_with_the_window(
    start: date, end: date | None, first: date, months: int
) -> None:
    last = shift_months(first, months)
    if end is not None and end < start:
        start, end = end, start
    shares_a_day = max(start, first) <= min(end or date.max, last)
    until = None if end is None else end.isoformat()
    shown = overlaps(start.isoformat(), until, first.isoformat(), last.isoformat())
    assert shown == shares_a_day
