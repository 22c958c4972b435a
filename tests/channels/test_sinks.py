"""The development sinks refuse what the real providers would, and forget in order."""

import asyncio
from uuid import UUID

import pytest

from app.channels.contract import Message
from app.channels.sms import SmsChannel, http_client
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
    async with gateway(sink) as url, http_client() as client:
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
