"""Danish forms at their edges; the plain cases stand as examples in the module."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from app.domain.danish import day_month_year, hours_per_week, long_date, weekday_time


@given(st.dates())
def test_a_date_is_told_in_the_same_day_and_year_in_every_form(day: date) -> None:
    for shown in (day_month_year(day.isoformat()), long_date(day.isoformat())):
        assert shown.startswith(f"{day.day}. ")
        assert shown.endswith(f" {day.year}")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2024-03-31T00:59:00Z", "Søndag den 31. marts 2024, kl. 01:59"),
        ("2024-03-31T01:00:00Z", "Søndag den 31. marts 2024, kl. 03:00"),
        ("2024-07-01T22:30:00+00:00", "Tirsdag den 2. juli 2024, kl. 00:30"),
        ("2024-12-31T23:30:00.25+00:00", "Onsdag den 1. jan. 2025, kl. 00:30"),
    ],
)
def test_a_time_is_told_by_the_clock_in_copenhagen(moment: str, shown: str) -> None:
    assert weekday_time(moment) == shown


def test_a_meeting_past_midnight_names_both_days() -> None:
    assert weekday_time("2019-11-07T23:00:00+01:00", "2019-11-08T01:00:00+01:00") == (
        "Torsdag den 7. nov. 2019, kl. 23:00 - fredag den 8. nov. 2019, kl. 01:00"
    )


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        weekday_time("2019-11-07T14:15:00")


@given(st.integers(0, 59), st.integers(1, 59))
def test_minutes_are_told_when_there_are_any(hours: int, minutes: int) -> None:
    assert f"{minutes} minutter per uge" in hours_per_week(hours, minutes)
