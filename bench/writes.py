"""`registerConversation` to its commit, and how soon a citizen who looks on sees it."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any, Final
from uuid import UUID

import orjson
from websockets.asyncio.client import ClientConnection, connect as open_socket
from websockets.typing import Subprotocol

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from bench.client import HOST, BadAnswer, Request, connect
from bench.operations import Sample, request
from bench.servers import Server

MUTATIONS: Final = 1000
EVENTS: Final = 200
_SUBSCRIBERS: Final = 20
_CONNECTIONS: Final = 2

REGISTER: Final = """
mutation Register($input: RegisterConversationInput!) {
  registerConversation(input: $input) {
    __typename
    ... on RegisterConversationPayload { version }
  }
}
"""

UPDATED: Final = """
subscription Updated($id: ID!) {
  planUpdated(citizenId: $id, afterVersion: 0) {
    version
    plan { latestAgreement(authority: JOBCENTER) { agreementText } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Writes:
    """`registerConversation`: CPU and latency in milliseconds per mutation."""

    mutations: int
    cpu_server: float
    cpu_database: float
    cpu: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Live:
    """From sending a mutation to its event at the subscriber, in milliseconds."""

    events: int
    p50: float
    p99: float


def _registration(issuer: DevelopmentIssuer, citizen: UUID, municipality: str) -> Request:
    token = issuer.issue(Role.JOBCENTER, organisation=municipality, minutes=600)
    given = {
        "citizenId": str(citizen),
        "authority": "JOBCENTER",
        "heldAt": datetime.now(UTC).isoformat(),
        "mode": "PHONE",
        "agreementText": "Du ringer til to virksomheder, inden vi taler sammen igen.",
    }
    return request(REGISTER, token, input=given)


async def measure_writes(server: Server, sample: Sample, issuer: DevelopmentIssuer) -> Writes:
    """Conversations with random citizens, on a few connections at once."""
    requests = [_registration(issuer, *citizen) for citizen in sample.citizens]
    await _register(server, requests[:50])
    wanted = [requests[i % len(requests)] for i in range(MUTATIONS)]
    before = await server.cpu()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_register(server, wanted[i::_CONNECTIONS]))
            for i in range(_CONNECTIONS)
        ]
    of_server, of_database = (await server.cpu()).since(before)
    latencies = [one for task in tasks for one in task.result()]
    centiles = quantiles(latencies, n=100)
    cpu_server, cpu_database = of_server * 1000 / MUTATIONS, of_database * 1000 / MUTATIONS
    return Writes(
        MUTATIONS,
        cpu_server,
        cpu_database,
        cpu_server + cpu_database,
        centiles[49] * 1000,
        centiles[98] * 1000,
    )


async def _register(server: Server, requests: Sequence[Request]) -> list[float]:
    """Latencies in seconds; raises `BadAnswer` when something was not stored."""
    latencies = []
    async with connect(server.port) as client:
        for one in requests:
            sent = time.perf_counter()
            answer = await client.ask(one)
            latencies.append(time.perf_counter() - sent)
            payload = (answer.get("data") or {}).get("registerConversation") or {}
            if payload.get("__typename") != "RegisterConversationPayload":
                raise BadAnswer(f"registerConversation: {payload.get('__typename', 'an error')}")
    return latencies


async def measure_live(server: Server, sample: Sample, issuer: DevelopmentIssuer) -> Live:
    """Citizens look on over WebSocket while a caseworker registers conversations, one at a time."""
    watched = sample.citizens[:_SUBSCRIBERS]
    async with AsyncExitStack() as stack:
        sockets = [await _subscribed(stack, server, issuer, citizen) for citizen, _ in watched]
        client = await stack.enter_async_context(connect(server.port))
        waits = []
        for i in range(EVENTS):
            place = i % len(watched)
            registration = _registration(issuer, *watched[place])
            sent = time.perf_counter()
            _, event = await asyncio.gather(client.ask(registration), _event(sockets[place]))
            waits.append(event - sent)
    return Live(EVENTS, median(waits) * 1000, quantiles(waits, n=100)[98] * 1000)


async def _subscribed(
    stack: AsyncExitStack, server: Server, issuer: DevelopmentIssuer, citizen: UUID
) -> ClientConnection:
    """A socket that has shown the plan as it is: from here on it waits for news."""
    opened = open_socket(
        f"ws://{HOST}:{server.port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
    )
    ws = await stack.enter_async_context(opened)
    token = issuer.issue(Role.CITIZEN, citizen_id=citizen, minutes=600)
    await _send(ws, type="connection_init", payload={"authorization": f"Bearer {token}"})
    await _receive(ws, "connection_ack")
    payload = {"query": UPDATED, "variables": {"id": str(citizen)}}
    await _send(ws, type="subscribe", id="1", payload=payload)
    await _receive(ws, "next")
    return ws


async def _event(ws: ClientConnection) -> float:
    await _receive(ws, "next")
    return time.perf_counter()


async def _send(ws: ClientConnection, **message: Any) -> None:
    await ws.send(orjson.dumps(message).decode())


async def _receive(ws: ClientConnection, kind: str) -> None:
    """Waits for a message of this kind; raises `BadAnswer` for another one or for errors in it."""
    async with asyncio.timeout(10):
        while (message := orjson.loads(await ws.recv()))["type"] == "ping":
            await _send(ws, type="pong")
    if message["type"] != kind or (message.get("payload") or {}).get("errors"):
        raise BadAnswer(f"{message['type']} instead of {kind}")
