"""The two authorities of the contact course, and who is responsible when (DOMAIN 5.2)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Authority(StrEnum):
    JOBCENTER = "JOBCENTER"
    UNEMPLOYMENT_FUND = "UNEMPLOYMENT_FUND"


class Basis(StrEnum):
    """Why an authority is responsible."""

    FIRST_THREE_MONTHS = "FIRST_THREE_MONTHS"
    YOUNG_REFERRED = "YOUNG_REFERRED"
    AFTER_TRANSITION = "AFTER_TRANSITION"
    OTHER_GROUP = "OTHER_GROUP"
    MOVED = "MOVED"


class Insurance(StrEnum):
    """How a member is insured; decides how many hours make a month."""

    FULL_TIME = "FULL_TIME"
    PART_TIME = "PART_TIME"


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The authority with the responsibility at one moment; organisation: its code."""

    authority: Authority
    organisation: str


@dataclass(frozen=True, slots=True)
class ResponsibilityPeriod:
    """Calendar days in Copenhagen; `valid_to` is exclusive, None = still running."""

    authority: Authority
    organisation: str
    basis: Basis
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
