"""What the citizen is reminded of, and when (R124; the numbers of days are own choices).

Bounds of instants are [from, until); all days are calendar days in Copenhagen, which on two days
of the year are 23 and 25 hours long.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from app.rules.breach import rule
from app.rules.notice import COPENHAGEN

MEETING_DAYS: Final = 1
"""Not a setting: the words of the reminder say "tomorrow"."""
DEADLINE_DAYS: Final = 2
ACKNOWLEDGEMENT_DAYS: Final = 5
ACKNOWLEDGEMENT_NEWS_DAYS: Final = 30
"""After so many days without a receipt a reminder that was never sent is not sent any more."""
HANDOVER_NEWS_DAYS: Final = 31
"""How long after its day a hand-over of responsibility is still told."""


@rule("R124")
def meetings_to_remind_of(today: date) -> tuple[datetime, datetime]:
    """When the meetings begin that the citizen is reminded of today: tomorrow.

    >>> [instant.isoformat() for instant in meetings_to_remind_of(date(2026, 3, 28))]
    ['2026-03-28T23:00:00+00:00', '2026-03-29T22:00:00+00:00']
    """
    day = today + timedelta(days=MEETING_DAYS)
    return _midnight(day), _midnight(day + timedelta(days=1))


@rule("R124")
def deadlines_to_remind_of(today: date, days: int = DEADLINE_DAYS) -> tuple[date, date]:
    """First and last deadline of the steps that the citizen is reminded of today.

    A reminder that is late is still of use until the deadline has passed.

    >>> first, last = deadlines_to_remind_of(date(2026, 3, 8))
    >>> first.isoformat(), last.isoformat()
    ('2026-03-08', '2026-03-10')
    """
    return today, today + timedelta(days=days)


@rule("R124")
def offers_to_remind_of(today: date, days: int = ACKNOWLEDGEMENT_DAYS) -> tuple[datetime, datetime]:
    """When the offers were published that the citizen is reminded of today, unless acknowledged.

    >>> [instant.isoformat() for instant in offers_to_remind_of(date(2026, 3, 31))]
    ['2026-02-28T23:00:00+00:00', '2026-03-26T23:00:00+00:00']
    """
    oldest = today - timedelta(days=ACKNOWLEDGEMENT_NEWS_DAYS)
    return _midnight(oldest), _midnight(today - timedelta(days=days - 1))


@rule("R28")
def handover_is_news(ended_on: date, today: date) -> bool:
    """Whether the citizen is still told that the fund's responsibility ended on a day.

    >>> handover_is_news(date(2026, 3, 1), date(2026, 3, 31))
    True
    >>> handover_is_news(date(2026, 3, 1), date(2026, 4, 1))
    False
    """
    return ended_on <= today < ended_on + timedelta(days=HANDOVER_NEWS_DAYS)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), COPENHAGEN).astimezone(UTC)
