"""The clock that settings move by whole days."""

from datetime import UTC, date, datetime, timedelta

from app.store.clock import clock_of, moved_clock, system_clock
from app.store.work import COPENHAGEN


def test_the_system_clock_tells_utc_and_the_day_in_copenhagen() -> None:
    moment = system_clock()
    assert moment.now.utcoffset() == timedelta()
    assert moment.today == moment.now.astimezone(COPENHAGEN).date()
    assert abs(moment.now - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_moved_clock_shows_that_day_at_the_real_time_of_day() -> None:
    for day in (date(2026, 1, 15), date(2026, 7, 15), date(2031, 3, 1)):
        moment, real = moved_clock(day)(), system_clock()
        # the same on the wall, also where summer time differs
        wall = moment.now.astimezone(COPENHAGEN).replace(tzinfo=None)
        shown = wall - timedelta(days=(day - real.today).days)
        assert abs(shown - real.now.astimezone(COPENHAGEN).replace(tzinfo=None)) < timedelta(
            seconds=5
        )
        assert moment.today == moment.now.astimezone(COPENHAGEN).date()
        assert moment.now.utcoffset() == timedelta()


def test_without_a_date_the_clock_is_the_system_s() -> None:
    assert clock_of(None) is system_clock
