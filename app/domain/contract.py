"""The contract of a citizen in the integration programme (DOMAIN 5.17)."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """document: a PDF, kept as it is. valid_until: the last day of the residence permit."""

    document: bytes = field(repr=False)
    file_name: str
    signed_on: date | None = None
    danish_goal: str | None = None
    valid_until: date | None = None
