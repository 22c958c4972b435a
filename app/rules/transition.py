"""When a fund's three months of responsibility end (R15). Calendar days in Copenhagen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from app.domain.authority import Insurance
from app.domain.membership import MembershipPeriod
from app.domain.timeline import shift_months
from app.rules.breach import rule

HOURS_PER_MONTH: Final = {
    Insurance.FULL_TIME: Decimal("160.33"),
    Insurance.PART_TIME: Decimal("130"),
}
HOURS_PER_WEEK: Final = {Insurance.FULL_TIME: Decimal(37), Insurance.PART_TIME: Decimal(30)}
_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class CountedHours:
    """Hours of unemployment counted up to and including the day before `counted_on`."""

    hours: Decimal
    insurance: Insurance
    counted_on: date


@dataclass(frozen=True, slots=True)
class TransitionFacts:
    """What a system knows of the three months: hours counted before a day, or the day they end."""

    hours: Decimal | None = None
    counted_on: date | None = None
    transition_on: date | None = None


@rule("R15")
def hours_for_transition(insurance: Insurance) -> Decimal:
    """Counted hours that make three months.

    >>> hours_for_transition(Insurance.FULL_TIME), hours_for_transition(Insurance.PART_TIME)
    (Decimal('480.99'), Decimal('390'))
    """
    return _MONTHS * HOURS_PER_MONTH[insurance]


@rule("R15")
def transition_date(
    start: date, counted: CountedHours | None = None, set_to: date | None = None
) -> date:
    """First day of the jobcenter's responsibility after a fund's.

    A date set by the system wins; else the remaining hours are spread over the days to come at the
    weekly norm (37 or 30 hours); else it is three calendar months after `start`, clamped.

    >>> transition_date(date(2026, 1, 31))
    datetime.date(2026, 4, 30)
    >>> full = Insurance.FULL_TIME
    >>> transition_date(date(2026, 1, 1), CountedHours(Decimal("480.98"), full, date(2026, 5, 1)))
    datetime.date(2026, 5, 2)
    >>> transition_date(date(2026, 1, 1), CountedHours(Decimal("480.99"), full, date(2026, 5, 1)))
    datetime.date(2026, 5, 1)
    """
    if set_to is not None:
        return set_to
    if counted is None:
        return shift_months(start, _MONTHS)
    remaining = max(hours_for_transition(counted.insurance) - counted.hours, Decimal(0))
    days = (remaining * 7 / HOURS_PER_WEEK[counted.insurance]).to_integral_value(ROUND_CEILING)
    return max(counted.counted_on + timedelta(days=int(days)), start + timedelta(days=1))


@rule("R15")
def transition_of(
    start: date, facts: TransitionFacts, memberships: Sequence[MembershipPeriod] = ()
) -> date:
    """`transition_date` by what a system sent; hours count for the insurance of the day before.

    >>> transition_of(date(2026, 3, 2), TransitionFacts())
    datetime.date(2026, 6, 2)
    >>> counted = TransitionFacts(Decimal(390), date(2026, 4, 1))
    >>> part_time = MembershipPeriod("3F", Insurance.PART_TIME, date(2020, 1, 1))
    >>> transition_of(date(2026, 3, 2), counted, [part_time])
    datetime.date(2026, 4, 1)
    >>> transition_of(date(2026, 3, 2), counted)
    datetime.date(2026, 4, 19)
    """
    counted = None
    if facts.hours is not None and facts.counted_on is not None:
        last = facts.counted_on - timedelta(days=1)
        insured = next((m.insurance for m in memberships if m.covers(last)), Insurance.FULL_TIME)
        counted = CountedHours(facts.hours, insured, facts.counted_on)
    return transition_date(start, counted, facts.transition_on)
