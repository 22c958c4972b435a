"""What the providers know: every message they accepted, written down the instant they did.

The product's ledger is compared with this, and with nothing else.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

Now = Callable[[], datetime]


def fingerprint(text: str) -> str:
    """Tells two texts or addresses apart without repeating them, however they are broken."""
    return hashlib.blake2b(" ".join(text.split()).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Message:
    """One message that a provider accepted.

    worker: who handed it over. asked_at: when its request began, at: when it was accepted, both by
    the test's clock.
    """

    channel: str
    reference: str
    text: str
    address: str
    worker: str
    asked_at: datetime
    at: datetime

    @property
    def delivery_id(self) -> UUID | None:
        """What the reference names; None for one that is not the product's."""
        try:
            return UUID(self.reference.partition(".")[0])
        except ValueError:
            return None

    @property
    def number(self) -> int | None:
        """Of the attempt."""
        number = self.reference.partition(".")[2]
        return int(number) if number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that reached a provider, and what was done with it."""

    channel: str
    reference: str
    address: str
    worker: str
    answer: str


@dataclass(eq=False)
class Oracle:
    """Both providers' memory.

    refused: addresses (as fingerprints) that a provider turned down for good. held: workers whose
    request is being kept waiting. under_way: requests and mails that are not answered yet.
    """

    now: Now
    accepted: list[Message] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    held: list[str] = field(default_factory=list)
    under_way: int = 0
    by_delivery: dict[UUID, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _waiting: set["asyncio.Future[None]"] = field(default_factory=set)

    def accept(self, message: Message) -> None:
        self.accepted.append(message)
        if message.delivery_id is not None:
            self.by_delivery[message.delivery_id].append(message)
        self.tell()

    def note(self, exchange: Exchange, *, refused: bool = False) -> None:
        self.exchanges.append(exchange)
        if refused:
            self.refused.add(exchange.address)
        self.tell()

    def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        for one in self._waiting:
            if not one.done():
                one.set_result(None)

    async def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait until the condition holds; False when it did not come true in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            change = loop.create_future()
            self._waiting.add(change)
            try:
                async with asyncio.timeout_at(deadline):
                    await change
            except TimeoutError:
                return bool(condition())
            finally:
                self._waiting.discard(change)
        return True

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """While a request is being answered."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            self.tell()

    def messages(self, deliveries: Iterable[UUID]) -> list[Message]:
        return [one for delivery in deliveries for one in self.by_delivery.get(delivery, ())]

    def forget(self) -> None:
        """A new round begins."""
        self.accepted.clear()
        self.exchanges.clear()
        self.refused.clear()
        self.by_delivery.clear()
