"""The SMS channel against the development gateway and against gateways that misbehave."""

import asyncio
import doctest
import json
import logging
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from app.channels import sms
from app.channels.contract import Accepted, Message, SendFailure, TryAgain, Uncertain, Undeliverable
from app.channels.sms import SmsChannel
from app.channels.web import Timeouts, http_client
from app.dev.sinks import Sink

from .servers import gateway, listening, unused_port

NUMBER = "00141762"
TEXT = "Der er nyt i Min Plan på Jobnet."
MESSAGE = Message(
    delivery_id=UUID("6f7a3b1e-58a4-4c1d-9d3f-0c6ff4a4a001"),
    address=NUMBER,
    subject=None,
    body=TEXT,
    reference="delivery-1",
)


@asynccontextmanager
async def channel(url: str) -> AsyncIterator[SmsChannel]:
    async with http_client() as client:
        yield SmsChannel(
            client,
            url=url,
            token="secret",
            sender="JOBNET",
            timeouts=Timeouts(connect=1.0, read=0.3, total=1.0),
            callback_url="https://minplan.example/callbacks/sms",
        )


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, object]]:
    """Head and JSON body of one HTTP request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(
        int(line.partition(":")[2])
        for line in head.splitlines()
        if line.lower().startswith("content-length:")
    )
    return head, json.loads(await reader.readexactly(length))


def http_answer(status: int, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def outcome(answer: bytes, message: Message = MESSAGE) -> Accepted | SendFailure:
    """What the channel makes of a gateway that answers so."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with listening(session) as port:
        return await outcome_at(f"http://127.0.0.1:{port}", message)


async def outcome_at(url: str, message: Message = MESSAGE) -> Accepted | SendFailure:
    async with channel(url) as sms_channel:
        try:
            return await sms_channel.send(message)
        except SendFailure as failure:
            assert failure.__context__ is None
            assert NUMBER not in repr(failure)
            return failure


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(sms).failed == 0


async def test_the_gateway_takes_a_message_and_gives_it_a_number() -> None:
    sink = Sink()
    async with gateway(sink) as url, channel(url) as sms_channel:
        accepted = await sms_channel.send(MESSAGE)
        assert accepted.provider_id is not None and accepted.provider_id.isdigit()
        async with http_client() as client:
            sent = (await client.get(f"{url}/dev/sent")).json()
    (record,) = sent
    assert record.pop("at").endswith("+00:00")
    assert record == {
        "channel": "SMS",
        "to": "4500141762",
        "subject": None,
        "body": TEXT,
        "reference": "delivery-1",
    }


async def test_the_request_has_the_form_the_gateway_documents() -> None:
    seen: list[tuple[str, dict[str, object]]] = []

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(http_answer(200, b'{"ids": [421332671], "usage": {}}'))

    async with listening(session) as port:
        accepted = await outcome_at(f"http://127.0.0.1:{port}/")
    assert accepted == Accepted("421332671")
    head, body = seen[0]
    assert head.startswith("POST /rest/mtsms HTTP/1.1\r\n")
    assert "authorization: basic c2vjcmv0og==" in head.lower()
    assert body == {
        "sender": "JOBNET",
        "message": TEXT,
        "recipients": [{"msisdn": 4500141762}],
        "userref": "delivery-1",
        "callback_url": "https://minplan.example/callbacks/sms",
        "encoding": "UTF8",
        "validity_period": 43200,
    }


@pytest.mark.parametrize(
    ("body", "message", "encoding"),
    [("Min\u00a0Plan – “ny”", 'Min Plan - "ny"', "UTF8"), ("Мой план", "Мой план", "UCS2")],
)
async def test_only_a_text_outside_the_alphabet_is_sent_as_ucs2(
    body: str, message: str, encoding: str
) -> None:
    seen: list[dict[str, object]] = []

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await read_request(reader))[1])
        writer.write(http_answer(200, b'{"ids": [1]}'))

    async with listening(session) as port:
        text = Message(MESSAGE.delivery_id, NUMBER, None, body, "r")
        await outcome_at(f"http://127.0.0.1:{port}", text)
    assert (seen[0]["message"], seen[0]["encoding"]) == (message, encoding)


