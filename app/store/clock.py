"""What time it is: the one place that asks the system, so that a date can be moved."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from app.store.documents import Moment
from app.store.work import COPENHAGEN

Clock = Callable[[], Moment]


def system_clock() -> Moment:
    """The real time, in UTC, and its calendar day in Copenhagen."""
    now = datetime.now(UTC)
    return Moment(now, now.astimezone(COPENHAGEN).date())


def moved_clock(today: date) -> Clock:
    """A clock on which it is `today` in Copenhagen, at the real time of day there.

    The days are counted once: past midnight the clock goes on to the next day. The hands are moved
    on the wall in Copenhagen, not in UTC, so that summer time does not push them over midnight.
    """
    shift = today - system_clock().today

    def clock() -> Moment:
        return _moved(system_clock().now, shift)

    return clock


def clock_of(today: date | None) -> Clock:
    """The clock for a `today` of the settings: the system's when it is None."""
    return system_clock if today is None else moved_clock(today)


def _moved(now: datetime, shift: timedelta) -> Moment:
    wall = now.astimezone(COPENHAGEN) + shift
    return Moment(wall.astimezone(UTC), wall.date())
