"""Membership of an unemployment fund (DOMAIN 5.2)."""

from dataclasses import dataclass
from datetime import date

from app.domain.authority import Insurance


@dataclass(frozen=True, slots=True)
class MembershipPeriod:
    """fund: its code. Calendar days in Copenhagen; `valid_to` is exclusive, None = running."""

    fund: str
    insurance: Insurance
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
