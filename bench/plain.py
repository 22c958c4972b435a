"""The usual way: Strawberry types resolved from the tables by DataLoaders, with all its caches on.

Same fields, same tokens, same scope and same access log as the product.
"""

import asyncio
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
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types.unset import UnsetType

from app.dev.issuer import DevelopmentIssuer
from app.identity import Identity
from app.settings import load_settings
from app.store.clock import Clock, clock_of
from app.store.db import SERVER_SETTINGS
from bench.plain_live import Hub, Subscription
from bench.plain_loaders import Pool
from bench.plain_plan import Query
from bench.plain_types import Context

APPLICATION: Final = "bench plain"


class View(GraphQL[Context, None]):
    """Strawberry's view with a context for each request or socket."""

    def __init__(self, identity: Identity, clock: Clock, hub: Hub) -> None:
        schema = strawberry.Schema(
            Query,
            subscription=Subscription,
            extensions=[lambda: ParserCache(), lambda: ValidationCache()],
        )
        super().__init__(schema, graphql_ide=None)
        self.pool: Pool | None = None
        self.hub = hub
        self._identity = identity
        self._clock = clock

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        assert self.pool is not None
        viewer = await self._identity.viewer(request.headers.get("authorization"))
        moment = self._clock()
        return Context(self.pool, viewer, moment.now, moment.today, self.hub)

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        context.viewer = await self._identity.viewer(context.connection_params["authorization"])
        return await super().on_ws_connect(context)


def main(port: int) -> None:
    settings = load_settings()
    assert settings.redis_url
    hub = Hub(settings.redis_url)
    view = View(Identity(settings, DevelopmentIssuer(settings)), clock_of(settings.today), hub)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        view.pool = await asyncpg.create_pool(
            settings.database_url,
            min_size=1,
            max_size=10,
            server_settings={**SERVER_SETTINGS, "application_name": APPLICATION},
        )
        listening = asyncio.create_task(hub.run())
        yield
        listening.cancel()
        await view.pool.close()

    routes = [Route("/graphql", view), WebSocketRoute("/graphql", view)]
    app = Starlette(routes=routes, lifespan=lifespan)
    uvicorn.run(
        app,
        port=port,
        access_log=False,
        log_level="warning",
        ws="websockets-sansio",  # the one that needs least
        ws_per_message_deflate=False,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