@pytest.mark.parametrize("code", ["0x0215", "0x0310", "0x0312", "0X0215"])
@pytest.mark.parametrize("status", [400, 403, 422])
async def test_a_refused_recipient_is_undeliverable(status: int, code: str) -> None:
    failure = await outcome(http_answer(status, json.dumps({"code": code}).encode()))
    assert isinstance(failure, Undeliverable)
    assert failure.reason == f"gateway_code_{code.lower()}"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (403, b"<html>Forbidden</html>"),
        (403, b'{"code": "0x0216"}'),
        (422, b'{"code": "0x0216"}'),
        (422, b'{"code": "0x022A"}'),
        (422, b'{"code": "0x0213", "message": "..."}'),
        (400, b'{"code": 531}'),
        (400, b"[]"),
        (302, b""),
        (404, b""),
    ],
)
async def test_what_only_the_operator_can_repair_raises_an_alarm(status: int, body: bytes) -> None:
    failure = await outcome(http_answer(status, body, "Location: http://127.0.0.1:1/"))
    assert isinstance(failure, TryAgain) and failure.operator


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize("body", [b"", b"oops", b'{"code": "0x0101"}', b'{"ids": []}'])
async def test_a_busy_or_broken_gateway_is_asked_again_later(status: int, body: bytes) -> None:
    failure = await outcome(http_answer(status, body))
    assert isinstance(failure, TryAgain) and not failure.operator


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
        b"[" * 100_000,
        b'{"ids": [1], "x": "' + b"x" * 100_000,
        b"\xff\xfe",
    ],
)
async def test_an_acceptance_that_cannot_be_read_is_uncertain(body: bytes) -> None:
    assert isinstance(await outcome(http_answer(200, body)), Uncertain)


async def test_an_error_that_names_an_accepted_message_is_uncertain() -> None:
    assert isinstance(await outcome(http_answer(500, b'{"ids": [7]}')), Uncertain)


async def test_a_proxy_that_gave_up_waiting_leaves_it_uncertain() -> None:
    assert isinstance(await outcome(http_answer(504, b"")), Uncertain)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", b"SSH-2.0-x\r\n\r\n"])
async def test_a_connection_closed_after_the_request_is_uncertain(answer: bytes) -> None:
    assert isinstance(await outcome(answer), Uncertain)


async def test_a_body_cut_short_is_uncertain() -> None:
    answer = b'HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{"ids": ['
    assert isinstance(await outcome(answer), Uncertain)


async def test_a_connection_reset_after_the_request_is_uncertain() -> None:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with listening(session) as port:
        assert isinstance(await outcome_at(f"http://127.0.0.1:{port}"), Uncertain)


async def test_a_gateway_that_never_answers_is_uncertain() -> None:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(session) as port:
        assert isinstance(await outcome_at(f"http://127.0.0.1:{port}"), Uncertain)


async def test_a_gateway_that_answers_drop_by_drop_is_uncertain_in_bounded_time() -> None:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(session) as port, asyncio.timeout(5):
        assert isinstance(await outcome_at(f"http://127.0.0.1:{port}"), Uncertain)


async def test_a_gateway_that_is_down_is_asked_again_later() -> None:
    async with unused_port() as port:
        failure = await outcome_at(f"http://127.0.0.1:{port}")
    assert isinstance(failure, TryAgain) and not failure.operator


async def test_a_closed_client_sends_nothing() -> None:
    client = http_client()
    sms_channel = SmsChannel(client, url="http://127.0.0.1:1", token="t", sender="JOBNET")
    await client.aclose()
    with pytest.raises(TryAgain):
        await sms_channel.send(MESSAGE)


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("", TEXT),
        ("1234567", TEXT),
        ("+451234567", TEXT),
        ("12345678\n", TEXT),
        ("١٢٣٤٥٦٧٨", TEXT),
        ("1234567x", TEXT),
        (NUMBER, ""),
        (NUMBER, "\ud800"),
    ],
)
async def test_what_cannot_be_sent_is_undeliverable_without_asking_anybody(
    address: str, body: str
) -> None:
    async with unused_port() as port:
        text = Message(MESSAGE.delivery_id, address, None, body, "r")
        assert isinstance(await outcome_at(f"http://127.0.0.1:{port}", text), Undeliverable)


async def test_neither_number_nor_text_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with gateway(Sink()) as url, channel(url) as sms_channel:
            await sms_channel.send(MESSAGE)
        await outcome(http_answer(500, TEXT.encode()))
    assert "41762" not in caplog.text and "Min Plan" not in caplog.text
    assert "41762" not in repr(MESSAGE) and "Min Plan" not in repr(MESSAGE)
