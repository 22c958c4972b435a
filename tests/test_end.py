"""An API process ends also when PostgreSQL says nothing any more."""

import asyncio

import pytest

from app.settings import Settings
from app.store import db, readers
from tests.silence import line_to
from tests.world import open_world


async def test_a_silent_postgresql_does_not_hold_up_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (db, readers):
        monkeypatch.setattr(module, "CLOSE_SECONDS", 0.1)
    assert settings.database_url
    async with line_to(settings.database_url) as line:
        over = settings.model_copy(update={"database_url": line.url})
        async with asyncio.timeout(25):  # each connection's own goodbye would take 30 s
            async with open_world(over) as world:
                answer = await world.client.post(
                    f"{world.base_url}/graphql", json={"query": "{ targetGroups { code } }"}
                )
                assert answer.status_code == 200
                line.fall_silent()
