"""A database of its own for every test, and a Valkey of its own where one is stopped or shared."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.store.db import open_pool
from tests.actions.desk import open_desk

from .days import Calendar
from .gateway import Gateway, listening_gateway
from .place import OwnValkey, Place
from .receiver import DataBase, listening_data_base


@pytest.fixture
async def place(database_url: str) -> AsyncIterator[Place]:
    async with open_pool(database_url) as pool:
        yield Place(pool, database_url)


@pytest.fixture
def valkey() -> Iterator[OwnValkey]:
    """Runs; a stopped one loses all it held."""
    with tempfile.TemporaryDirectory(prefix="minplan-") as folder:
        Path(folder).chmod(0o755)
        own = OwnValkey(Path(folder))
        own.start()
        yield own
        own.stop()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with listening_gateway() as found:
        yield found


@pytest.fixture
async def data_base() -> AsyncIterator[DataBase]:
    async with listening_data_base() as found:
        yield found


@pytest.fixture
async def calendar(database_url: str) -> AsyncIterator[Calendar]:
    async with open_desk(database_url) as desk:
        yield Calendar(desk)
