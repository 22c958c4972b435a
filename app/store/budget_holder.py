"""One holder of a budget as one process knows it: its leases, and what it was last told.

Times are in microseconds of one clock.
"""

from typing import Final

from app.domain.quota import Allowance, Quota, Rate, available, seconds_until, taken

LEASE_SHARE: Final = 20
"""A lease is this part of a quota's burst: a twentieth."""
LEASE_TIME: Final = 60_000_000
"""How long a lease may be spent."""
LEAST_COST: Final = 2
"""Units of the cheapest operation: itself and one leaf."""
MOST_TENTHS: Final = 9
"""Of a quota, what one operation takes at most; what is paid apart takes the rest at most. So both
together can be paid from a full one."""
REFUSED_TIME: Final = 1_000_000
"""How long a refusal is remembered at most: a flood of them is then answered without Valkey."""


class Part:
    """Requests or cost of one holder.

    lease: units taken from Valkey and not spent yet. full_at: when the budget will be full again,
    as far as this process knows; it goes on from there while Valkey is away. refused,
    refused_until: Valkey has less than that, and will until then.
    """

    __slots__ = ("full_at", "lease", "rate", "refused", "refused_until")

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.lease = 0
        self.full_at = 0
        self.refused = 0
        self.refused_until = 0

    def claim(self, units: int) -> int:
        """Spends as much of the lease as there is; the units that it lacks."""
        spent = min(self.lease, units)
        self.lease -= spent
        return units - spent

    def told(self, units: int, got: int, left: int, now: int, *, granted: bool) -> None:
        """What Valkey said of so many units: those taken (-1: too few are left), and those left."""
        self.full_at = taken(self.rate, 0, now, self.rate.burst - left)
        if granted:
            self.lease += got - units
        elif got < 0:
            self.refused = units
            wait = (units - left) * 1_000_000 // self.rate.per_second
            self.refused_until = now + min(wait, REFUSED_TIME)

    def remaining(self, now: int) -> int:
        """Units left, as far as this process knows."""
        return min(self.rate.burst, available(self.rate, self.full_at, now) + self.lease)


class Claim:
    """What a holder answers for: its units, and those that no lease covers."""

    __slots__ = ("cost", "holder", "lacks", "lacks_cost", "lacks_requests", "requests")

    def __init__(
        self, holder: "Holder", cost: int, requests: int, lacks_cost: int, lacks_requests: int
    ) -> None:
        self.holder = holder
        self.cost = cost
        self.requests = requests
        self.lacks_requests = lacks_requests
        self.lacks_cost = lacks_cost
        self.lacks = lacks_requests + lacks_cost

    def give_back(self) -> None:
        """The operation does not run."""
        self.holder.requests.lease += self.requests - self.lacks_requests
        self.holder.cost.lease += self.cost - self.lacks_cost


class Holder:
    """whose: subject, organisation or address; name: its key in Valkey."""

    __slots__ = ("__weakref__", "_lease_ends_at", "cost", "name", "quota", "requests", "whose")

    def __init__(self, whose: str, name: str, quota: Quota) -> None:
        self.whose = whose
        self.name = name
        self.quota = quota
        self.requests = Part(quota.requests)
        self.cost = Part(quota.cost)
        self._lease_ends_at = 0

    def spends(self, cost: int, requests: int, now: int) -> bool:
        """Spends leases that cover both wholly."""
        if now >= self._lease_ends_at or self.requests.lease < requests or self.cost.lease < cost:
            return False
        self.requests.lease -= requests
        self.cost.lease -= cost
        return True

    def claim(self, cost: int, requests: int, now: int) -> Claim:
        """Spends leases. requests: 0 for what is paid apart from its operation. What costs more
        than it may take of the quota takes as much."""
        if now >= self._lease_ends_at:
            self.requests.lease = self.cost.lease = 0
        tenths = MOST_TENTHS if requests else 10 - MOST_TENTHS
        units = min(cost, self.cost.rate.burst * tenths // 10)
        lacks_requests = self.requests.claim(requests)
        return Claim(self, units, requests, self.cost.claim(units), lacks_requests)

    def give_back(self, cost: int, requests: int) -> None:
        """What leases covered wholly does not run."""
        self.requests.lease += requests
        self.cost.lease += cost

    def is_refused(self, claim: Claim, now: int) -> bool:
        """Whether Valkey said a moment ago that there is not as much as the claim lacks."""
        return any(
            now < part.refused_until and units >= part.refused for part, units in self._parts(claim)
        )

    def is_exhausted(self, now: int) -> bool:
        """Whether there is no room for one more operation, however little it costs."""
        return (now < self.requests.refused_until and not self.requests.lease) or (
            now < self.cost.refused_until and self.cost.remaining(now) < LEAST_COST
        )

    def refuses_until(self) -> int:
        """Until when it may be exhausted, as far as Valkey has said."""
        return max(self.requests.refused_until, self.cost.refused_until)

    def asks(self, claim: Claim) -> list[int]:
        """The claim in the script's words: what it lacks, and a lease beside that."""
        words = []
        for part, units in self._parts(claim):
            burst = part.rate.burst
            lease = max(burst // LEASE_SHARE, 1) if units else 0
            words += [part.rate.per_second, burst, units, units + lease]
        return words

    def told(self, claim: Claim, four: list[int], now: int, *, granted: bool) -> bool:
        """Takes Valkey's answer down; whether the claim could be met."""
        if granted:
            self._lease_ends_at = now + LEASE_TIME
        (requests, units), (cost, cost_units) = self._parts(claim)
        requests.told(units, four[0], four[1], now, granted=granted)
        cost.told(cost_units, four[2], four[3], now, granted=granted)
        return min(four[0], four[2]) >= 0

    def has(self, claim: Claim, now: int) -> bool:
        """Whether this process's own budget covers the claim."""
        return all(
            available(part.rate, part.full_at, now) >= units for part, units in self._parts(claim)
        )

    def take(self, claim: Claim, now: int) -> None:
        """Takes the claim from this process's own budget."""
        for part, units in self._parts(claim):
            part.full_at = taken(part.rate, part.full_at, now, units)

    def seconds_until(self, claim: Claim, now: int, again: int) -> int:
        """Whole seconds until a claim may be met that cannot be now, at least one. again: cost that
        has to be paid before it once more."""
        again = min(again, self.cost.rate.burst * (10 - MOST_TENTHS) // 10)
        return max(
            1,
            seconds_until(self.requests.rate, claim.requests - self.requests.remaining(now)),
            seconds_until(self.cost.rate, again + claim.cost - self.cost.remaining(now)),
        )

    def allowance(self, now: int, *, retry_after: int = 0) -> Allowance:
        """What the caller is told."""
        return Allowance(
            allowed=not retry_after,
            available=max(self.cost.remaining(now), 0),
            requests=max(self.requests.remaining(now), 0),
            quota=self.quota,
            retry_after=retry_after,
        )

    def _parts(self, claim: Claim) -> tuple[tuple[Part, int], tuple[Part, int]]:
        return (self.requests, claim.lacks_requests), (self.cost, claim.lacks_cost)
