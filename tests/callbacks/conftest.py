"""A running API that two secrets may report to, and its ledger."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.dev.embedded import Servers
from app.settings import load_settings
from app.store.db import open_pool
from tests.workers.place import MORNING, Place
from tests.world import open_world

from .reports import OLD_SECRET, SECRET, Reporter


@pytest.fixture
async def reporter(tmp_path: Path, servers: Servers, database_url: str) -> AsyncIterator[Reporter]:
    settings = load_settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=servers.redis_url,
        sms_callback_secret=f"{SECRET.decode()}, {OLD_SECRET.decode()}",
    )
    async with open_world(settings) as world, open_pool(database_url) as pool:
        world.at(MORNING.date())
        yield Reporter(world, Place(pool, database_url))
