"""What live views have been told, in units of cost, for each login in this process.

An event is paid for once it is told, because nobody knows before whether there is one: who owes
something then waits, and gets the newest state once it is paid off. Nobody owes more than one
burst, however many views were told at once. It is counted beside the
budgets of operations (`budget.py`), with the same numbers: to ask Valkey for each event would cost
more than most events do.
"""

from time import monotonic_ns
from weakref import WeakValueDictionary

from app.domain.quota import Rate, taken
from app.domain.viewer import Viewer


class LiveAccount:
    """One login's account, as long as it has a view open."""

    __slots__ = ("__weakref__", "_full_at", "_rate")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at = 0

    @property
    def wait(self) -> float:
        """Seconds until something is left for another event."""
        return max(0, self._full_at - _now() - self._burst) / 1_000_000

    def pay(self, units: int) -> None:
        """Takes what was told, more than is left too."""
        now = _now()
        full_at = taken(self._rate, self._full_at, now, units)
        self._full_at = min(full_at, now + 2 * self._burst)

    @property
    def _burst(self) -> int:
        return self._rate.seconds * 1_000_000


class LiveAccounts:
    """rate: what one login may be told."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._open: WeakValueDictionary[str, LiveAccount] = WeakValueDictionary()

    def of(self, viewer: Viewer) -> LiveAccount:
        """The one that all views of the viewer's login share."""
        account = self._open.get(viewer.subject)
        if account is None:
            account = self._open[viewer.subject] = LiveAccount(self._rate)
        return account


def _now() -> int:
    """Microseconds."""
    return monotonic_ns() // 1000
