"""What operations asks of an API process: whether it lives, is ready, and how it does."""

import asyncio
from contextlib import suppress

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.store.db import DATABASE_ERRORS, Connection, Pool, in_time
from app.store.migrate import is_migrated
from app.workers.backlog import Backlog

_PATIENCE_SECONDS = 2


class Probes:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, pool: Pool, redis: Redis, backlog: Backlog) -> None:
        self._pool = pool
        self._redis = redis
        self._backlog = backlog

    async def healthz(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(self, _request: Request) -> Response:
        """Whether PostgreSQL answers in the newest shape, and Valkey answers."""
        state = {"postgresql": False, "migrations": False, "valkey": False}

        async def ask(connection: Connection) -> None:
            state["postgresql"] = await connection.fetchval("select true")
            state["migrations"] = await is_migrated(connection)

        with suppress(*DATABASE_ERRORS):
            await in_time(self._pool, _PATIENCE_SECONDS, ask)
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                state["valkey"] = bool(await self._redis.ping())
        return JSONResponse(state, status_code=200 if all(state.values()) else 503)

    async def metrics(self, _request: Request) -> Response:
        """Those of this process, and what the whole database has not delivered yet."""
        await self._backlog.show()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
