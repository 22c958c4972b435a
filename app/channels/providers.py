"""The providers of one channel, in the order in which they are preferred.

Failover is a matter of whom the next message goes to, never of the message under way: while the
breaker of the first provider is open, the second one is chosen. What a provider may have accepted
is not sent by another one here; every call of a provider is an attempt of its own in the ledger.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.channels.breaker import Breaker, Pass, State
from app.channels.contract import Channel, SendFailure


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to send: `name` stands in the ledger and in the metrics.

    at_once: how many messages may be under way in this process. per_second: how many may begin in
    a second, of all workers together; None: no limit.
    """

    name: str
    channel: Channel
    breaker: Breaker
    at_once: int
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to send by now, and how many messages at most: `rows` is 1 for a probe."""

    provider: Provider
    given: Pass

    @property
    def rows(self) -> int:
        return 1 if self.given.probe else self.provider.at_once


class Providers:
    """Chooses among the providers of one channel; times are seconds of one monotonic clock."""

    def __init__(
        self,
        providers: Sequence[Provider],
        on_change: Callable[[str, State], None] | None = None,
    ) -> None:
        """on_change: told the state of each provider by its name, now and whenever it changes.

        Raises ValueError without a provider, or when two have the same name.
        """
        if not providers or len({one.name for one in providers}) != len(providers):
            raise ValueError("a channel needs one provider or more, each with a name of its own")
        self._providers = tuple(providers)
        self._on_change = on_change or _nobody
        self._told: dict[str, State] = {}
        for provider in self._providers:
            self._tell(provider, State.CLOSED)

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._providers)

    def choose(self, now: float) -> Choice | None:
        """The first provider whose breaker lets something through; None: wait.

        Each message of a choice is told of by `report`; a choice of which nothing was sent is given
        back by `unused`, or its probe blocks the provider for a minute.
        """
        for provider in self._providers:
            given = provider.breaker.ask(now)
            self._tell(provider, provider.breaker.state(now))
            if given is not None:
                return Choice(provider, given)
        return None

    def wait(self, now: float) -> float:
        """Seconds until a provider may be asked, unless a `report` comes first; 0: at once."""
        return min(one.breaker.wait(now) for one in self._providers)

    def report(self, choice: Choice, failure: SendFailure | None, now: float) -> None:
        """What became of one message of a choice; None: it was accepted."""
        choice.provider.breaker.report(choice.given, failure, now)
        self._tell(choice.provider, choice.provider.breaker.state(now))

    def unused(self, choice: Choice) -> None:
        """Nothing was sent by this choice."""
        choice.provider.breaker.unused(choice.given)

    def _tell(self, provider: Provider, state: State) -> None:
        if self._told.get(provider.name) is not state:
            self._told[provider.name] = state
            self._on_change(provider.name, state)


def _nobody(_name: str, _state: State) -> None:
    """Nobody listens."""
