"""Requests that are wrong as HTTP: no two readers may take them for different things."""

import time

import orjson
import pytest

from app.settings import Settings
from tests.wire.raw import QUERY, request, said, whole
from tests.world import World, open_world

LENGTH = b"content-length: %d" % len(QUERY)
CHUNKED = b"transfer-encoding: chunked"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(QUERY), QUERY)
SMUGGLED = b"0\r\n\r\n" + whole()

AMBIGUOUS = {
    "both lengths": request(LENGTH, CHUNKED, body=SMUGGLED),
    "both lengths, the other way round": request(CHUNKED, b"content-length: 5", body=SMUGGLED),
    "two lengths": request(LENGTH, b"content-length: 5"),
    "one length twice": request(LENGTH, LENGTH),
    "a list of lengths": request(LENGTH + b", " + LENGTH.split()[-1]),
    "a length with a sign": request(b"content-length: +37"),
    "a negative length": request(b"content-length: -1"),
    "a length in hexadecimal": request(b"content-length: 0x25"),
    "a length with a space": request(b"content-length: 3 7"),
    "a length beyond every number": request(b"content-length: " + b"9" * 40),
    "no length at all": request(b"content-length:"),
    "a coding that is none": request(b"transfer-encoding: xchunked", body=SMUGGLED),
    "chunked, and something else": request(b"transfer-encoding: chunked, identity", body=SMUGGLED),
    "chunked, twice": request(CHUNKED, CHUNKED, LENGTH, body=SMUGGLED),
    "a space before the colon": request(b"transfer-encoding : chunked", LENGTH, body=SMUGGLED),
    "a control character before the coding": request(
        b"transfer-encoding:\x0bchunked", LENGTH, body=SMUGGLED
    ),
    "a folded header": request(b"x: y\r\n transfer-encoding: chunked", LENGTH, body=SMUGGLED),
    "a bare carriage return": request(b"x: y\rtransfer-encoding: chunked", LENGTH, body=SMUGGLED),
    "a NUL in a header": request(b"x: a\0b", LENGTH),
    "a NUL in a header's name": request(b"x\0y: a", LENGTH),
    "a header without a name": request(b": a", LENGTH),
    "a header without a colon": request(b"authorization", LENGTH),
    "a chunk of a negative size": request(CHUNKED, body=b"-1\r\n" + QUERY),
    "a chunk beyond every size": request(CHUNKED, body=b"f" * 20 + b"\r\n" + QUERY),
    "a chunk with a prefix": request(CHUNKED, body=b"0x25\r\n" + QUERY + b"\r\n0\r\n\r\n"),
    "a chunk longer than told": request(CHUNKED, body=b"5\r\n" + QUERY + b"\r\n0\r\n\r\n"),
    "a path that is no text": request(LENGTH, line=b"POST /\xff\xfe HTTP/1.1"),
    "no path": request(LENGTH, line=b"POST HTTP/1.1"),
    "another version": request(LENGTH, line=b"POST /graphql HTTP/9.9"),
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
    "a method of nobody's": request(LENGTH, line=b"BREW /graphql HTTP/1.1"),
}


async def test_what_could_be_read_in_two_ways_is_refused_and_the_connection_closed(
    world: World,
) -> None:
    wrong = {}
    for name, content in AMBIGUOUS.items():
        heard = await said(world, content)
        if not heard.is_closed or heard.statuses != [400]:
            wrong[name] = heard
    assert not wrong
    assert (await said(world, whole(), answers=1)).statuses == [200]


async def test_a_body_in_chunks_and_requests_in_a_row_are_answered_in_their_order(
    world: World,
) -> None:
    assert (await said(world, request(CHUNKED, body=CHUNKS), answers=1)).statuses == [200]
    bodies = [orjson.dumps({"query": f"{{ a{n} }}"}) for n in range(60)]
    heard = await said(world, b"".join(map(whole, bodies)), answers=60)
    assert heard.statuses == [200] * 60
    found = [heard.content.find(b"'a%d'" % n) for n in range(60)]
    assert found == sorted(found) and found[0] > 0
    fast = time.perf_counter()
    assert len((await said(world, whole() * 500, answers=500)).statuses) == 500
    assert time.perf_counter() - fast < 10


async def test_requests_of_every_kind_in_a_row_are_answered_in_their_order(world: World) -> None:
    asking = []
    for number in range(0, 200, 4):
        bodies = [orjson.dumps({"query": f"{{ a{number + n} }}", "pad": "x" * n}) for n in range(4)]
        chunks = b"1\r\n{\r\n%x\r\n%b\r\n0\r\na: b\r\n\r\n"
        large = orjson.dumps({"query": f"{{ a{number + 2} }}", "pad": "x" * 6_000})
        asking += [
            whole(bodies[0]),
            request(CHUNKED, body=chunks % (len(bodies[1]) - 1, bodies[1][1:])),
            whole(large, b"x: " + b"y" * 3_000),
            request(line=b"GET /graphql?query=%%7Ba%d%%7D HTTP/1.1" % (number + 3), body=b""),
        ]
    goodbye = whole(QUERY, b"connection: close") + whole() * 40
    heard = await said(world, b"".join(asking) + goodbye)
    assert heard.is_closed and heard.statuses == [200] * 201
    found = [heard.content.find(b"'a%d'" % n) for n in range(200)]
    assert found == sorted(found) and found[0] > 0


