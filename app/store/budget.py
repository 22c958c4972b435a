"""What callers may still ask: budgets of subjects and organisations, shared by all processes.

Valkey keeps each budget (`budget.lua`, one round trip). A process takes a slice of a budget in
advance, a *lease*, and spends it without asking, because a round trip costs as much CPU as a small
read. What was leased has been taken, so all processes together never let through more than the
quota; a lease that is not spent within a minute is lost to its holder, who has regained far more
meanwhile. While Valkey is away or slow, each process keeps budgets of its own.
"""

import asyncio
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.domain.network import network_of
from app.domain.quota import Allowance, Quota, Quotas
from app.domain.viewer import Role, Viewer
from app.store.budget_holder import Claim, Holder

VALKEY_SECONDS: Final = 0.05
"""How long an operation waits for its budget; after that the process decides by itself."""
AWAY: Final = 1_000_000
"""How long Valkey is not asked after it did not answer, in microseconds."""
MOST_CALLERS: Final = 20_000
"""Callers that one process remembers, some 20 MB; those seen last stay."""
PREFIX: Final = "minplan:budget:"

LIMITED = Counter(
    "minplan_rate_limited",
    "Operations refused because a budget was used up, by whose: subject, organisation, address.",
    ["whose"],
)
AWAY_TIMES = Counter(
    "minplan_budget_away", "Times Valkey did not say in time what is left of a budget."
)

_SCRIPT: Final = Path(__file__).with_name("budget.lua").read_text()


class Budgets:
    """The budgets as one process sees them.

    key: for the hashes under which Valkey knows subjects, organisations and addresses. clock: in
    microseconds, for tests; without it Valkey's own, so that processes need not agree.
    """

    def __init__(
        self,
        redis: Redis,
        quotas: Quotas,
        key: bytes,
        *,
        prefix: str = PREFIX,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self._quotas = quotas
        self._key = key
        self._prefix = prefix
        self._clock = clock
        self._script = redis.register_script(_SCRIPT)
        self._callers: OrderedDict[tuple[str | None, ...], tuple[Holder, ...]] = OrderedDict()
        self._holders: WeakValueDictionary[str, Holder] = WeakValueDictionary()
        self._away_until = 0
        self._exhausted_until = 0

    async def take(
        self, viewer: Viewer, cost: int, *, address: str = "", requests: int = 1, again: int = 0
    ) -> Allowance:
        """Takes one operation of a cost, if all who answer for it have that much.

        What is refused for its cost takes a request all the same. requests: 0 for a part of an
        operation that is paid for apart; again: what such a part costs when the operation is sent
        again, for `retry_after`. address: of the client, in any form, for viewers without a
        login; all of an IPv6 network of 64 bits count as one.
        """
        now = self._now()
        holders = self._holders_of(viewer, address)
        short = await self._taken(holders, cost, requests, now)
        if short is None:
            return holders[0].allowance(now)
        if short.lacks_cost:
            await self._taken(holders, 0, 1, now)
        LIMITED.labels(short.holder.whose).inc()
        self._exhausted_until = max(self._exhausted_until, short.holder.refuses_until())
        return holders[0].allowance(now, retry_after=short.holder.seconds_until(short, now, again))

    async def _taken(
        self, holders: Sequence[Holder], cost: int, requests: int, now: int
    ) -> Claim | None:
        """Takes both from all of them; the claim that cannot be met, if any, and then nothing is
        taken."""
        spent = [holder for holder in holders if holder.spends(cost, requests, now)]
        if len(spent) == len(holders):
            return None
        claims = [one.claim(cost, requests, now) for one in holders if one not in spent]
        short = await self._short_of(claims, now)
        if short is not None:
            for claim in claims:
                claim.give_back()
            for holder in spent:
                holder.give_back(cost, requests)
        return short

    def known_refusal(self, viewer: Viewer, *, address: str = "") -> Allowance | None:
        """The refusal of whatever is asked, where it is known without asking Valkey."""
        now = self._now()
        if now >= self._exhausted_until:  # nobody was refused lately
            return None
        holders = self._holders_of(viewer, address)
        for holder in holders:
            if holder.is_exhausted(now):
                LIMITED.labels(holder.whose).inc()
                return holders[0].allowance(now, retry_after=1)
        return None

    async def _short_of(self, claims: Sequence[Claim], now: int) -> Claim | None:
        """Takes what all of them lack; the claim that cannot be met, and then nothing is taken."""
        for claim in claims:
            if claim.holder.is_refused(claim, now):
                return claim
        answer = await self._asked(claims, now)
        if answer is None:
            return _short_locally(claims, now)
        fours = [answer[at : at + 4] for at in range(0, len(answer), 4)]
        granted = min(answer[::2]) >= 0
        met = [
            claim.holder.told(claim, four, now, granted=granted)
            for claim, four in zip(claims, fours, strict=True)
        ]
        return None if granted else claims[met.index(False)]

    async def _asked(self, claims: Sequence[Claim], now: int) -> list[int] | None:
        """Valkey's answer; None while it is away, which one operation in a second finds out."""
        if now < self._away_until:
            return None
        if self._away_until:
            self._away_until = now + AWAY
        arguments = [now if self._clock else 0]
        for claim in claims:
            arguments += claim.holder.asks(claim)
        try:
            async with asyncio.timeout(VALKEY_SECONDS):
                names = [claim.holder.name for claim in claims]
                answer: list[int] = await self._script(names, arguments)
        except (RedisError, OSError, TimeoutError):
            AWAY_TIMES.inc()
            self._away_until = self._now() + AWAY
            return None
        self._away_until = 0
        return answer

    def _holders_of(self, viewer: Viewer, address: str) -> tuple[Holder, ...]:
        """Who answers for an operation, the one that its caller is told of first."""
        told_apart = network_of(address) if viewer.role is Role.ANONYMOUS else ""
        key = (viewer.role, viewer.subject, viewer.organisation_code, told_apart)
        known = self._callers.get(key)
        if known is None:
            known = self._callers[key] = tuple(self._made_for(viewer, told_apart))
            if len(self._callers) > MOST_CALLERS:
                self._callers.popitem(last=False)
        else:
            self._callers.move_to_end(key)
        return known

    def _made_for(self, viewer: Viewer, network: str) -> Iterator[Holder]:
        quotas, organisation = self._quotas, viewer.organisation_code
        if viewer.role is Role.ANONYMOUS:
            yield self._holder("address", network, quotas.address)
        elif viewer.role is not Role.SYSTEM:  # a system is one subject for a whole organisation
            yield self._holder("subject", viewer.subject, quotas.subject)
        if organisation is not None:
            of_all = f"{viewer.role} {organisation}"
            yield self._holder("organisation", of_all, quotas.organisation)

    def _holder(self, whose: str, value: str, quota: Quota) -> Holder:
        digest = hmac.digest(self._key, f"{whose} {value}".encode("utf-8", "replace"), "sha256")
        name = self._prefix + digest[:16].hex()
        holder = self._holders.get(name)
        if holder is None:  # as long as a caller is remembered, so are those who answer for it
            holder = self._holders[name] = Holder(whose, name, quota)
        return holder

    def _now(self) -> int:
        return self._clock() if self._clock else time.monotonic_ns() // 1000


def _short_locally(claims: Sequence[Claim], now: int) -> Claim | None:
    """The same without Valkey, from this process's own budgets."""
    for claim in claims:
        if not claim.holder.has(claim, now):
            return claim
    for claim in claims:
        claim.holder.take(claim, now)
    return None
