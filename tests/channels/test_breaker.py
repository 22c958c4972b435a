"""The circuit breaker: when a provider is asked, and when it is left alone."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from app.channels.breaker import Breaker, Pass, State
from app.channels.contract import SendFailure, TryAgain, Uncertain, Undeliverable

DOWN = TryAgain("gateway_unreachable", provider=True)
SILENT = Uncertain("no_answer_in_time", provider=True)
NO_CREDIT = TryAgain("gateway_code_0x0216", operator=True, provider=True)
REFUSED = Undeliverable("gateway_code_0x0215")
STRANGE = TryAgain("gateway_code_0x0213", operator=True)
UNASKED = Undeliverable("not_a_phone_number", asked=False)


def asked(breaker: Breaker, now: float) -> Pass:
    given = breaker.ask(now)
    assert given is not None
    return given


def opened(now: float = 0.0) -> Breaker:
    """A breaker that opened at `now`; its first probe may go 5 seconds later."""
    breaker = Breaker()
    breaker.report(asked(breaker, now), NO_CREDIT, now)
    return breaker


@pytest.mark.parametrize("failure", [DOWN, SILENT])
def test_five_failures_in_a_row_open_it_and_four_do_not(failure: SendFailure) -> None:
    breaker = Breaker()
    given = asked(breaker, 0)
    for _ in range(4):
        breaker.report(given, failure, 0)
    assert breaker.state(0) is State.CLOSED
    breaker.report(given, failure, 0)
    assert breaker.state(0) is State.OPEN and breaker.ask(4.9) is None


@pytest.mark.parametrize("answer", [None, REFUSED, STRANGE])
def test_an_answer_that_is_not_its_own_trouble_begins_the_count_anew(
    answer: SendFailure | None,
) -> None:
    breaker = Breaker()
    given = asked(breaker, 0)
    for _ in range(10):
        for _ in range(4):
            breaker.report(given, DOWN, 0)
        breaker.report(given, answer, 0)
    assert breaker.state(0) is State.CLOSED


def test_a_message_refused_without_asking_says_nothing_about_the_provider() -> None:
    breaker = Breaker()
    given = asked(breaker, 0)
    for failure in (DOWN, DOWN, DOWN, DOWN, UNASKED, DOWN):
        breaker.report(given, failure, 0)
    assert breaker.state(0) is State.OPEN


def test_what_only_the_operator_can_repair_opens_it_at_once() -> None:
    assert opened().state(0) is State.OPEN


@pytest.mark.parametrize(
    ("wish", "pause"), [(0.0, 1.0), (2.0, 2.0), (30.0, 30.0), (86_400.0, 300.0)]
)
def test_the_providers_wish_to_be_left_alone_is_obeyed_within_bounds(
    wish: float, pause: float
) -> None:
    breaker = Breaker()
    breaker.report(
        asked(breaker, 100), TryAgain("gateway_429", provider=True, retry_after=wish), 100
    )
    assert breaker.wait(100) == pause
    assert breaker.ask(100 + pause - 0.01) is None
    assert asked(breaker, 100 + pause).probe


def test_after_the_pause_one_message_goes_and_no_second_one_beside_it() -> None:
    breaker = opened()
    assert breaker.state(5) is State.HALF_OPEN and breaker.wait(5) == 0
    assert asked(breaker, 5).probe
    assert breaker.ask(5) is None and breaker.ask(64.9) is None
    assert breaker.state(64.9) is State.HALF_OPEN


@pytest.mark.parametrize("answer", [None, REFUSED, STRANGE])
def test_a_probe_that_gets_an_answer_closes_it(answer: SendFailure | None) -> None:
    breaker = opened()
    breaker.report(asked(breaker, 5), answer, 6)
    assert breaker.state(6) is State.CLOSED
    assert not asked(breaker, 6).probe


def test_each_failed_probe_doubles_the_pause_up_to_five_minutes() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(9):
        pauses.append(breaker.wait(now))
        now += pauses[-1]
        breaker.report(asked(breaker, now), DOWN, now)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_a_probe_that_closed_it_makes_the_next_pause_short_again() -> None:
    breaker = opened()
    breaker.report(asked(breaker, 5), DOWN, 5)
    breaker.report(asked(breaker, 15), None, 15)
    breaker.report(asked(breaker, 16), NO_CREDIT, 16)
    assert breaker.wait(16) == 5


def test_a_probe_that_was_not_used_may_go_at_once() -> None:
    breaker = opened()
    breaker.unused(asked(breaker, 5))
    assert asked(breaker, 5).probe


def test_a_probe_that_was_refused_without_asking_may_go_at_once() -> None:
    breaker = opened()
    breaker.report(asked(breaker, 5), UNASKED, 5)
    assert breaker.state(5) is State.HALF_OPEN
    assert asked(breaker, 5).probe


def test_a_probe_that_nobody_told_of_is_given_up_and_counts_no_more() -> None:
    breaker = opened()
    lost = asked(breaker, 5)
    second = asked(breaker, 65)
    breaker.report(lost, None, 66)
    breaker.unused(lost)
    assert breaker.ask(66) is None
    breaker.report(second, None, 67)
    assert breaker.state(67) is State.CLOSED


def test_what_was_under_way_when_it_opened_neither_closes_it_nor_prolongs_the_pause() -> None:
    breaker = Breaker()
    under_way = asked(breaker, 0)
    breaker.report(under_way, NO_CREDIT, 0)
    for late in (DOWN, SILENT, NO_CREDIT, None, REFUSED):
        breaker.report(under_way, late, 1)
    assert breaker.state(1) is State.OPEN and breaker.wait(1) == 4
    probe = asked(breaker, 5)
    for late in (DOWN, None):
        breaker.report(under_way, late, 6)
    assert breaker.ask(6) is None
    breaker.report(probe, None, 7)
    for _ in range(5):
        breaker.report(under_way, DOWN, 8)
    assert breaker.state(8) is State.CLOSED


def test_a_wish_that_comes_late_still_prolongs_the_pause() -> None:
    breaker = Breaker()
    under_way = asked(breaker, 0)
    breaker.report(under_way, NO_CREDIT, 0)
    breaker.report(under_way, TryAgain("gateway_429", provider=True, retry_after=60), 1)
    assert breaker.wait(1) == 60


FAILURES = st.one_of(
    st.sampled_from([None, DOWN, SILENT, NO_CREDIT, REFUSED, STRANGE, UNASKED]),
    st.integers(0, 10**6).map(
        lambda wish: TryAgain("gateway_429", provider=True, retry_after=wish)
    ),
)


@dataclass
class Asked:
    """A pass and when it was given."""

    given: Pass
    at: float
    told: bool = field(default=False)


class AnyUse(RuleBasedStateMachine):
    """Any order of asking, telling, telling late or never, while time goes on.

    Whole seconds, so that sums are exact.
    """

    passes = Bundle("passes")

    @initialize()
    def begin(self) -> None:
        self.breaker = Breaker()
        self.now = 0.0
        self.probes: list[Asked] = []

    @rule(seconds=st.one_of(st.integers(0, 10), st.integers(0, 400)))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(target=passes)
    def ask(self) -> object:
        could_wait = self.breaker.wait(self.now)
        given = self.breaker.ask(self.now)
        assert (given is None) == (could_wait > 0)
        if given is None:
            return multiple()
        one = Asked(given, self.now)
        if given.probe:
            self.probes.append(one)
        return one

    @rule(one=passes, failure=FAILURES)
    def tell(self, one: Asked, failure: SendFailure | None) -> None:
        self.breaker.report(one.given, failure, self.now)
        one.told = True

    @rule(one=passes)
    def not_used(self, one: Asked) -> None:
        self.breaker.unused(one.given)
        one.told = True

    @invariant()
    def one_probe_at_a_time(self) -> None:
        under_way = [one for one in self.probes if not one.told and self.now - one.at < 60]
        assert len(under_way) <= 1

    @invariant()
    def it_never_waits_longer_than_the_longest_pause(self) -> None:
        assert 0 <= self.breaker.wait(self.now) <= 300
        assert self.breaker.state(self.now + 300) is not State.OPEN

    @invariant()
    def open_is_when_nothing_goes_and_no_probe_is_under_way(self) -> None:
        state = self.breaker.state(self.now)
        if state is State.CLOSED:
            assert self.breaker.wait(self.now) == 0
        if state is State.OPEN:
            assert self.breaker.wait(self.now) > 0


AnyUse.TestCase.settings = settings(max_examples=200, stateful_step_count=40)
TestAnyUse = AnyUse.TestCase
