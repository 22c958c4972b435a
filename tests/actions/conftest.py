"""The desk of the tests of actions."""

from collections.abc import AsyncIterator

import pytest

from tests.actions.desk import Desk, open_desk


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A desk on a database for one test alone."""
    async with open_desk(database_url) as opened:
        yield opened
