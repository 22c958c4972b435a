"""What rounds came to: counts, and whatever must not be."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that must not be. kind: lost, duplicate or untrue."""

    kind: str
    what: str
    delivery_id: UUID | None = None


@dataclass
class Tally:
    """What a round, or all of them, came to. uncertain: by what in truth became of them.

    reasons: outcomes of attempts, with their reasons.
    """

    deliveries: int = 0
    notices: int = 0
    accepted: int = 0
    states: Counter[str] = field(default_factory=Counter)
    uncertain: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.deliveries += other.deliveries
        self.notices += other.notices
        self.accepted += other.accepted
        self.states += other.states
        self.uncertain += other.uncertain
        self.reasons += other.reasons
        self.faults += other.faults

    def count(self, kind: str) -> int:
        return sum(fault.kind == kind for fault in self.faults)
