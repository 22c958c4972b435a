"""What the clients are tested against: three API processes on one database with the demo plans."""

import json
import logging
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg

from app.dev.demo import load_demo_once
from app.dev.embedded import Servers, embedded_servers
from app.dev.issuer import DevelopmentIssuer
from app.dev.ports import free_port
from app.dev.up import Part
from app.domain.viewer import Role
from app.settings import PREFIX, Settings, load_settings
from app.store.migrate import migrate

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
PATIENCE = 60.0
"""Seconds in which an API process must be ready."""

# waits that the tests must see the end of
HURRIED = {
    f"{PREFIX}CONNECTION_INIT_SECONDS": "1",
    f"{PREFIX}WS_PING_SECONDS": "1",
    f"{PREFIX}OIDC_LEEWAY_SECONDS": "0",
}

PEOPLE = """
select c.citizen_id, c.municipality_code, f.code as fund
from citizen c
join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FULL' and d.visible
left join membership m on m.citizen_id = c.citizen_id and m.valid_to is null
left join organisation f on f.organisation_id = m.fund_id
order by (f.code is null), c.citizen_id
"""


@asynccontextmanager
async def open_stage(manifest: Path) -> AsyncIterator[dict[str, Any]]:
    """Runs the servers and the API; what the clients are to be told of them.

    `url`: the endpoint that knows the manifest's documents and has default settings otherwise;
    `hurried`: one that waits less; `trusted`: one that runs the manifest's documents alone.
    `people`: citizens with a plan, each with the tokens of those who share it. `key`: the file that
    development tokens are signed with.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory("-clients", dir=MEMORY)))
        servers = stack.enter_context(embedded_servers(folder, durable=False))
        settings = load_settings(
            data_dir=folder, database_url=servers.database_url, redis_url=servers.redis_url
        )
        await migrate(servers.database_url)
        await load_demo_once(settings, servers.database_url)
        known = {f"{PREFIX}TRUSTED_DOCUMENTS": str(manifest)}
        kinds = {
            "url": known,
            "hurried": HURRIED,
            "trusted": known | {f"{PREFIX}DOCUMENTS": "trusted"},
        }
        ports = {
            kind: stack.enter_context(_api(settings, servers, more)) for kind, more in kinds.items()
        }
        for port in ports.values():
            _wait_ready(port)
        yield {
            **{kind: f"http://127.0.0.1:{port}/graphql" for kind, port in ports.items()},
            "people": await _people(settings, servers),
            "key": str(folder / "development-issuer-key.json"),
        }


async def _people(settings: Settings, servers: Servers) -> list[dict[str, Any]]:
    """Those who are in a fund first."""
    issuer = DevelopmentIssuer(settings)
    connection = await asyncpg.connect(servers.database_url)
    try:
        rows = await connection.fetch(PEOPLE)
    finally:
        await connection.close()
    return [
        {
            "id": str(row["citizen_id"]),
            "citizen": issuer.issue(Role.CITIZEN, citizen_id=row["citizen_id"]),
            "jobcenter": issuer.issue(Role.JOBCENTER, organisation=row["municipality_code"]),
            "fund": row["fund"] and issuer.issue(Role.FUND, organisation=row["fund"]),
        }
        for row in rows
    ]


@contextmanager
def _api(settings: Settings, servers: Servers, more: dict[str, str]) -> Iterator[int]:
    """An API process that ends with the block, and with this process however that ends."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {
        f"{PREFIX}DATABASE_URL": servers.database_url,
        f"{PREFIX}REDIS_URL": servers.redis_url,
        f"{PREFIX}DATA_DIR": str(settings.data_dir),
        f"{PREFIX}PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
    }
    part = Part("API", ["serve", "--port", str(port)], kept | given | more)
    part.keep_running()
    try:
        yield port
    finally:
        part.stop()
        part.wait()


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2),
        ):
            return
        time.sleep(0.05)
    raise TimeoutError("the API did not start; see the messages above")


def told(stage: dict[str, Any]) -> dict[str, str]:
    """The environment of the clients' tests: no more than these need, and no setting of ours."""
    logging.disable(logging.WARNING)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {"CLIENTS_STAGE": json.dumps(stage)}
