"""What a fund and the citizen recommend to the jobcenter, as it is written (DOMAIN 5.13)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class RecommendationDraft:
    """A joint recommendation to be sent.

    proposed_kind: code of an intervention kind. wanted_start: None for as soon as may be.
    """

    citizen_agrees: bool
    proposed_kind: str
    text: str
    wanted_start: date | None = None
