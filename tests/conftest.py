"""One start of the embedded servers for the whole run; a database of its own for each test.

The controller starts PostgreSQL and Valkey and migrates a template once; the parallel workers
copy it, which takes some 50 ms.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest

from app.dev.demo import load_demo_once
from app.dev.embedded import Servers, embedded_servers
from app.settings import Settings, load_settings
from app.store.migrate import migrate
from tests.world import World, open_world

# a test asks in a second what a caseworker asks in a day; stories of budgets set their own
WIDE = {
    "subject_requests_per_second": 100_000,
    "subject_cost_per_second": 100_000_000,
    "organisation_requests_per_second": 100_000,
    "organisation_cost_per_second": 100_000_000,
    "address_requests_per_second": 100_000,
    "address_cost_per_second": 100_000_000,
}

# the same code gets the same examples each time; `make fuzz` looks for new ones. None has a
# deadline: how long an example takes, a busy computer decides
PROFILE = hypothesis.settings.get_profile("default")
hypothesis.settings.register_profile("same", PROFILE, derandomize=True, deadline=None)
hypothesis.settings.register_profile("new", PROFILE, deadline=None)
hypothesis.settings.load_profile("same")

# databases are copied for each test: in memory that takes a third of the time
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

SERVERS = pytest.StashKey[Servers]()
STACK = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        given = config.workerinput
        config.stash[SERVERS] = Servers(given["database_url"], given["redis_url"])
    elif not config.option.collectonly:
        stack = config.stash[STACK] = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="minplan-", dir=MEMORY))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        config.stash[SERVERS] = stack.enter_context(embedded_servers(folder, durable=False))
        asyncio.run(_templates(config.stash[SERVERS]))


def pytest_unconfigure(config: pytest.Config) -> None:
    if STACK in config.stash:
        config.stash[STACK].close()


class Controller:
    """Tells each parallel worker where the servers are."""

    def pytest_configure_node(self, node: Any) -> None:
        servers = node.config.stash[SERVERS]
        node.workerinput["database_url"] = servers.database_url
        # keys of its own: some are about all logins, or all budgets, that Valkey knows of
        node.workerinput["redis_url"] = f"{servers.redis_url}?db={1 + int(node.gateway.id[2:])}"


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.pluginmanager.hasplugin("dsession"):
        session.config.pluginmanager.register(Controller())


async def _templates(servers: Servers) -> None:
    """`empty`: migrated, with code lists; `demo`: with the demo plans at their own dates too."""
    admin = await asyncpg.connect(servers.database_url)
    try:
        await admin.execute("create database empty")
        await migrate(servers.database_url_for("empty"))
        await admin.execute("create database demo template empty")
        with tempfile.TemporaryDirectory() as folder:
            settings = load_settings(data_dir=Path(folder))
            await load_demo_once(settings, servers.database_url_for("demo"), shift_to=None)
        for name in ("empty", "demo"):
            await admin.execute(f"alter database {name} is_template true")
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    return pytestconfig.stash[SERVERS]


async def _copy(servers: Servers, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(servers.database_url)
    try:
        await admin.execute(f"create database {name} template {template} strategy file_copy")
        yield servers.database_url_for(name)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


@pytest.fixture
async def database_url(servers: Servers) -> AsyncIterator[str]:
    """A migrated database without citizens, for one test alone."""
    async for url in _copy(servers, "empty"):
        yield url


@pytest.fixture
async def demo_database_url(servers: Servers) -> AsyncIterator[str]:
    """A database with the demo plans at their own dates, for one test alone."""
    async for url in _copy(servers, "demo"):
        yield url


@pytest.fixture(scope="session")
def base_settings() -> Settings:
    """Settings as they are read once: to read them takes longer than to copy a database."""
    return load_settings(**WIDE)


@pytest.fixture
def settings(
    base_settings: Settings, tmp_path: Path, servers: Servers, database_url: str
) -> Settings:
    """Settings of a development process on the test's own database."""
    return _own(base_settings, tmp_path, servers, database_url)


def _own(base_settings: Settings, folder: Path, servers: Servers, database_url: str) -> Settings:
    own = {"data_dir": folder, "database_url": database_url, "redis_url": servers.redis_url}
    return base_settings.model_copy(update=own)


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    """A running API on an empty database; `today` is 2026-03-02."""
    async with open_world(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_settings(
    base_settings: Settings, tmp_path_factory: pytest.TempPathFactory, servers: Servers
) -> AsyncIterator[Settings]:
    """Settings of a process on one database for all tests of a file."""
    async for url in _copy(servers, "empty"):
        yield _own(base_settings, tmp_path_factory.mktemp("shared"), servers, url)


@pytest.fixture(scope="module")
async def shared_world(shared_settings: Settings) -> AsyncIterator[World]:
    """One running API for all tests of a file that store nothing, or only citizens of their own."""
    async with open_world(shared_settings) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_demo(
    base_settings: Settings, tmp_path_factory: pytest.TempPathFactory, servers: Servers
) -> AsyncIterator[World]:
    """`demo` for all tests of a file that only look; each moves the clock itself, at first."""
    async for url in _copy(servers, "demo"):
        own = _own(base_settings, tmp_path_factory.mktemp("demo"), servers, url)
        async with open_world(own) as opened:
            yield opened


@pytest.fixture
async def demo(
    base_settings: Settings, tmp_path: Path, servers: Servers, demo_database_url: str
) -> AsyncIterator[World]:
    """A running API on the demo plans; move its clock with `demo.at(day)`."""
    async with open_world(_own(base_settings, tmp_path, servers, demo_database_url)) as opened:
        yield opened
