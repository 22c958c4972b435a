"""A period of responsibility with what is noted about it (DOMAIN 5.2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.authority import ResponsibilityPeriod


@dataclass(frozen=True, slots=True)
class AssignedPeriod:
    """derived: worked out from group and membership, so worked out anew when these change.

    counted_hours: hours of unemployment counted so far, two decimals.
    """

    period: ResponsibilityPeriod
    derived: bool = True
    counted_hours: Decimal | None = None
    expected_transition_date: date | None = None
