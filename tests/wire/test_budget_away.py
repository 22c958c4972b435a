"""Budgets while Valkey is away or says nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from app.store import budget as budget_module
from app.store.budget import AWAY, Budgets
from tests.channels.servers import listening
from tests.wire.test_budget import (
    QUOTAS,
    SECOND,
    HandClock,
    allowed,
    caseworker,
    clock,
    patience,
)
from tests.workers.place import OwnValkey

__all__ = ["clock", "patience"]


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    valkey = OwnValkey(tmp_path)
    valkey.start()
    yield valkey
    valkey.stop()


async def test_without_valkey_each_process_counts_by_itself_and_asks_again(
    own_valkey: OwnValkey, clock: HandClock
) -> None:
    redis = Redis.from_url(own_valkey.url)
    budgets = Budgets(redis, QUOTAS, b"key", clock=clock)
    assert await allowed(budgets, caseworker(), 10) == 10
    own_valkey.stop()
    assert await allowed(budgets, caseworker(), 100) == 30
    assert await allowed(budgets, caseworker(), 1) == 0
    own_valkey.start()
    clock.turn(AWAY / SECOND + 1)
    assert await allowed(budgets, caseworker("bo"), 100) == 40
    assert await redis.dbsize() > 0
    await redis.aclose()


async def test_a_valkey_that_hangs_is_waited_for_once(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass

    monkeypatch.setattr(budget_module, "VALKEY_SECONDS", 0.01)
    waited = REGISTRY.get_sample_value("minplan_budget_away_total") or 0
    async with listening(silence) as port:
        redis = Redis.from_url(f"redis://127.0.0.1:{port}")
        budgets = Budgets(redis, QUOTAS, b"key", clock=clock)
        assert await allowed(budgets, caseworker(), 100) == 40
        await redis.aclose()
    assert REGISTRY.get_sample_value("minplan_budget_away_total") == waited + 1
