"""What the gateway tells afterwards of the messages it took: signed, and repeated until heard."""

import asyncio
import base64
import hmac
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette

from app.callbacks import PATH, SIGNATURE_HEADER
from app.main import Api

from .gateway import Gateway
from .oracle import Now

CODES: Final = {"UNDELIVERABLE": "0x0301", "EXPIRED": "0x0302", "REJECTED": "0x0303"}
"""The gateway's own reasons, for what did not arrive."""
_PATIENCE: Final = 20.0  # seconds


@dataclass(eq=False)
class Callbacks:
    """The gateway's reporting side.

    sent: tokens that were heard, for replays. arrived: references that were told to be delivered.
    """

    client: httpx.AsyncClient
    url: str
    secret: bytes
    gateway: Gateway
    now: Now
    sent: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    arrived: set[str] = field(default_factory=set)

    async def tell(self, reference: str, status: str) -> None:
        """One report; what is not heard is repeated later."""
        if status == "DELIVERED":
            self.arrived.add(reference)
        await self._send(self.token(self.payload(reference, status)))

    async def repeat(self) -> bool:
        """What was not heard yet, once more; whether all of it is heard now."""
        unheard, self.waiting = self.waiting, []
        for token in unheard:
            await self._send(token)
        return not self.waiting

    async def _send(self, token: str) -> None:
        heard = await self.post(token) in (200, 204)
        (self.sent if heard else self.waiting).append(token)

    async def post(self, token: str, body: Mapping[str, Any] | None = None) -> int:
        """The status of the answer, 0 without one."""
        try:
            answer = await self.client.post(
                self.url, headers={SIGNATURE_HEADER: token}, json=body or {}
            )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    def payload(self, reference: str, status: str) -> dict[str, Any]:
        [*_, number] = self.gateway.ids.get(reference) or [1]
        code = {"code": CODES[status]} if status in CODES else {}
        return {
            "id": number,
            "msisdn": self.gateway.numbers.get(reference, 4520000000),
            "time": int(self.now().timestamp()),
            "status": status,
            "userref": reference,
            "country_code": "DK",
            "country_prefix": 45,
            **code,
        }

    def token(self, payload: Mapping[str, Any], secret: bytes = b"", alg: str = "HS256") -> str:
        """A JWT, signed with the shared secret or another one."""
        signed = f"{_part({'alg': alg, 'typ': 'JWT'})}.{_part(payload)}"
        digest = hmac.digest(secret or self.secret, signed.encode(), "sha256")
        return f"{signed}.{_encoded(digest) if alg != 'none' else ''}"


@asynccontextmanager
async def running_api(api: Api) -> AsyncIterator[str]:
    """The product's API on a free port of the loopback; its address."""
    app = Starlette(routes=api.routes(), lifespan=api.open)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(_PATIENCE):
            while not server.started:
                if serving.done():
                    serving.result()
                await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _part(value: object) -> str:
    return _encoded(orjson.dumps(value))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
