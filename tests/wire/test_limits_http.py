"""Budgets as a client over HTTP meets them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.dev.embedded import Servers
from app.domain.viewer import Role
from app.settings import load_settings
from tests.world import World, open_world

TARGETS = "{ targetGroups { code } }"


@pytest.fixture
async def strict(tmp_path: Path, servers: Servers, database_url: str) -> AsyncIterator[World]:
    """An API that lets each person ask three times, and an address once."""
    settings = load_settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=servers.redis_url,
        budget_seconds=1,
        subject_requests_per_second=3,
        address_requests_per_second=1,
    )
    async with open_world(settings) as opened:
        yield opened


async def sent(world: World, token: str | None, query: str = TARGETS) -> httpx.Response:
    return await world.client.post(
        f"{world.base_url}/graphql",
        json={"query": query},
        headers={"authorization": f"Bearer {token}"} if token else {},
    )


async def until_refused(world: World, token: str | None, query: str = TARGETS) -> httpx.Response:
    """The first refusal; the budget fills while it is used up, so a few more may come before."""
    for _ in range(200):
        response = await sent(world, token, query)
        if response.status_code == 429:
            return response
    raise AssertionError("nothing was refused")


async def test_who_asks_too_much_is_told_when_to_come_back(strict: World) -> None:
    token = strict.token(Role.JOBCENTER)
    first = await sent(strict, token)
    policy = '"requests";q=3;w=1,"cost";q=50000;w=1;minplan-unit="cost"'
    assert first.status_code == 200 and "retry-after" not in first.headers
    assert first.headers["ratelimit-policy"] == policy
    assert first.headers["ratelimit"].startswith('"requests";r=2;t=1,')
    refused = await until_refused(strict, token)
    assert refused.headers["ratelimit-policy"] == policy
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=1,')
    [error] = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED" and "data" not in refused.json()
    assert (await sent(strict, strict.token(Role.FUND))).status_code == 200


async def test_documents_that_are_refused_are_not_free(strict: World) -> None:
    refused = await until_refused(strict, strict.token(Role.JOBCENTER), "{ nothing }")
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_without_a_login_the_address_counts(strict: World) -> None:
    assert (await sent(strict, None)).status_code == 200
    await until_refused(strict, None)
    assert (await sent(strict, strict.token(Role.JOBCENTER))).status_code == 200


async def test_budgets_can_be_switched_off(
    tmp_path: Path, servers: Servers, database_url: str
) -> None:
    settings = load_settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=servers.redis_url,
        budgets=False,
        address_requests_per_second=1,
        budget_seconds=1,
    )
    async with open_world(settings) as world:
        for _ in range(5):
            response = await sent(world, None)
            assert response.status_code == 200 and "ratelimit" not in response.headers
