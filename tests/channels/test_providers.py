"""Whom the next message goes to: preference, failover and return."""

import pytest
from hypothesis import given, strategies as st

from app.channels.breaker import Breaker, State
from app.channels.contract import (
    Accepted,
    Message,
    SendFailure,
    TryAgain,
    Uncertain,
    Undeliverable,
)
from app.channels.providers import Choice, Provider, Providers

DOWN = TryAgain("gateway_unreachable", provider=True)
NO_CREDIT = TryAgain("gateway_code_0x0216", operator=True, provider=True)


class Nowhere:
    """A channel that nobody uses here."""

    async def send(self, message: Message) -> Accepted:
        raise Uncertain("never_asked")


def provider(name: str, at_once: int = 100) -> Provider:
    return Provider(name, Nowhere(), Breaker(), at_once)


def two(told: list[tuple[str, State]] | None = None) -> Providers:
    changes: list[tuple[str, State]] = [] if told is None else told
    return Providers(
        [provider("sms"), provider("sms_fallback", at_once=7)],
        lambda name, state: changes.append((name, state)),
    )


def chosen(providers: Providers, now: float) -> Choice:
    choice = providers.choose(now)
    assert choice is not None
    return choice


def fail(providers: Providers, now: float) -> str:
    """Make whoever is chosen now fail for good; its name."""
    choice = chosen(providers, now)
    providers.report(choice, NO_CREDIT, now)
    return choice.provider.name


def test_the_first_is_preferred_with_as_many_messages_as_it_takes_at_once() -> None:
    choice = chosen(two(), 0)
    assert (choice.provider.name, choice.rows) == ("sms", 100)


def test_while_the_first_is_in_trouble_the_second_one_is_chosen() -> None:
    providers = two()
    assert fail(providers, 0) == "sms"
    choice = chosen(providers, 0)
    assert (choice.provider.name, choice.rows) == ("sms_fallback", 7)


def test_one_message_tries_the_first_while_the_others_go_by_the_second() -> None:
    providers = two()
    fail(providers, 0)
    probe = chosen(providers, 5)
    assert (probe.provider.name, probe.rows) == ("sms", 1)
    assert chosen(providers, 5).provider.name == "sms_fallback"
    providers.report(probe, None, 6)
    recovered = chosen(providers, 6)
    assert (recovered.provider.name, recovered.rows) == ("sms", 100)


def test_when_nobody_can_be_asked_it_says_how_long_to_wait() -> None:
    providers = two()
    assert providers.wait(0) == 0
    fail(providers, 0)
    assert providers.wait(0) == 0
    fail(providers, 2)
    assert providers.choose(2) is None and providers.wait(2) == 3
    assert chosen(providers, 5).provider.name == "sms"
    assert providers.wait(5) == 2


def test_a_choice_that_was_not_used_may_be_made_again() -> None:
    providers = two()
    fail(providers, 0)
    providers.unused(chosen(providers, 5))
    assert chosen(providers, 5).provider.name == "sms"


def test_a_refused_recipient_is_no_reason_to_go_elsewhere() -> None:
    providers = two()
    for _ in range(20):
        choice = chosen(providers, 0)
        assert choice.provider.name == "sms"
        providers.report(choice, Undeliverable("gateway_code_0x0215"), 0)


def test_every_change_is_told_once_and_the_beginning_too() -> None:
    told: list[tuple[str, State]] = []
    providers = two(told)
    assert told == [("sms", State.CLOSED), ("sms_fallback", State.CLOSED)]
    told.clear()
    choice = chosen(providers, 0)
    for _ in range(7):
        providers.report(choice, DOWN, 0)
    probe = chosen(providers, 5)
    providers.report(probe, None, 6)
    chosen(providers, 6)
    assert told == [("sms", State.OPEN), ("sms", State.HALF_OPEN), ("sms", State.CLOSED)]


@pytest.mark.parametrize("names", [[], ["sms", "sms"]])
def test_providers_without_names_of_their_own_are_refused(names: list[str]) -> None:
    with pytest.raises(ValueError):
        Providers([provider(name) for name in names])


@given(
    st.lists(
        st.tuples(st.integers(0, 100), st.sampled_from([None, DOWN, NO_CREDIT, "unused", "lost"])),
        max_size=60,
    )
)
def test_somebody_can_be_asked_when_the_wait_is_over(
    steps: list[tuple[int, SendFailure | str | None]],
) -> None:
    providers, now = two(), 0.0
    for seconds, outcome in steps:
        now += seconds
        choice = providers.choose(now)
        if choice is None:
            wait = providers.wait(now)
            assert 0 < wait <= 300
            now += wait
            choice = chosen(providers, now)
        if isinstance(outcome, SendFailure) or outcome is None:
            providers.report(choice, outcome, now)
        elif outcome == "unused":
            providers.unused(choice)
