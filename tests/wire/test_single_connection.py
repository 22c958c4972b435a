"""graphql-sse, one connection for many operations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from app.domain.viewer import Role
from app.schema.answer import Answer
from app.schema.request import OperationRequest
from app.settings import Settings
from app.wire.exchange import Exchange
from tests.schema.live_client import begun
from tests.story import hold_conversation, new_citizen
from tests.wire.raw import request
from tests.wire.sockets import ROLE, UPDATES, token_for
from tests.wire.streams import Seen, Stream, streamed
from tests.world import OTHER_JOBCENTER, World, open_world

HEADER = "x-graphql-event-stream-token"


class Client:
    """Who reserves a stream and says what is to come through it."""

    def __init__(self, world: World, login: str) -> None:
        self.world = world
        self.login = login
        self.stream_token = ""

    async def request(self, method: str, **options: Any) -> httpx.Response:
        headers = {HEADER: self.stream_token} if self.stream_token else {}
        if self.login:
            headers["authorization"] = f"Bearer {self.login}"
        address = f"{self.world.base_url}/graphql"
        return await self.world.client.request(method, address, headers=headers, **options)

    async def reserve(self) -> httpx.Response:
        response = await self.request("PUT")
        if response.status_code == 201:
            self.stream_token = response.text
        return response

    async def start(self, name: str, query: str, **variables: Any) -> httpx.Response:
        extensions = {"operationId": name}
        body = {"query": query, "variables": variables, "extensions": extensions}
        return await self.request("POST", json=body)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stream]:
        headers = {HEADER: self.stream_token}
        async with streamed(self.world, self.login, "GET", headers=headers) as stream:
            yield stream


async def reserved(world: World, login: str) -> Client:
    client = Client(world, login)
    response = await client.reserve()
    assert response.status_code == 201 and response.headers["content-type"].startswith("text/plain")
    return client


async def test_the_answers_of_all_operations_come_through_one_stream(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    client = await reserved(world, world.token(Role.JOBCENTER))
    async with client.open() as stream:
        started = await client.start("live", UPDATES, id=citizen, after=0)
        assert (started.status_code, started.content) == (202, b"")
        first = await stream.next()
        assert first and first.data["id"] == "live"
        assert first.data["payload"]["data"]["planUpdated"]["version"] == 1
        assert (await client.start("role", ROLE)).status_code == 202
        answer = {"data": {"viewer": {"role": "JOBCENTER"}}}
        assert await stream.next() == Seen("next", {"id": "role", "payload": answer})
        assert await stream.next() == Seen("complete", {"id": "role"})
        await hold_conversation(world, citizen, "Den anden.")
        second = await stream.next()
        assert second and second.data["payload"]["data"]["planUpdated"]["version"] == 2


async def test_an_operation_may_be_started_before_the_stream_is_open(world: World) -> None:
    client = await reserved(world, world.token(Role.JOBCENTER))
    assert (await client.start("a", ROLE)).status_code == 202
    async with client.open() as stream:
        answer, end = await stream.next(), await stream.next()
    assert answer and answer.data["id"] == "a" and end == Seen("complete", {"id": "a"})


async def test_a_stopped_operation_is_silent_and_its_id_free(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første.")
    client = await reserved(world, world.token(Role.JOBCENTER))
    async with client.open() as stream:
        await client.start("live", UPDATES, id=citizen, after=1)
        assert (await client.start("live", ROLE)).status_code == 409
        stopped = await client.request("DELETE", params={"operationId": "live"})
        assert stopped.status_code == 200
        await hold_conversation(world, citizen, "Den anden.")
        assert (await client.start("live", ROLE)).status_code == 202
        answer = await stream.next()
    assert answer and answer.data["payload"] == {"data": {"viewer": {"role": "JOBCENTER"}}}


async def test_a_browsers_event_source_shows_the_token_alone(world: World) -> None:
    client = await reserved(world, world.token(Role.JOBCENTER))
    await client.start("a", ROLE)
    async with streamed(world, None, "GET", f"?token={client.stream_token}") as stream:
        answer = await stream.next()
    assert answer and answer.data["payload"] == {"data": {"viewer": {"role": "JOBCENTER"}}}


async def test_a_stream_is_opened_once(world: World) -> None:
    client = await reserved(world, world.token(Role.JOBCENTER))
    async with client.open() as stream:
        await stream.beat()
        async with client.open() as second:
            assert second.response.status_code == 409
    await forgotten(world)
    async with client.open() as late:
        assert late.response.status_code == 404


@pytest.mark.parametrize(
    "other",
    [
        lambda world: world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER),
        lambda world: world.token(Role.FUND),
        lambda world: "",
    ],
)
async def test_a_stream_belongs_to_who_reserved_it(world: World, other: Any) -> None:
    owner = await reserved(world, world.token(Role.JOBCENTER))
    thief = Client(world, other(world))
    thief.stream_token = owner.stream_token
    assert (await thief.start("a", ROLE)).status_code == 404
    deleted = await thief.request("DELETE", params={"operationId": "a"})
    assert deleted.status_code == 404
    if thief.login:
        async with thief.open() as stream:
            assert stream.response.status_code == 404


async def test_a_token_that_stands_for_nothing_is_not_found(world: World) -> None:
    client = Client(world, world.token(Role.JOBCENTER))
    client.stream_token = "x" * 43
    assert (await client.start("a", ROLE)).status_code == 404
    async with client.open() as stream:
        assert stream.response.status_code == 404


async def test_who_has_no_login_reserves_nothing(world: World) -> None:
    assert (await Client(world, "").reserve()).status_code == 401


async def test_what_is_wrong_with_a_request_is_answered_to_it(world: World) -> None:
    client = await reserved(world, world.token(Role.JOBCENTER))
    invalid = await client.start("a", "{ nothing }")
    assert invalid.status_code == 400 and invalid.json()["errors"]
    nameless = await client.request("POST", json={"query": ROLE})
    assert nameless.status_code == 400
    assert (await client.request("DELETE")).status_code == 400
    assert (await client.start("a", ROLE)).status_code == 202


async def test_a_stream_that_nobody_opens_is_given_up(settings: Settings) -> None:
    hasty = settings.model_copy(update={"stream_reservation_seconds": 0.05})
    async with open_world(hasty) as world:
        client = await reserved(world, world.token(Role.JOBCENTER))
        await forgotten(world)
        assert (await client.start("a", ROLE)).status_code == 404


@pytest.mark.parametrize(
    "bound", [{"stream_reservations": 2}, {"stream_reservations_per_subject": 2}]
)
async def test_streams_are_bounded(settings: Settings, bound: dict[str, int]) -> None:
    async with open_world(settings.model_copy(update=bound)) as world:
        login = world.token(Role.JOBCENTER)
        first = await reserved(world, login)
        await reserved(world, login)
        assert (await Client(world, login).reserve()).status_code == 429
        async with first.open() as stream:
            await stream.beat()
        async with asyncio.timeout(10):
            while (await Client(world, login).reserve()).status_code != 201:
                await asyncio.sleep(0.005)


async def test_the_stream_ends_when_its_token_runs_out(world: World) -> None:
    citizen = await new_citizen(world)
    client = await reserved(world, token_for(world, citizen, seconds=2))
    await client.start("live", UPDATES, id=citizen, after=1)
    async with client.open() as stream:
        told, end = await stream.rest()
    assert told.data["id"] == "live" and end == Seen("complete", {"id": "live"})
    assert told.data["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await forgotten(world)


async def test_an_operation_whose_stream_ends_before_it_starts_is_refused(world: World) -> None:
    citizen = await new_citizen(world)
    client = await reserved(world, world.token(Role.JOBCENTER))
    body = orjson.dumps(
        {
            "query": UPDATES,
            "variables": {"id": citizen, "after": 0},
            "extensions": {"operationId": "live"},
        }
    )
    head = request(
        b"authorization: Bearer " + client.login.encode(),
        f"{HEADER}: {client.stream_token}".encode(),
        b"content-length: %d" % len(body),
        b"expect: 100-continue",
        body=b"",
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(world.base_url).port)
    try:
        async with asyncio.timeout(10):
            async with client.open() as stream:
                await stream.beat()
                writer.write(head)
                # said when the body is waited for: the stream has been found by then
                assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
            await forgotten(world)
            writer.write(body)
            assert await reader.readline() == b"\r\n"
            assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")
    finally:
        writer.transport.abort()
    assert world.api.live is not None and not world.api.live.citizens()


async def test_nothing_begins_on_a_stream_that_has_ended(world: World) -> None:
    citizen = await new_citizen(world)
    client = await reserved(world, world.token(Role.JOBCENTER))
    assert world.api.graphql is not None and world.api.live is not None
    stream = world.api.graphql.shared.find(client.stream_token, None)
    live = await begun(world, stream.caller.viewer, UPDATES, id=citizen, after=0)
    assert not isinstance(live, Answer)
    stream.end()
    stream.begin("late", OperationRequest(UPDATES, variables={"id": citizen, "after": 0}))
    assert not stream.exchanges
    Exchange(stream, "under way").follow(live)
    assert not world.api.live.citizens()


async def forgotten(world: World) -> None:
    """Returns when no stream is reserved or open."""
    assert world.api.graphql is not None
    async with asyncio.timeout(10):
        while len(world.api.graphql.shared):
            await asyncio.sleep(0.005)
