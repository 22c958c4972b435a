"""How much may be asked in a time: rates with bursts, by the generic cell rate algorithm (GCRA).

All that is kept of a quota is one moment: when it will be full again if nothing more is taken
(the *theoretical arrival time* of ATM's I.371). The same arithmetic runs in Valkey
(`app/store/budget.lua`), where processes share a quota.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` units for good, and as many as `seconds` of them at once."""

    per_second: int
    seconds: int

    @property
    def burst(self) -> int:
        """The most that may be taken at once, in units."""
        return self.per_second * self.seconds


@dataclass(frozen=True, slots=True)
class Quota:
    """What one caller may ask: operations, and the cost of operations in their units."""

    requests: Rate
    cost: Rate


@dataclass(frozen=True, slots=True)
class Quotas:
    """subject: of one person; organisation: of all who act for one, and of a system; address: of
    one client address without a login."""

    subject: Quota
    organisation: Quota
    address: Quota


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether an operation may run, and what its caller has left (docs/limits.md).

    available: cost units; requests: operations; retry_after: seconds, 0 for what is allowed.
    """

    allowed: bool
    available: int
    requests: int
    quota: Quota
    retry_after: int = 0

    @property
    def limit(self) -> int:
        """The most cost units there can be."""
        return self.quota.cost.burst

    @property
    def reset_seconds(self) -> int:
        """Whole seconds until both are full again."""
        cost = seconds_until(self.quota.cost, self.limit - self.available)
        missing = self.quota.requests.burst - self.requests
        return max(cost, seconds_until(self.quota.requests, missing))

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11), and
        `Retry-After` for what was refused, which ends their window then."""
        ends = self.retry_after or self.reset_seconds
        headers = {
            "ratelimit-policy": policy_header(self.quota),
            "ratelimit": (
                f'"requests";r={self.requests};t={ends},"cost";r={self.available};t={ends}'
            ),
        }
        if not self.allowed:
            headers["retry-after"] = str(self.retry_after)
        return headers


@cache
def policy_header(quota: Quota) -> str:
    """What does not change: the quotas and their windows. Cost is no unit of the draft's registry,
    so that it stands in a parameter of our own."""
    requests, cost = quota.requests, quota.cost
    return (
        f'"requests";q={requests.burst};w={requests.seconds},'
        f'"cost";q={cost.burst};w={cost.seconds};minplan-unit="cost"'
    )


def available(rate: Rate, full_at: int, now: int) -> int:
    """Whole units that may be taken at `now`; times in microseconds, of which one is rounding.

    >>> available(Rate(10, 5), full_at=0, now=0)
    50
    >>> available(Rate(10, 5), full_at=4_950_000, now=0)
    0
    """
    if full_at <= now:
        return rate.burst
    return rate.burst + (now + 1 - full_at) * rate.per_second // 1_000_000


def taken(rate: Rate, full_at: int, now: int, units: int) -> int:
    """When the quota will be full again after units were taken; times in microseconds.

    >>> taken(Rate(10, 5), full_at=0, now=7, units=1)
    100007
    """
    return max(full_at, now) + ceil(units * 1_000_000 / rate.per_second)


def seconds_until(rate: Rate, missing: int) -> int:
    """Whole seconds in which so many units come back.

    >>> seconds_until(Rate(10, 5), missing=11)
    2
    """
    return -(-missing // rate.per_second)