@pytest.mark.parametrize("before", [1, 3, 40])
@pytest.mark.parametrize(
    "wrong",
    [
        b"BREW / HTTP/1.1\r\n\r\n",
        b"\0" * 5_000,
        request(CHUNKED, body=b"-1\r\n" + QUERY),
    ],
)
async def test_what_cannot_be_read_is_refused_in_its_turn(
    world: World, before: int, wrong: bytes
) -> None:
    heard = await said(world, whole() * before + wrong + whole() * 40)
    assert heard.is_closed and heard.statuses == [200] * before + [400]


@pytest.mark.parametrize("size", [66, 80, 200])
async def test_a_head_too_large_is_refused_in_its_turn(world: World, size: int) -> None:
    large = whole(QUERY, *[b"x: " + b"y" * 1_000] * size)
    assert (await said(world, whole() * 2 + large)).statuses == [200, 200, 431]


async def test_a_body_longer_than_told_is_cut_and_the_rest_is_no_request(world: World) -> None:
    heard = await said(world, request(b"content-length: 5"))
    assert heard.statuses == [400, 400] and heard.is_closed
    # what follows a whole body is read as what it says it is: the next request of this client
    heard = await said(world, whole(QUERY + b" ") + whole(b"5"), answers=2)
    assert heard.statuses == [200, 400]


@pytest.mark.parametrize(
    ("parts", "statuses"),
    [
        ((), []),
        ((b"POST /graphql HT",), [408]),
        ((b"POST /graphql HTTP/1.1\r\nhost: x\r\nx-a: ",), [408]),
        ((request(b"content-length: 500"),), [408]),
        ((request(CHUNKED, body=b"5\r\n{"),), [408]),
        ((whole() + b"POST /gra",), [200, 408]),
        ((whole() * 40 + b"POST /gra",), [200] * 40 + [408]),
        ((whole() * 40 + request(b"content-length: 500"),), [200] * 40 + [408]),
    ],
)
async def test_a_request_that_does_not_come_is_not_waited_for(
    settings: Settings, parts: tuple[bytes, ...], statuses: list[int]
) -> None:
    async with open_world(settings.model_copy(update={"body_seconds": 0.3})) as world:
        heard = await said(world, *parts)
        assert heard.is_closed
        assert heard.statuses == statuses
        assert (await said(world, whole(), answers=1)).statuses == [200]


async def test_headers_are_taken_up_to_64_kibibytes_and_no_further(world: World) -> None:
    assert (await said(world, whole(QUERY, b"x: " + b"y" * 16_384), answers=1)).statuses == [200]
    assert (await said(world, whole(QUERY, *[b"a: b"] * 500), answers=1)).statuses == [200]
    for headers in ([b"x: " + b"y" * 70_000], [b"accept: application/json"] * 4_000):
        assert (await said(world, whole(QUERY, *headers))).statuses == [431]
    assert (await said(world, whole(QUERY, *[b"a:b"] * 12_000))).statuses == [431]
    line = b"GET /graphql?query=" + b"x" * 70_000 + b" HTTP/1.1"
    assert (await said(world, request(line=line))).statuses == [431]


@pytest.mark.parametrize("start", [b"x: ", b"", b"x"])
async def test_headers_without_an_end_are_cut_off(world: World, start: bytes) -> None:
    endless = [b"y" * 50_000 if start else b"a: b\r\n" * 8_000] * 400
    heard = await said(world, b"POST /graphql HTTP/1.1\r\n" + start, *endless)
    assert heard.is_closed and heard.statuses in ([431], [])


async def test_a_header_given_twice_is_not_half_believed(world: World) -> None:
    twice = {
        (b"content-type: text/plain",): 415,
        (b"authorization: Bearer a", b"authorization: Bearer b"): 401,
        (b"accept: text/html", b"accept: application/json"): 200,
        (b"accept: text/html", b"accept: image/*"): 406,
        (b"content-encoding: identity", b"content-encoding: gzip"): 415,
        (b"sec-fetch-site: same-origin", b"sec-fetch-site: cross-site"): 403,
        (b"origin: http://localhost", b"origin: https://evil.example"): 403,
    }
    for headers, status in twice.items():
        assert (await said(world, whole(QUERY, *headers), answers=1)).statuses == [status], headers


async def test_a_list_that_nobody_means_is_not_read(world: World) -> None:
    # it would take longer to weigh than the query takes
    accept = b"text/html, " * 200 + b"application/graphql-response+json"
    heard = await said(world, whole(QUERY, b"accept: " + accept), answers=1)
    assert heard.statuses == [200] and b"application/json; charset" in heard.content
    kind = b"content-type: application/json" + b"; a=b" * 200
    asking = whole(QUERY, kind).replace(b"content-type: application/json\r\n", b"")
    assert (await said(world, asking, answers=1)).statuses == [415]
