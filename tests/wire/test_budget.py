"""Budgets: shared by all processes, never exceeded, and in nobody's way when Valkey is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from redis.asyncio import Redis

from app.dev.embedded import Servers
from app.domain.quota import Quota, Quotas, Rate, available, taken
from app.domain.viewer import ANONYMOUS, NEVER, Role, Viewer
from app.store import budget as budget_module
from app.store.budget import PREFIX, Budgets
from app.store.budget_holder import LEASE_TIME

SECOND = 1_000_000
PERSON = Quota(requests=Rate(10, 4), cost=Rate(1_000, 4))
ALL = Quota(requests=Rate(100, 4), cost=Rate(100_000, 4))
QUOTAS = Quotas(subject=PERSON, organisation=ALL, address=PERSON)


class HandClock:
    """Microseconds that go on when somebody says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000 * SECOND

    def __call__(self) -> int:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


def caseworker(subject: str = "ida", organisation: str = "101") -> Viewer:
    return Viewer(
        Role.JOBCENTER,
        subject,
        "",
        organisation_code=organisation,
        citizen_id=None,
        expires_at=NEVER,
    )


@pytest.fixture(autouse=True, scope="module")
def patience() -> Iterator[None]:
    """A busy machine answers late, and then each process would count by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget_module, "VALKEY_SECONDS", 10)
        yield


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def redis(servers: Servers) -> AsyncIterator[Redis]:
    client = Redis.from_url(servers.redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def prefix() -> str:
    return f"{PREFIX}{uuid4().hex}:"


@pytest.fixture
def budgets(redis: Redis, prefix: str, clock: HandClock) -> Budgets:
    return Budgets(redis, QUOTAS, b"key", prefix=prefix, clock=clock)


async def allowed(budgets: Budgets, viewer: Viewer, times: int, cost: int = 1) -> int:
    """How many of so many operations at once are let through."""
    found = [await budgets.take(viewer, cost) for _ in range(times)]
    return sum(one.allowed for one in found)


async def test_a_burst_is_let_through_and_then_the_rate(budgets: Budgets, clock: HandClock) -> None:
    assert await allowed(budgets, caseworker(), 100) == 40
    clock.turn(1)
    assert await allowed(budgets, caseworker(), 100) == 10
    clock.turn(60)
    assert await allowed(budgets, caseworker(), 100) == 40


async def test_costly_operations_use_a_budget_up_in_fewer_requests(budgets: Budgets) -> None:
    assert await allowed(budgets, caseworker(), 10, cost=1_500) == 2
    assert await allowed(budgets, caseworker(), 11, cost=100) == 10


async def test_an_operation_that_costs_more_than_the_whole_budget_takes_most_of_it(
    budgets: Budgets, clock: HandClock
) -> None:
    assert await allowed(budgets, caseworker(), 2, cost=9_000) == 1
    clock.turn(3.1)
    assert await allowed(budgets, caseworker(), 1, cost=9_000) == 0
    clock.turn(0.1)
    assert await allowed(budgets, caseworker(), 1, cost=9_000) == 1


async def test_who_comes_back_when_told_can_pay_for_the_reading_again(
    budgets: Budgets, clock: HandClock
) -> None:
    ida = caseworker()
    assert await allowed(budgets, ida, 1, cost=3_500) == 1
    assert (await budgets.take(ida, 350, requests=0)).allowed
    refused = await budgets.take(ida, 3_000, again=350)
    assert not refused.allowed
    clock.turn(refused.retry_after)
    assert (await budgets.take(ida, 350, requests=0)).allowed
    assert (await budgets.take(ida, 3_000, again=350)).allowed


async def test_two_processes_share_one_budget(redis: Redis, prefix: str, clock: HandClock) -> None:
    both = [Budgets(redis, QUOTAS, b"key", prefix=prefix, clock=clock) for _ in range(2)]
    counts = await asyncio.gather(*(allowed(one, caseworker(), 60) for one in both))
    # what the one has leased and not spent, the other may not have
    assert 38 <= sum(counts) <= 40
    assert min(counts) > 0


async def test_nobody_uses_up_what_colleagues_need(budgets: Budgets) -> None:
    assert await allowed(budgets, caseworker("ida"), 100) == 40
    assert await allowed(budgets, caseworker("bo"), 30) == 30
    assert await allowed(budgets, caseworker("ida", "751"), 1) == 0


async def test_all_of_an_organisation_together_have_a_limit_and_others_keep_theirs(
    budgets: Budgets,
) -> None:
    people = [caseworker(f"person {n}") for n in range(15)]
    assert sum([await allowed(budgets, one, 40) for one in people]) == 400
    refused = await budgets.take(people[-1], 1)
    assert not refused.allowed and refused.requests == 40
    assert await allowed(budgets, caseworker("far", "751"), 1) == 1


async def test_a_system_has_the_budget_of_an_organisation(budgets: Budgets) -> None:
    booking = Viewer(
        Role.SYSTEM, "b", "", organisation_code="BOOKING", citizen_id=None, expires_at=NEVER
    )
    assert await allowed(budgets, booking, 500) == 400


async def test_without_a_login_each_address_has_a_budget_that_names_nobody(
    budgets: Budgets, redis: Redis, prefix: str
) -> None:
    for address in ("192.0.2.7", "192.0.2.8"):
        found = [await budgets.take(ANONYMOUS, 1, address=address) for _ in range(50)]
        assert sum(one.allowed for one in found) == 40
    stored = [key.decode() async for key in redis.scan_iter(f"{prefix}*")]
    assert len(stored) == 2
    assert not any("192" in key.removeprefix(prefix) and "." in key for key in stored)
    assert all([0 < await redis.pttl(key) <= 5_000 for key in stored])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:0:7::1", "2001:DB8:0:7:ffff:ffff:ffff:ffff"),
        ("192.0.2.7", "::ffff:192.0.2.7"),
        ("::ffff:c000:207", "::ffff:192.0.2.7"),
    ],
)
async def test_whoever_has_many_addresses_has_one_budget(
    budgets: Budgets, one: str, other: str
) -> None:
    found = [await budgets.take(ANONYMOUS, 1, address=one) for _ in range(40)]
    assert all(each.allowed for each in found)
    assert not (await budgets.take(ANONYMOUS, 1, address=other)).allowed
    assert budgets.known_refusal(ANONYMOUS, address=other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:0:7::1", "2001:db8:0:8::1"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8"),
        ("unix:", "not an address"),
        ("fe80::1%eth0", ""),
    ],
)
async def test_other_networks_and_whatever_is_no_address_have_their_own(
    budgets: Budgets, one: str, other: str
) -> None:
    for address in (one, other):
        found = [await budgets.take(ANONYMOUS, 1, address=address) for _ in range(41)]
        assert sum(each.allowed for each in found) == 40


async def test_a_lease_spares_the_round_trips(
    budgets: Budgets, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    script = budgets._script

    async def counting(*args: object) -> object:
        asked.append(args)
        return await script(*args)  # type: ignore[arg-type]  # handed on as they are

    monkeypatch.setattr(budgets, "_script", counting)
    assert await allowed(budgets, caseworker(), 30) == 30
    assert len(asked) <= 10
    spent = len(asked)
    clock.turn(LEASE_TIME / SECOND + 1)
    assert await allowed(budgets, caseworker(), 1) == 1
    assert len(asked) == spent + 1


async def test_a_flood_of_refused_operations_does_not_reach_valkey(
    budgets: Budgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allowed(budgets, caseworker(), 41)
    monkeypatch.setattr(budgets, "_script", None)
    assert await allowed(budgets, caseworker(), 100) == 0
    known = budgets.known_refusal(caseworker())
    assert known is not None and known.retry_after == 1
    assert budgets.known_refusal(caseworker("bo")) is None


async def test_the_headers_say_what_is_left_and_when_to_come_back(budgets: Budgets) -> None:
    first = await budgets.take(caseworker(), 1_000)
    assert first.headers() == {
        "ratelimit-policy": '"requests";q=40;w=4,"cost";q=4000;w=4;minplan-unit="cost"',
        "ratelimit": '"requests";r=39;t=1,"cost";r=3000;t=1',
    }
    refused = await budgets.take(caseworker(), 4_000)
    assert (refused.allowed, refused.available, refused.limit) == (False, 3_000, 4_000)
    assert refused.headers()["retry-after"] == "1"
    await budgets.take(caseworker(), 3_000)
    refused = await budgets.take(caseworker(), 2_500)
    assert refused.headers()["retry-after"] == "3"
    assert refused.headers()["ratelimit"] == '"requests";r=36;t=3,"cost";r=0;t=3'


async def test_what_is_refused_for_its_cost_uses_up_requests(budgets: Budgets) -> None:
    assert await allowed(budgets, caseworker(), 1, cost=3_990) == 1
    assert budgets.known_refusal(caseworker()) is None
    assert await allowed(budgets, caseworker(), 50, cost=1_000) == 0
    assert budgets.known_refusal(caseworker()) is not None
    assert await allowed(budgets, caseworker(), 1) == 0


async def test_a_budget_without_a_unit_of_cost_is_a_known_refusal(
    budgets: Budgets, clock: HandClock
) -> None:
    assert await allowed(budgets, caseworker(), 3, cost=2_000) == 2
    assert budgets.known_refusal(caseworker()) is not None
    clock.turn(0.1)
    assert budgets.known_refusal(caseworker()) is None
    assert await allowed(budgets, caseworker(), 1, cost=10) == 1


MOMENTS = st.lists(
    st.tuples(st.integers(0, 700_000), st.integers(1, 900), st.integers(0, 1), st.integers(1, 4)),
    min_size=5,
    max_size=40,
)


@given(MOMENTS)
@hypothesis_settings(max_examples=60)
async def test_never_more_than_a_burst_and_the_rate_is_let_through(
    servers: Servers, moments: list[tuple[int, int, int, int]]
) -> None:
    """By two processes on one Valkey, whatever they ask and when."""
    clock = HandClock()
    redis = Redis.from_url(servers.redis_url)
    prefix = f"{PREFIX}{uuid4().hex}:"
    both = [Budgets(redis, QUOTAS, b"key", prefix=prefix, clock=clock) for _ in range(2)]
    began = clock.now
    cost_let = requests_let = 0
    for pause, cost, which, times in moments:
        clock.now += pause
        for _ in range(times):
            if (await both[which].take(caseworker(), cost)).allowed:
                cost_let, requests_let = cost_let + cost, requests_let + 1
            elapsed = (clock.now + 1 - began) / SECOND
            assert cost_let <= PERSON.cost.burst + PERSON.cost.per_second * elapsed
            assert requests_let <= PERSON.requests.burst + PERSON.requests.per_second * elapsed
    await redis.aclose()


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 50)), max_size=60))
def test_the_arithmetic_keeps_to_the_rate(moments: list[tuple[int, int]]) -> None:
    rate, now, full_at, let = Rate(30, 3), 0, 0, 0
    for pause, units in moments:
        now += pause
        if available(rate, full_at, now) >= units:
            full_at = taken(rate, full_at, now, units)
            let += units
        assert let <= rate.burst + rate.per_second * (now + 1) / SECOND
