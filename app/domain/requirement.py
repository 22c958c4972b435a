"""A job search requirement as it is issued (DOMAIN 5.11)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """A municipality by its code of 3 digits, or an area in words."""

    municipality_code: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class RequirementDraft:
    """expected_count: applications in the period the text names; `valid_to` is inclusive."""

    valid_from: date
    occupation_codes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    areas: tuple[AreaDraft, ...] = ()
    agreement_text: str | None = None
    other_expectations: str | None = None
    expected_count: int | None = None
    full_time: bool | None = None
    unsolicited: bool | None = None
    valid_to: date | None = None
