"""A message, the channel it goes by, and gateways that answer as a test wants it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from app.channels.contract import Accepted, Message, SendFailure
from app.channels.sms import SmsChannel
from app.channels.web import Timeouts, gateway_session

from .servers import listening

NUMBER = "00141762"
TEXT = "Der er nyt i Min Plan på Jobnet."
MESSAGE = Message(
    delivery_id=UUID("6f7a3b1e-58a4-4c1d-9d3f-0c6ff4a4a001"),
    address=NUMBER,
    subject=None,
    body=TEXT,
    reference="delivery-1",
)
PATIENT = Timeouts()
QUICK = PATIENT._replace(read=0.3)
"""Where a gateway's silence is played; else a busy computer would look like one."""


@asynccontextmanager
async def channel(url: str, timeouts: Timeouts = PATIENT) -> AsyncIterator[SmsChannel]:
    async with gateway_session() as client:
        yield SmsChannel(
            client,
            url=url,
            token="secret",
            sender="JOBNET",
            timeouts=timeouts,
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


def http_answer(status: int, body: bytes, *headers: str, close: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def outcome(answer: bytes, message: Message = MESSAGE) -> Accepted | SendFailure:
    """What the channel makes of a gateway that answers so."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with listening(session) as port:
        return await outcome_at(f"http://127.0.0.1:{port}", message)


async def outcome_at(
    url: str, message: Message = MESSAGE, timeouts: Timeouts = PATIENT
) -> Accepted | SendFailure:
    async with channel(url, timeouts) as sms_channel:
        return await outcome_by(sms_channel, message)


async def outcome_by(sms_channel: SmsChannel, message: Message = MESSAGE) -> Accepted | SendFailure:
    """The outcome; a failure carries neither the message nor an exception that may hold it."""
    try:
        return await sms_channel.send(message)
    except SendFailure as failure:
        assert failure.__context__ is None
        assert NUMBER not in repr(failure)
        return failure
