"""A running API that two secrets may report to, and its ledger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from app.settings import Settings
from app.store.db import open_pool
from tests.workers.place import MORNING, Place
from tests.world import open_world

from .reports import OLD_SECRET, SECRET, Reporter

SECRETS = SecretStr(f"{SECRET.decode()}, {OLD_SECRET.decode()}")


@asynccontextmanager
async def _reporting(settings: Settings) -> AsyncIterator[Reporter]:
    assert settings.database_url
    own = settings.model_copy(update={"sms_callback_secret": SECRETS})
    async with open_world(own) as world, open_pool(settings.database_url) as pool:
        world.at(MORNING.date())
        yield Reporter(world, Place(pool, settings.database_url))


@pytest.fixture
async def reporter(settings: Settings) -> AsyncIterator[Reporter]:
    async with _reporting(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_reporter(shared_settings: Settings) -> AsyncIterator[Reporter]:
    """One for all tests of a file that look at a message of their own alone, and settle it."""
    async with _reporting(shared_settings) as opened:
        yield opened
