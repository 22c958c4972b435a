"""The usual way: Strawberry types resolved from the tables by DataLoaders, with all its caches on.

Same fields, same tokens, same scope and same access log as the product.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from app.dev.issuer import DevelopmentIssuer
from app.identity import Identity
from app.settings import load_settings
from app.store.clock import Clock, clock_of
from app.store.db import SERVER_SETTINGS
from bench.plain_loaders import Pool
from bench.plain_plan import Query
from bench.plain_types import Context

APPLICATION: Final = "bench plain"


class View(GraphQL[Context, None]):
    """Strawberry's view with a context for each request."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        schema = strawberry.Schema(
            Query, extensions=[lambda: ParserCache(), lambda: ValidationCache()]
        )
        super().__init__(schema, graphql_ide=None)
        self.pool: Pool | None = None
        self._identity = identity
        self._clock = clock

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        assert self.pool is not None
        viewer = await self._identity.viewer(request.headers.get("authorization"))
        moment = self._clock()
        return Context(self.pool, viewer, moment.now, moment.today)


def main(port: int) -> None:
    settings = load_settings()
    view = View(Identity(settings, DevelopmentIssuer(settings)), clock_of(settings.today))

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        view.pool = await asyncpg.create_pool(
            settings.database_url,
            min_size=1,
            max_size=10,
            server_settings={**SERVER_SETTINGS, "application_name": APPLICATION},
        )
        yield
        await view.pool.close()

    app = Starlette(routes=[Route("/graphql", view)], lifespan=lifespan)
    uvicorn.run(app, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
