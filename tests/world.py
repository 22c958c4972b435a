"""A running API over real sockets, seen as its users see it: roles, GraphQL, answers."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import uvicorn.server

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from app.main import Api
from app.settings import Settings
from app.store.documents import Moment
from app.store.work import COPENHAGEN
from app.wire.server import server_for

TODAY = date(2026, 3, 2)

JOBCENTER = "101"
OTHER_JOBCENTER = "751"
FUND = "18194686"
OTHER_FUND = "20815116"


class World:
    """One API process's worth of product, inside the test's event loop."""

    def __init__(
        self, settings: Settings, api: Api, base_url: str, client: httpx.AsyncClient
    ) -> None:
        self.settings = settings
        self.api = api
        self.base_url = base_url
        self.client = client
        assert api.issuer is not None
        self.issuer: DevelopmentIssuer = api.issuer
        self.day = [settings.today or TODAY]

    def at(self, day: date) -> None:
        """Moves the application's clock to a day."""
        self.day[0] = day

    def token(
        self,
        role: Role,
        *,
        citizen: str | UUID | None = None,
        organisation: str | None = None,
        name: str | None = None,
        minutes: int = 60,
    ) -> str:
        defaults = {
            Role.JOBCENTER: JOBCENTER,
            Role.FUND: FUND,
            Role.INSTITUTION: "INST-STJERNEURT",
            Role.SYSTEM: "BOOKING",
        }
        return self.issuer.issue(
            role,
            citizen_id=UUID(str(citizen)) if citizen else None,
            organisation=organisation or defaults.get(role),
            name=name,
            minutes=minutes,
        )

    async def post(self, token: str | None, query: str, **variables: Any) -> dict[str, Any]:
        """One operation; the whole answer. The HTTP status must be one a client can live with."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await self.client.post(
            f"{self.base_url}/graphql",
            json={"query": query, "variables": variables},
            headers=headers,
        )
        assert response.status_code < 500, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def ask(self, token: str | None, query: str, **variables: Any) -> Any:
        """The data of an operation that must not fail."""
        answer = await self.post(token, query, **variables)
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]


_STARTED = time.monotonic()

# httpx looks for it all over the disk six times for each request, and it is not there
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


def _sleep_less(seconds: float) -> Awaitable[None]:
    return asyncio.sleep(seconds / 10)


# uvicorn looks ten times a second whether it is to end and whether its connections have
vars(uvicorn.server)["asyncio"] = SimpleNamespace(**{**vars(asyncio), "sleep": _sleep_less})


def noon(day: date) -> Moment:
    """Noon of a day and the seconds since the run began: inside the window for SMS and e-mail."""
    wall = datetime.combine(day, datetime.min.time(), COPENHAGEN) + timedelta(hours=12)
    return Moment((wall + timedelta(seconds=time.monotonic() - _STARTED)).astimezone(UTC), day)


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncIterator[World]:
    """Serves the API on a free port of the loopback until the block ends."""
    day = [settings.today or TODAY]
    api = Api(settings, clock=lambda: noon(day[0]))
    # as uvicorn's own: only of a socket that is said to be TCP does asyncio send at once what is
    # written; else the second half of each answer waits 40 ms for the first to be acknowledged
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = server_for(api.app(), settings, lifespan="on", log_config=None)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.005)
        # plain http: to read the certificates of the world takes longer than a test
        async with httpx.AsyncClient(timeout=20, verify=False) as client:  # noqa: S501
            world = World(settings, api, f"http://127.0.0.1:{port}", client)
            world.day = day
            yield world
    finally:
        server.should_exit = True
        await serving
        listener.close()
