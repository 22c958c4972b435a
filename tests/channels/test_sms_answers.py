"""What the SMS channel makes of the gateway's answers."""

import gzip
import itertools
import json
import random

import pytest

from app.channels.contract import Accepted, SendFailure, TryAgain, Uncertain, Undeliverable

from .sms_gateway import http_answer, outcome

ACCEPTANCE = b'{"ids": [421332671], "usage": {"countries": {"DK": 1}}}'


@pytest.mark.parametrize("code", ["0x0215", "0x0310", "0x0312", "0X0215"])
@pytest.mark.parametrize("status", [400, 403, 422])
async def test_a_refused_recipient_is_undeliverable(status: int, code: str) -> None:
    failure = await outcome(http_answer(status, json.dumps({"code": code}).encode()))
    assert isinstance(failure, Undeliverable)
    assert failure.reason == f"gateway_code_{code.lower()}"
    assert not failure.provider and failure.asked


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (403, b"<html>Forbidden</html>"),
        (403, b'{"code": "0x0216"}'),
        (422, b'{"code": "0x0216"}'),
        (422, b'{"code": "0x022A"}'),
        (302, b""),
        (404, b""),
        (407, b""),
    ],
)
async def test_login_account_and_address_are_the_operators_affair_and_stop_the_gateway(
    status: int, body: bytes
) -> None:
    failure = await outcome(http_answer(status, body, "Location: http://127.0.0.1:1/"))
    assert isinstance(failure, TryAgain) and failure.operator and failure.provider


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, b'{"code": "0x0213", "message": "..."}'),
        (400, b'{"code": 531}'),
        (400, b"[]"),
        (413, b""),
    ],
)
async def test_a_refusal_of_one_message_alarms_and_does_not_stop_the_others(
    status: int, body: bytes
) -> None:
    failure = await outcome(http_answer(status, body))
    assert isinstance(failure, TryAgain) and failure.operator and not failure.provider


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *itertools.product([408, 429], [b"", b"oops", b'{"code": "0x0101"}', b'{"ids": []}']),
        (503, b'{"code": "0x0101"}'),
    ],
)
async def test_a_gateway_that_declines_is_asked_again_later(status: int, body: bytes) -> None:
    failure = await outcome(http_answer(status, body))
    assert isinstance(failure, TryAgain) and failure.provider and not failure.operator


@pytest.mark.parametrize("body", [b"", b"oops", b'{"ids": []}'])
async def test_a_503_that_may_be_of_a_proxy_leaves_it_uncertain(body: bytes) -> None:
    failure = await outcome(http_answer(503, body))
    assert isinstance(failure, Uncertain) and failure.provider


@pytest.mark.parametrize("status", [500, 501, 502, 504, 599])
@pytest.mark.parametrize("body", [b"", b"oops", b'{"code": "0x0101"}', b'{"ids": [7]}'])
async def test_a_gateway_that_broke_after_reading_leaves_it_uncertain(
    status: int, body: bytes
) -> None:
    failure = await outcome(http_answer(status, body))
    assert isinstance(failure, Uncertain) and failure.provider and not failure.operator


async def test_the_gateway_may_say_how_long_to_wait() -> None:
    failure = await outcome(http_answer(429, b"", "Retry-After: 30"))
    assert isinstance(failure, TryAgain) and failure.retry_after == 30


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[1]",
        b'{"ids": []}',
        b'{"ids": [true]}',
        b'{"ids": "421"}',
        b'{"ids": [{}]}',
        b'{"ids": [""]}',
        b'{"ids": ["' + b"x" * 101 + b'"]}',
        '{"ids": ["nøgle"]}'.encode(),
        b'{"ids": ["a\\u0000b"]}',
        b'{"ids": ["a\\nb"]}',
        b'{"ids": [1.5]}',
        gzip.compress(ACCEPTANCE, mtime=0),
        b"[" * 100_000,
        b'{"ids": [1], "x": "' + b"x" * 100_000,
        b"\xff\xfe",
    ],
)
async def test_an_acceptance_that_cannot_be_read_is_uncertain(body: bytes) -> None:
    assert isinstance(await outcome(http_answer(200, body)), Uncertain)


@pytest.mark.parametrize("number", ["421", "x" * 100, "a b/c~"])
async def test_the_number_of_the_message_may_be_any_short_printable_text(number: str) -> None:
    accepted = await outcome(http_answer(200, json.dumps({"ids": [number]}).encode()))
    assert accepted == Accepted(number, parts=1)


async def test_a_packed_answer_is_never_unpacked() -> None:
    packed = gzip.compress(b'{"ids": [1], "x": "' + b"x" * 50_000_000 + b'"}', mtime=0)
    failure = await outcome(http_answer(200, packed, "Content-Encoding: gzip"))
    assert isinstance(failure, Uncertain)


@pytest.mark.parametrize("status", [400, 503])
async def test_an_error_that_names_an_accepted_message_is_uncertain(status: int) -> None:
    assert isinstance(await outcome(http_answer(status, b'{"ids": [7]}')), Uncertain)


async def test_whatever_the_gateway_answers_the_channel_keeps_its_promise() -> None:
    dice = random.Random(4)
    whole = http_answer(200, ACCEPTANCE, "Retry-After: 3", "Transfer-Encoding: identity")
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"%x\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(ACCEPTANCE), ACCEPTANCE)
    )
    for _ in range(300):
        answer = bytearray(dice.choice((whole, chunked)))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(answer))
            match dice.randrange(3):
                case 0:
                    answer[at] = dice.randrange(256)
                case 1:
                    del answer[at : at + dice.randint(1, 20)]
                case _:
                    answer[at:at] = dice.randbytes(dice.randint(1, 20))
        result = await outcome(bytes(answer))
        assert isinstance(result, Accepted | SendFailure)
        # the request was read whole: only an answer that says so makes it certain
        if not isinstance(result, Accepted | Uncertain):
            assert not answer.startswith(b"HTTP/1.1 200")
