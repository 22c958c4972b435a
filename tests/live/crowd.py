"""Subscribers as clients are: each follows one plan, comes back when it is cut off, and asks for
what it missed by the last version that it has seen."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
import websockets

from app.domain.viewer import Role

UPDATES = (
    "subscription($id: ID!, $after: Int) { planUpdated(citizenId: $id, afterVersion: $after) {"
    " version plan { version agreements { agreementText } } } }"
)
REFUSED = 4403
_FAILED = (OSError, websockets.WebSocketException, TimeoutError)


@dataclass(eq=False)
class Subscriber:
    """citizen: whose plan; version: the newest seen.

    token: makes a new one; addresses: of processes that are up at the moment.
    """

    citizen: str
    role: Role
    token: Callable[[], str]
    addresses: Callable[[], list[str]]
    version: int = 0
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    ended: str | None = None
    wrong: list[str] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)

    async def run(self) -> None:
        """Follows the plan until its right ends, or until cancelled."""
        turns = itertools.count(id(self) // 64)
        while self.ended is None:
            addresses = self.addresses()
            if addresses:
                try:
                    await self._follow(addresses[next(turns) % len(addresses)])
                except _FAILED as error:
                    closed = getattr(error, "rcvd", None)
                    self.closes.append(closed.code if closed else 1006)
            self.listening.clear()
            await asyncio.sleep(0.05)

    async def _follow(self, address: str) -> None:
        async with websockets.connect(
            address.replace("http", "ws") + "/graphql",
            subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
            compression=None,
            open_timeout=20,
            ping_interval=None,
        ) as socket:
            await socket.send(_text("connection_init", authorization=f"Bearer {self.token()}"))
            variables = {"id": self.citizen, "after": self.version}
            async for message in socket:
                answer = orjson.loads(message)
                if answer["type"] == "connection_ack":
                    await socket.send(_text("subscribe", query=UPDATES, variables=variables))
                    self.listening.set()
                elif answer["type"] == "next":
                    self._see(answer["payload"])
                elif answer["type"] == "ping":
                    await socket.send('{"type":"pong"}')
                elif answer["type"] == "error":
                    self.ended = answer["payload"][0]["extensions"]["code"]
                    return

    def _see(self, payload: dict[str, object]) -> None:
        if payload.get("errors"):
            self.wrong.append(str(payload["errors"]))
            return
        update = payload["data"]["planUpdated"]  # type: ignore[index]
        version = update["version"]
        if version <= self.version:
            self.wrong.append(f"version {version} after {self.version}")
        if update["plan"]["version"] != version:
            self.wrong.append("a plan of another version")
        for agreement in update["plan"]["agreements"]:
            if self.citizen not in agreement["agreementText"]:
                self.wrong.append("a plan of somebody else")
        self.version = version


def _text(kind: str, **payload: object) -> str:
    message: dict[str, object] = {"type": kind, "payload": payload}
    if kind == "subscribe":
        message["id"] = "1"
    return orjson.dumps(message).decode()
