"""uvicorn as the API needs it: bounded connections, and an end that comes soon.

Everything that serves the API, also the tests, takes its server from here.
"""

import asyncio
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from app.settings import Settings
from app.wire.http_protocol import HttpProtocol
from app.wire.socket_protocol import SocketProtocol


class Server(uvicorn.Server):
    """uvicorn, but who is not answered in time is not told a failure that was none."""

    async def _wait_tasks_to_complete(self) -> None:
        try:
            await super()._wait_tasks_to_complete()
        except asyncio.CancelledError:  # now uvicorn cancels all tasks, and would answer 500
            for connection in list(self.server_state.connections):
                if isinstance(connection, HttpProtocol):
                    connection.cut_off()
            raise


def server_for(app: ASGIApp, settings: Settings, **config: Any) -> uvicorn.Server:
    """A server of the API; config: what else uvicorn is to know."""
    slow = {"slow_seconds": settings.slow_client_seconds}
    patience = {"head_seconds": settings.body_seconds, **slow}
    return Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            http=type("HttpProtocol", (HttpProtocol,), patience),
            ws=type("SocketProtocol", (SocketProtocol,), slow),
            ws_per_message_deflate=False,
            # the protocol has pings of its own (`app.wire.rounds`)
            ws_ping_interval=None,
            # what is larger than a message may be is told so, what is larger by far is cut off
            ws_max_size=2 * settings.max_body_bytes,
            # for mutations: live views, whose clients come back to another process, end at once
            timeout_graceful_shutdown=settings.shutdown_seconds,
            **config,
        )
    )
