"""The limit of reading tables: one statement builds the answer, and its bytes are passed through.

No GraphQL, no token, no access log: what nothing that reads these tables can do better.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from app.settings import load_settings
from app.store.clock import Clock, clock_of
from app.store.db import SERVER_SETTINGS
from bench.limit_sql import STATEMENTS

APPLICATION: Final = "bench limit"
CONNECTIONS: Final = 4

Statement: TypeAlias = "asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record]"
Arguments = Callable[[dict[str, Any], date], tuple[object, ...]]

_ARGUMENTS: Final[dict[str, Arguments]] = {
    "Overview": lambda given, today: (UUID(given["id"]), today),
    "Caseload": lambda given, today: (given["municipality"], given["first"], today),
    "Tiny": lambda given, _: (UUID(given["id"]),),
}


class Limit:
    """An ASGI app on held connections with prepared statements, the last used first."""

    def __init__(self, database_url: str, clock: Clock) -> None:
        self._database_url = database_url
        self._clock = clock
        self._free: list[dict[str, Statement]] = []
        self._room = asyncio.Semaphore(CONNECTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self._answer(body) if body else b"{}"
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, body: bytes) -> bytes:
        asked = orjson.loads(body)
        name = asked["operationName"]
        arguments = _ARGUMENTS[name](asked["variables"], self._clock().today)
        async with self._room:
            statements = self._free.pop()
            try:
                text: str = await statements[name].fetchval(*arguments)
            finally:
                self._free.append(statements)
        return text.encode()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        settings = {**SERVER_SETTINGS, "application_name": APPLICATION}
        held = [
            await asyncpg.connect(self._database_url, server_settings=settings)
            for _ in range(CONNECTIONS)
        ]
        for one in held:
            self._free.append({n: await one.prepare(text) for n, text in STATEMENTS.items()})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for one in held:
            await one.close()
        await send({"type": "lifespan.shutdown.complete"})


def main(port: int) -> None:
    settings = load_settings()
    assert settings.database_url
    app = Limit(settings.database_url, clock_of(settings.today))
    uvicorn.run(app, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
