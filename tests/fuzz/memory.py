"""Whether a process that is sent documents comes to hold more and more.

Its resident set rises while caches fill and with each new peak of what is soon freed again, and
never falls, for such memory is seldom given back. So what counts is how much it rises *for each
document* once the caches are full: while ever new ones come, and while the same ones come again, of
which nothing new is to be kept. These come often, because peaks end late: one run rose by 7 MiB in
6,000 documents, and by less than 1 MiB in the 6,000 after them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

NEW: Final = "new documents"
AGAIN: Final = "the same again"

WARM: Final = {NEW: 0.4, AGAIN: 0.5}
"""Part of the documents after which what counts begins."""

MOST: Final = {NEW: 3_000, AGAIN: 400}
"""Bytes for each document. Of new ones a fifth of what is kept of one (15,000), four times what the
peaks make (730); of the same again less than a token (600), for each comes with a new one."""


@dataclass(slots=True)
class Memory:
    """The curve of a process. held: asks for its bytes."""

    held: Callable[[], int]
    points: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Documents sent and bytes held then, by what was sent."""

    def note(self, what: str, sent: int) -> None:
        self.points.setdefault(what, []).append((sent, self.held()))

    def told(self) -> str:
        """The curve in lines, at about ten points each."""
        return "\n".join(
            f"memory, {what}: "
            + ", ".join(f"{held / 2**20:.1f} MiB at {sent}" for sent, held in _some(points))
            + f"; {growth(_warm(what, points)):.0f} bytes for each document once warm"
            for what, points in self.points.items()
        )

    def problems(self) -> list[str]:
        """What is not flat."""
        return [
            f"{what}: the process grows by more than {MOST[what]} bytes for each document"
            for what, points in self.points.items()
            if growth(_warm(what, points)) > MOST[what]
        ]


def growth(points: Sequence[tuple[int, int]]) -> float:
    """Bytes for each document: the median rise between any two points (Theil and Sen), which one
    large answer near the end, after which memory stays taken, does not move."""
    rises = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(points)
        for later in points[number + 1 :]
        if later[0] > earlier[0]
    ]
    return median(rises) if rises else 0.0


def _warm(what: str, points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    begin, end = points[0][0], points[-1][0]
    return [point for point in points if point[0] >= begin + (end - begin) * WARM[what]]


def _some(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    step = max(len(points) // 10, 1)
    return [*points[:-1:step], points[-1]]
