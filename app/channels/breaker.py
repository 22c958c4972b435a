"""A circuit breaker: whether a provider in trouble is asked, and how gently it is asked again.

Pure: the time is passed in, as seconds of one clock that does not run backwards. The breaker opens
after some failures in a row, or at once when the provider says that it is of no use to ask. After
a pause one message is let through, the probe: its outcome closes the breaker, or makes the next
pause twice as long. What was under way when the breaker opened tells nothing about what came
later: a pass knows its turn, and the outcome of an earlier turn does not count.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from app.channels.contract import SendFailure, TryAgain

FAILURES: Final = 5
"""How many in a row open the breaker."""
SHORTEST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 300.0
SHORTEST_WISH: Final = 1.0
"""What the provider's own wish is raised to, in seconds."""
PROBE_SECONDS: Final = 60.0
"""After that a probe whose outcome nobody told is given up: longer than a send may take."""


class State(IntEnum):
    """As in the metric `minplan_provider_state`."""

    CLOSED = 0
    """Everything goes through."""
    HALF_OPEN = 1
    """One message goes through, or is under way."""
    OPEN = 2
    """Nothing goes through."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The leave to ask the provider: once as a probe, else as often as one likes."""

    turn: int
    probe: bool


class Breaker:
    """The breaker of one provider."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        shortest: float = SHORTEST_PAUSE,
        longest: float = LONGEST_PAUSE,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        """failures: how many in a row open it. shortest, longest: the pause, in seconds.

        probe_seconds: how long the outcome of a probe is waited for.
        """
        self._limit = failures
        self._shortest = shortest
        self._longest = longest
        self._probe_seconds = probe_seconds
        self._failures = 0
        self._pause = shortest
        # Moves on when the breaker opens and closes, and with each probe.
        self._turn = 0
        # None: closed. Otherwise when the next probe may go: after the pause, or, while a probe is
        # under way, when that one is given up.
        self._next_probe_at: float | None = None
        # None: no probe is under way. Otherwise when it was let through.
        self._probe_at: float | None = None

    def state(self, now: float) -> State:
        if self._next_probe_at is None:
            return State.CLOSED
        probing = self._probe_at is not None
        return State.HALF_OPEN if probing or now >= self._next_probe_at else State.OPEN

    def ask(self, now: float) -> Pass | None:
        """Leave to ask the provider now; None: not now. A probe is told of by `report`, or given
        back unused.
        """
        if self._next_probe_at is None:
            return Pass(self._turn, probe=False)
        if now < self._next_probe_at:
            return None
        self._turn += 1
        self._probe_at = now
        self._next_probe_at = now + self._probe_seconds
        return Pass(self._turn, probe=True)

    def wait(self, now: float) -> float:
        """Seconds until `ask` lets something through, as far as is known; 0: at once."""
        return 0.0 if self._next_probe_at is None else max(self._next_probe_at - now, 0.0)

    def unused(self, given: Pass) -> None:
        """Nothing was sent by this pass: another probe may go at once."""
        if self._probe_at is not None and given.turn == self._turn:
            self._next_probe_at, self._probe_at = self._probe_at, None

    def report(self, given: Pass, failure: SendFailure | None, now: float) -> None:
        """What became of one message sent by a pass; None: it was accepted.

        Whatever is not the provider's own trouble is a success, a refused recipient too.
        """
        if failure is not None and not failure.asked:
            self.unused(given)
        elif failure is not None and failure.provider:
            self._failed(given, failure, now)
        elif given.turn == self._turn:
            self._succeeded()

    def _succeeded(self) -> None:
        self._failures = 0
        if self._next_probe_at is not None:
            self._turn += 1
            self._pause = self._shortest
            self._next_probe_at = self._probe_at = None

    def _failed(self, given: Pass, failure: SendFailure, now: float) -> None:
        wish = _wish(failure, self._longest)
        if given.turn != self._turn:
            self._postpone(now + wish)
            return
        self._failures += 1
        if given.probe:
            self._pause = min(2 * self._pause, self._longest)
            self._open(now + max(self._pause, wish))
        elif wish or failure.operator or self._failures >= self._limit:
            self._open(now + (wish or self._shortest))

    def _open(self, until: float) -> None:
        self._turn += 1
        self._failures = 0
        self._probe_at = None
        self._next_probe_at = until

    def _postpone(self, until: float) -> None:
        """The wish of an earlier turn's answer holds while nobody has asked since."""
        if self._next_probe_at is not None and self._probe_at is None:
            self._next_probe_at = max(self._next_probe_at, until)


def _wish(failure: SendFailure, longest: float) -> float:
    """How long the provider wants to be left alone, in seconds within bounds; 0: it did not say."""
    if not isinstance(failure, TryAgain) or failure.retry_after is None:
        return 0.0
    return min(max(failure.retry_after, SHORTEST_WISH), longest)
