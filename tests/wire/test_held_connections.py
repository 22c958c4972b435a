"""HTTP connections that would be held, or grow, though nothing is answered on them."""

import asyncio
import gc

import orjson
import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.domain.viewer import Role
from app.settings import Settings
from tests.story import new_citizen
from tests.wire.raw import HANDSHAKE, QUERY, asked, dialled, lines_of, request, said, until, whole
from tests.wire.sockets import ROLE, UPDATES
from tests.world import World, open_world

CHUNKED = b"transfer-encoding: chunked"
UNTAKEN = [b"content-type: text/plain"]


def chunked(body: bytes, *headers: bytes) -> bytes:
    """A request in one chunk, up to where its trailers begin."""
    return request(CHUNKED, *headers, body=b"%x\r\n%b\r\n0\r\n" % (len(body), body))


async def test_what_follows_a_body_is_not_taken_for_a_header(world: World) -> None:
    asking = chunked(orjson.dumps({"query": ROLE}))
    bearer = b"authorization: Bearer " + world.token(Role.JOBCENTER).encode()
    heard = [
        await said(world, asking + trailer + b"\r\n", answers=1)
        for trailer in (b"", bearer + b"\r\n")
    ]
    assert [one.statuses for one in heard] == [[200], [200]]
    assert all(b"JOBCENTER" not in one.content for one in heard)


@pytest.mark.parametrize("start", [b"x: ", b"", b"x"])
@pytest.mark.parametrize("headers", [[], UNTAKEN])
async def test_trailers_without_an_end_are_cut_off(
    world: World, headers: list[bytes], start: bytes
) -> None:
    endless = [b"y" * 50_000 if start else b"a: b\r\n" * 8_000] * 400
    heard = await said(world, chunked(QUERY, *headers) + start, *endless)
    assert heard.is_closed and len(heard.content) < 2_000


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (request(b"content-length: 100000", *UNTAKEN, body=b""), b"x"),
        (request(CHUNKED, *UNTAKEN, body=b""), b"5\r\nx"),
        (whole(), b"\r\n"),
    ],
)
async def test_a_connection_on_which_nothing_is_answered_is_not_held(
    settings: Settings, first: bytes, then: bytes
) -> None:
    hasty = settings.model_copy(update={"body_seconds": 0.3})
    async with open_world(hasty) as world, dialled(world) as (reader, writer):
        writer.write(first)
        await reader.readuntil(b"HTTP/1.1 ")
        writer.write(then)
        async with asyncio.timeout(10):
            assert b"HTTP/1.1" not in await reader.read()


async def test_a_large_body_and_the_start_of_the_next_request_may_come_together(
    world: World,
) -> None:
    large = whole(orjson.dumps({"query": "{ targetGroups { code } }", "pad": "x" * 100_000}))
    rest = whole()
    heard = await said(world, large + rest[:16], rest[16:], answers=2)
    assert heard.statuses == [200, 200]


async def test_a_request_that_waits_behind_an_answer_does_not_cut_it_off(
    settings: Settings,
) -> None:
    update = {"body_seconds": 0.05, "sse_heartbeat_seconds": 0.1}
    async with open_world(settings.model_copy(update=update)) as world:
        citizen = await new_citizen(world)
        token = world.token(Role.JOBCENTER)
        stream = asked(token, UPDATES, b"accept: text/event-stream", id=citizen)
        for behind in (b"POST /gra", asked(token, ROLE) + b"POST /gra"):
            async with dialled(world) as (reader, writer):
                writer.write(stream + behind)
                async with asyncio.timeout(10):
                    for _ in range(4):
                        await reader.readuntil(b":\n\n")


async def test_of_requests_in_a_row_a_few_wait_and_the_rest_is_not_read(
    settings: Settings,
) -> None:
    beating = settings.model_copy(update={"sse_heartbeat_seconds": 0.1})
    async with open_world(beating) as world:
        citizen = await new_citizen(world)
        token = world.token(Role.JOBCENTER)
        stream = asked(token, UPDATES, b"accept: text/event-stream", id=citizen)
        async with dialled(world) as (reader, writer):
            writer.write(stream + b"GET /x HTTP/1.1\r\n\r\n" * 100_000)
            for _ in range(3):
                await reader.readuntil(b":\n\n")
            assert sum(type(one) is RequestResponseCycle for one in gc.get_objects()) < 300
        assert world.api.graphql is not None
        rounds = world.api.graphql.streams.rounds
        await until(lambda: len(rounds) == 0)  # that the client is gone is noticed


async def test_many_requests_in_a_row_are_answered_and_never_many_wait(world: World) -> None:
    small, most = 10_000, 0
    async with dialled(world) as (reader, writer), asyncio.timeout(60):
        writer.write(b"GET /x HTTP/1.1\r\n\r\n" * small)
        for number in range(small):
            await reader.readuntil(b"HTTP/1.1 404 ")
            if number % 1_000 == 0:
                waiting = sum(type(one) is RequestResponseCycle for one in gc.get_objects())
                most = max(most, waiting)
        writer.write(HANDSHAKE + b"\r\n")  # and then the connection is as good as new
        await reader.readuntil(b"HTTP/1.1 101 ")
    assert 0 < most < 300


@pytest.mark.parametrize("protocol", [b"h2c", b"TLS/1.0", b"h2c, websocket"])
async def test_another_protocol_is_not_heard_of_and_the_request_is_answered(
    world: World, protocol: bytes
) -> None:
    more = b"connection: Upgrade, HTTP2-Settings", b"http2-settings: AAEAAEAAAAIAAAAA"
    upgrade = b"upgrade: " + protocol
    one = whole(QUERY, upgrade, *more)
    heard = await said(world, one + one, one[:-9], one[-9:], whole(), answers=4)
    assert heard.statuses == [200] * 4 and heard.content.count(b'"targetGroups"') == 4
    chunks = chunked(QUERY, upgrade, *more) + b"\r\n"
    assert (await said(world, chunks, answers=1)).statuses == [200]
    other = request(line=b"CONNECT localhost:80 HTTP/1.1", body=b"")
    assert (await said(world, other)).statuses == [400]


async def test_a_socket_is_not_opened_behind_an_answer_that_goes_on(world: World) -> None:
    citizen = await new_citizen(world)
    stream = asked(world.token(Role.JOBCENTER), UPDATES, b"accept: text/event-stream", id=citizen)
    async with dialled(world) as (reader, writer):
        writer.write(stream)
        await reader.readuntil(b":\n\n")
        writer.write(HANDSHAKE + b"\r\n")
        async with asyncio.timeout(10):
            assert b"101" not in await reader.read()
    assert world.api.graphql is not None
    rounds = world.api.graphql.streams.rounds
    await until(lambda: len(rounds) == 0)


async def test_a_socket_is_not_opened_behind_an_answer_that_nobody_takes(
    settings: Settings,
) -> None:
    types = " ".join(f"a{n}: types {{ name description }}" for n in range(9))
    async with open_world(settings.model_copy(update={"slow_client_seconds": 0.5})) as world:
        token = world.token(Role.JOBCENTER)
        question = asked(token, f"{{ __schema {{ {types} }} }}")
        async with dialled(world, window=4096) as (reader, writer):
            writer.write(question)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HANDSHAKE + b"\r\n")
            async with asyncio.timeout(10):
                assert b"101 Switching" not in await reader.read()
        async with dialled(world, window=4096) as (reader, writer):
            writer.write(question)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HANDSHAKE + b"\r\n")
            await until(lambda: lines_of(world) == 0)  # also if it is never read
