"""The development sinks refuse what the real providers would, and forget in order."""

import asyncio
from uuid import UUID

import pytest

from app.channels.contract import Message, TryAgain, Undeliverable
from app.channels.sms import SmsChannel
from app.channels.web import gateway_session, http_client
from app.channels.webhook import Webhook
from app.dev.connected import EVENTS_PATH
from app.dev.sinks import Sink

from .servers import gateway


@pytest.mark.parametrize(
    ("order", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b'{"sender": "JOBNET", "message": "x", "recipients": []}', 422),
        (b'{"sender": "JOBNET", "message": "x", "recipients": [{"msisdn": "12"}]}', 422),
        (
            b'{"sender": "ALT FOR LANGT", "message": "x", "recipients": [{"msisdn": 4512345678}]}',
            422,
        ),
        (b" " * 100_000, 400),
    ],
)
async def test_the_development_gateway_refuses_what_the_real_one_would(
    order: bytes, status: int
) -> None:
    sink = Sink()
    async with gateway(sink) as url, http_client() as client:
        answer = await client.post(f"{url}/rest/mtsms", content=order, auth=("t", ""))
        unnamed = await client.post(f"{url}/rest/mtsms", content=order)
    assert (answer.status_code, unnamed.status_code, sink.messages()) == (status, 401, [])


async def test_the_development_gateway_forgets_the_oldest_messages_first() -> None:
    sink = Sink(limit=2)
    async with gateway(sink) as url, gateway_session() as client:
        sms_channel = SmsChannel(client, url=url, token="secret", sender="JOBNET")
        for text in ("et", "to", "tre"):
            await sms_channel.send(Message(UUID(int=1), "12345678", None, text, "r"))
    assert [message["body"] for message in sink.messages()] == ["to", "tre"]


async def test_a_stopped_mail_sink_ends_its_sessions_and_can_be_stopped_twice() -> None:
    sink = Sink()
    port = await sink.start_smtp()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    await sink.stop()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await sink.stop()


async def test_the_development_receiver_keeps_a_signed_event_once_and_no_forged_one() -> None:
    secret, body = b"a secret of twenty-four!", b'{"type": "plan.published"}'
    sink = Sink([secret])
    async with gateway(sink) as url, http_client() as client:
        address = f"{url}{EVENTS_PATH}"
        sender = Webhook(client, url=address, secrets=[secret])
        for _ in range(2):
            await sender.send(UUID(int=1), body)
        with pytest.raises(TryAgain, match="receiver_401"):
            await Webhook(client, url=address, secrets=[b"x" * 24]).send(UUID(int=2), body)
        with pytest.raises(Undeliverable, match="receiver_400"):
            await sender.send(UUID(int=3), b"[]")
        shown = (await client.get(f"{url}/dev/sent")).json()
    assert [(one["channel"], one["to"], one["subject"], one["reference"]) for one in shown] == [
        ("EVENT", "DFDG", "plan.published", str(UUID(int=1)))
    ]
