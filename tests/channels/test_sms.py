"""The SMS channel against the development gateway and against gateways that go away."""

import asyncio
import doctest
import logging
import socket
import struct

import pytest

from app.channels import sms
from app.channels.contract import Accepted, Message, TryAgain, Uncertain, Undeliverable
from app.channels.sms import SmsChannel
from app.channels.web import gateway_session, http_client
from app.dev.sinks import Sink

from .servers import gateway, listening, unused_port
from .sms_gateway import (
    MESSAGE,
    NUMBER,
    PATIENT,
    QUICK,
    TEXT,
    channel,
    http_answer,
    outcome,
    outcome_at,
    outcome_by,
    read_request,
)


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
    assert accepted == Accepted("421332671", parts=1)
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
        url = f"http://127.0.0.1:{port}"
        assert isinstance(await outcome_at(url, timeouts=QUICK), Uncertain)


async def test_a_gateway_that_answers_drop_by_drop_is_uncertain_in_bounded_time() -> None:
    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with listening(session) as port, asyncio.timeout(5):
        url, bounded = f"http://127.0.0.1:{port}", PATIENT._replace(total=1.0)
        assert isinstance(await outcome_at(url, timeouts=bounded), Uncertain)


async def test_a_gateway_that_is_down_is_asked_again_later() -> None:
    async with unused_port() as port:
        failure = await outcome_at(f"http://127.0.0.1:{port}")
    assert isinstance(failure, TryAgain) and failure.provider and not failure.operator


async def test_a_closed_client_sends_nothing() -> None:
    async with gateway_session() as client:
        sms_channel = SmsChannel(client, url="http://127.0.0.1:1", token="t", sender="JOBNET")
    failure = await outcome_by(sms_channel)
    assert isinstance(failure, TryAgain) and not failure.asked


async def test_a_client_closed_while_the_gateway_thinks_leaves_it_uncertain() -> None:
    asked = asyncio.Event()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await reader.read()

    async with listening(session) as port:
        client = gateway_session()
        sms_channel = SmsChannel(client, url=f"http://127.0.0.1:{port}", token="t", sender="JOBNET")
        sending = asyncio.create_task(outcome_by(sms_channel))
        await asked.wait()
        await client.close()
        assert isinstance(await sending, Uncertain)


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
        failure = await outcome_at(f"http://127.0.0.1:{port}", text)
        assert isinstance(failure, Undeliverable) and not failure.asked and not failure.provider


@pytest.mark.parametrize(
    ("length", "letter", "parts"), [(160, "x", 1), (161, "x", 2), (71, "ж", 2)]
)
async def test_an_acceptance_tells_in_how_many_parts_it_goes(
    length: int, letter: str, parts: int
) -> None:
    async with gateway(Sink()) as url:
        accepted = await outcome_at(
            url, Message(MESSAGE.delivery_id, NUMBER, None, letter * length, "r")
        )
    assert isinstance(accepted, Accepted) and accepted.parts == parts


async def test_neither_number_nor_text_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with gateway(Sink()) as url, channel(url) as sms_channel:
            await sms_channel.send(MESSAGE)
        await outcome(http_answer(500, TEXT.encode()))
    assert "41762" not in caplog.text and "Min Plan" not in caplog.text
    assert "41762" not in repr(MESSAGE) and "Min Plan" not in repr(MESSAGE)
