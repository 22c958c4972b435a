"""When a delivery that failed is tried again (R127, R128)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.rules.notice import END_HOUR, START_HOUR, next_send_time

PAUSES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The hours of the day in Copenhagen, from `start` to just before `end`, for sending."""

    start: int = START_HOUR
    end: int = END_HOUR

    def next_time(self, now: datetime) -> datetime:
        """The first instant from `now` inside the window, in UTC."""
        return next_send_time(now, self.start, self.end)

    def is_open(self, now: datetime) -> bool:
        return self.next_time(now) <= now


def next_attempt(
    now: datetime,
    *,
    attempts: int,
    first_tried_at: datetime,
    window: SendWindow,
    retry_after: float | None = None,
) -> datetime | None:
    """When to try again after `attempts` (1 or more) that failed; None: give up.

    After 1, 5, 15 and 60 minutes, then every hour, inside the window; never sooner than the
    provider's wish `retry_after` (seconds), which counts for at most a day. An attempt a day or
    more after the first one is the last.
    """
    if now - first_tried_at >= GIVE_UP_AFTER:
        return None
    pause = PAUSES[attempts - 1] if attempts <= len(PAUSES) else LONGEST_PAUSE
    wish = min(timedelta(seconds=retry_after or 0), GIVE_UP_AFTER)
    return window.next_time(now + max(pause, wish))
