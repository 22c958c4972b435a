"""Reading, writing and maths tests (R107, R109)."""

from datetime import date

from app.domain.timeline import shift_months
from app.rules.breach import Breach, Path, rule

_VALID_MONTHS = 24


@rule("R107")
def valid_until(taken_on: date) -> date:
    """First day on which a test no longer counts: two years later, 29 February clamped to 28.

    >>> valid_until(date(2024, 5, 10)), valid_until(date(2024, 2, 29))
    (datetime.date(2026, 5, 10), datetime.date(2026, 2, 28))
    """
    return shift_months(taken_on, _VALID_MONTHS)


@rule("R107")
def is_valid(taken_on: date, today: date) -> bool:
    """Whether a test still counts.

    >>> taken_on = date(2024, 5, 10)
    >>> is_valid(taken_on, date(2026, 5, 9)), is_valid(taken_on, date(2026, 5, 10))
    (True, False)
    >>> taken_on = date(2024, 2, 29)
    >>> is_valid(taken_on, date(2026, 2, 27)), is_valid(taken_on, date(2026, 2, 28))
    (True, False)
    """
    return today < valid_until(taken_on)


@rule("R109")
def may_be_ordered(
    valid_test_until: date | None,
    requested_by: str,
    reason: str | None,
    path: Path = ("input", "reason"),
) -> Breach | None:
    """While a test is valid another needs the citizen's wish or the municipality's reason.

    valid_test_until: `valid_until` of a valid test of the same kind, None without one.

    >>> may_be_ordered(date(2026, 5, 10), "CITIZEN", None)
    >>> may_be_ordered(date(2026, 5, 10), "MUNICIPALITY", "Ordblindhed opdaget")
    >>> may_be_ordered(date(2026, 5, 10), "MUNICIPALITY", None).code
    'VALID_TEST_EXISTS'
    """
    if valid_test_until is None or requested_by == "CITIZEN" or (reason or "").strip():
        return None
    return Breach("R109", path=path, valid_until=valid_test_until)
