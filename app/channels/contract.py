"""What every channel promises: hand one message over, or say exactly what is known about it.

A channel's `send` returns `Accepted`, or raises one of the three failures below and nothing else
(cancellation apart, which the caller must treat like `Uncertain`). The three differ in what the
sender may do next, and that is all the delivery ledger needs to know.

Neither messages nor failures print an address or a text: they are safe to log.
"""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to one address.

    `delivery_id` is the same in every attempt; `reference` is what the provider gets to quote back
    in a status report and carries no personal data.
    """

    delivery_id: UUID
    address: str = field(repr=False)
    subject: str | None = field(repr=False)
    body: str = field(repr=False)
    reference: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the message over.

    `provider_id` is its own number, if it told one: at most 100 printable ASCII characters.
    `parts` is the number of SMS parts it is sent in; None for what has no parts.
    """

    provider_id: str | None
    parts: int | None = None


class SendFailure(Exception):
    """Why a message was not, or may not have been, handed over.

    `reason` is a short code made by the channel, never the provider's own words: those tend to
    repeat the address. `operator` says that no retry will help before somebody repairs settings,
    account or credit: raise an alarm. `provider` says that the provider itself is in trouble, as
    opposed to this recipient or text: the next message would fare no better. `asked` is False when
    the channel refused by itself: that says nothing about the provider.
    """

    def __init__(
        self, reason: str, *, operator: bool = False, provider: bool = False, asked: bool = True
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.operator = operator
        self.provider = provider
        self.asked = asked


class TryAgain(SendFailure):
    """Certainly not handed over, and a later attempt may succeed.

    `retry_after` is the provider's own wish in seconds, where it had one.
    """

    def __init__(
        self,
        reason: str,
        *,
        operator: bool = False,
        provider: bool = False,
        asked: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason, operator=operator, provider=provider, asked=asked)
        self.retry_after = retry_after


class Undeliverable(SendFailure):
    """Certainly not handed over, and never will be: the recipient or the message is refused."""


class Uncertain(SendFailure):
    """Perhaps handed over: the connection failed after the message had left.

    Another attempt may give the citizen the same message twice.
    """


class Channel(Protocol):
    """A way to reach a citizen."""

    async def send(self, message: Message) -> Accepted:
        """Hand one message over.

        Raises TryAgain, Undeliverable or Uncertain, and nothing else.
        """
        ...


def encodable(*texts: str) -> bool:
    """Whether the texts can be written as UTF-8 at all (a lone surrogate cannot)."""
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
