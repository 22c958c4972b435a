"""How the issuer's keys come and go: rotation, outage, withdrawal."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from joserfc.jwk import ECKey, KeySet

from app.domain.viewer import Role
from app.errors import Unauthenticated
from app.identity import HttpKeySource, Identity
from tests.broker import (
    EC,
    NOW,
    RSA,
    Broker,
    Clock,
    claims,
    configured,
    part,
    published,
    refused,
    signed,
    source_of,
)


@pytest.fixture
def broker() -> Iterator[Broker]:
    running = Broker()
    yield running
    running.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(broker: Broker, clock: Clock) -> HttpKeySource:
    return source_of(broker, clock)


@pytest.fixture
def identity(source: HttpKeySource, clock: Clock) -> Identity:
    return Identity(configured(), source, clock=clock)


async def test_a_new_key_is_fetched_when_a_token_names_it(
    identity: Identity, broker: Broker, clock: Clock
) -> None:
    await identity.viewer(f"Bearer {signed(claims())}")
    fresh = ECKey.generate_key("P-256", {"kid": "fresh"})
    broker.document = published(EC, fresh)
    token = signed(claims(), key=fresh)
    await refused(identity, token)
    clock.now += 30
    assert (await identity.viewer(f"Bearer {token}")).role is Role.CITIZEN
    assert broker.requests == 2


async def test_invented_key_names_cause_one_fetch_in_each_interval(
    identity: Identity, broker: Broker, clock: Clock
) -> None:
    for interval in range(1, 4):
        tokens = [signed(claims(), kid=str(uuid4())) for _ in range(20)]
        await asyncio.gather(*(refused(identity, token) for token in tokens))
        assert broker.requests == interval
        clock.now += 30


async def test_concurrent_first_requests_share_one_fetch(
    identity: Identity, broker: Broker
) -> None:
    tokens = [signed(claims(sub=f"borger-{number}")) for number in range(20)]
    await asyncio.gather(*(identity.viewer(f"Bearer {token}") for token in tokens))
    assert broker.requests == 1


async def test_a_client_that_leaves_does_not_take_the_fetch_away(clock: Clock) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(url: str) -> object:
        asked.set()
        await answer.wait()
        return published(EC)

    source = HttpKeySource(
        "http://127.0.0.1", cache_seconds=600, min_refetch_seconds=30, fetch=slow, clock=clock
    )
    identity = Identity(configured(), source, clock=clock)
    leaving = asyncio.create_task(identity.viewer(f"Bearer {signed(claims())}"))
    staying = asyncio.create_task(identity.viewer(f"Bearer {signed(claims())}"))
    await asked.wait()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    answer.set()
    assert (await staying).role is Role.CITIZEN


async def test_an_outage_keeps_the_known_keys(
    identity: Identity, broker: Broker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await identity.viewer(f"Bearer {signed(claims())}")
    outages: list[tuple[int, Any]] = [(500, published(RSA)), (200, "nonsense"), (200, {"keys": []})]
    for broker.status, broker.document in outages:
        clock.now += 600
        token = signed(claims(exp=int(clock.now) + 60, sub=str(uuid4())))
        assert (await identity.viewer(f"Bearer {token}")).role is Role.CITIZEN
    assert broker.requests == 4
    assert caplog.text.count("keys cannot be fetched") == 3


async def test_without_any_key_nobody_is_believed(clock: Clock) -> None:
    gone = Broker()
    gone.close()
    identity = Identity(configured(), source_of(gone, clock), clock=clock)
    await refused(identity, signed(claims()))


async def test_a_withdrawn_key_is_noticed_also_for_remembered_tokens(
    identity: Identity, broker: Broker, clock: Clock
) -> None:
    authorization = f"Bearer {signed(claims(exp=NOW + 9999))}"
    await identity.viewer(authorization)
    broker.document = published(RSA)
    clock.now += 600
    with pytest.raises(Unauthenticated):
        await identity.viewer(authorization)


async def test_unusable_keys_do_not_spoil_the_set(identity: Identity, broker: Broker) -> None:
    good = EC.as_dict(private=False)
    unusable: list[object] = [
        7,
        {},
        {"kty": ["EC"]},
        {"kty": "AKP", "kid": "pq"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "!"},
        {"kty": "EC", "kid": "curve", "crv": "P-999", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "half", "n": "AQAB"},
        {"kty": "OKP", "kid": "x", "crv": "X25519", "x": part(b"x" * 32)},
        good | {"kid": "enc", "use": "enc"},
    ]
    broker.document = {"keys": [*unusable, good]}
    assert (await identity.viewer(f"Bearer {signed(claims())}")).role is Role.CITIZEN
    await refused(identity, signed(claims(), kid="enc"))


async def test_real_time_is_the_default_clock(broker: Broker) -> None:
    source = HttpKeySource(broker.url, cache_seconds=600, min_refetch_seconds=30)
    token = signed(claims(exp=int(time.time()) + 60))
    assert (await Identity(configured(), source).viewer(f"Bearer {token}")).role is Role.CITIZEN
    await source.aclose()
    assert isinstance(await source.keys(), KeySet)
