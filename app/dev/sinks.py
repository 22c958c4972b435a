"""What stands in for the SMS gateway, the mail server and DFDG during development.

They take what the real ones take, send nothing on, and keep what they accepted in memory, newest
last, where `/dev/sent` shows it. The API process hosts them; the worker reaches them over loopback
by HTTP and SMTP, through the same channels as in production. Events are taken when they are signed,
and the gateway reports each SMS as delivered a moment later.
"""

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, Literal, TypedDict
from urllib.parse import urlsplit

import httpx
import orjson
from aiosmtpd.smtp import SMTP, Envelope, Session
from joserfc import jws
from joserfc.jwk import OctKey
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.callbacks import SIGNATURE_HEADER
from app.channels import gsm7
from app.channels.mail import REFERENCE_HEADER
from app.channels.web import http_client
from app.channels.webhook import ID, is_signed
from app.dev.connected import EVENTS_PATH

log = logging.getLogger("minplan.sinks")

MAX_BODY_BYTES = 64 * 1024
RECEIPT_SECONDS: Final = 0.5
"""How long an SMS takes to reach its phone."""


class SentMessage(TypedDict):
    channel: Literal["SMS", "EMAIL", "EVENT"]
    to: str
    subject: str | None
    body: str
    at: str
    reference: str


class Sink:
    """Records accepted messages; one instance serves all channels."""

    def __init__(
        self,
        event_secrets: Sequence[bytes] = (),
        *,
        receipt_secrets: Sequence[bytes] = (),
        limit: int = 1000,
    ) -> None:
        """event_secrets: those that may sign events; without, none is taken.

        receipt_secrets: the first one signs what the gateway reports of an SMS; without, nothing is
        reported. `limit` is how many messages are kept; the oldest give way.
        """
        self._receipt_key = OctKey.import_key(receipt_secrets[0]) if receipt_secrets else None
        self._reporting: set[asyncio.Task[None]] = set()
        self._event_secrets = tuple(event_secrets)
        self._messages: deque[SentMessage] = deque(maxlen=limit)
        # Numbers go on rising over a restart, so that none is given twice.
        self._ids = itertools.count(time.time_ns() // 1_000_000)
        self._server: asyncio.Server | None = None
        self._sessions: set[_Mail] = set()

    def messages(self) -> list[SentMessage]:
        """What was accepted, oldest first; `at` is an ISO 8601 time in UTC."""
        return list(self._messages)

    def routes(self) -> list[Route]:
        """The gateway, the receiver of events, and `/dev/sent` (what was accepted, as JSON)."""
        return [
            *self.sms_routes(),
            Route(EVENTS_PATH, self._event, methods=["POST"]),
            Route("/dev/sent", self._sent, methods=["GET"]),
        ]

    def sms_routes(self) -> list[Route]:
        """The gateway's own address only."""
        return [Route("/rest/mtsms", self._mtsms, methods=["POST"])]

    async def start_smtp(self, port: int = 0) -> int:
        """Listen for mail on loopback; returns the port (a free one for 0)."""
        # This logger writes every recipient at INFO.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Mail(self, self._sessions, loop), host="127.0.0.1", port=port
        )
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """End the reports under way, the mail server and its sessions; harmless at any time."""
        for task in list(self._reporting):
            task.cancel()
        await asyncio.gather(*self._reporting, return_exceptions=True)
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for session in list(self._sessions):
            if session.transport is not None:
                session.transport.close()
        await server.wait_closed()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Accept one mail for each of its recipients; called by the mail server."""
        content = envelope.content
        mail = message_from_bytes(
            content if isinstance(content, bytes) else b"",
            _class=EmailMessage,
            policy=policy.default,
        )
        text = mail.get_body(("plain",))
        for recipient in envelope.rcpt_tos:
            self._keep(
                "EMAIL",
                recipient,
                subject=str(mail.get("Subject", "")),
                body="\n".join(text.get_content().splitlines()) if text is not None else "",
                reference=str(mail.get(REFERENCE_HEADER, "")),
            )
        return f"250 2.0.0 Ok: queued as {next(self._ids):X}"

    async def _sent(self, _request: Request) -> Response:
        return JSONResponse(self.messages())

    async def _mtsms(self, request: Request) -> Response:
        if not request.headers.get("Authorization", "").startswith("Basic "):
            return _gateway_error(401, "0x0210", "Unauthorized")
        try:
            order = orjson.loads(await _body(request))
        except (orjson.JSONDecodeError, ClientDisconnect):
            return _gateway_error(400, "0x0213", "Unable to parse the request")
        complaint = _complaint(order)
        if complaint is not None:
            return _gateway_error(422, "0x0300", complaint)
        numbers = [recipient["msisdn"] for recipient in order["recipients"]]
        ids = [next(self._ids) for _ in numbers]
        for message_id, number in zip(ids, numbers, strict=True):
            reference = str(order.get("userref", ""))
            self._keep("SMS", str(number), None, order["message"], reference)
            self._report_soon(order.get("callback_url"), message_id, number, reference)
        return JSONResponse(
            {
                "ids": ids,
                "usage": {
                    "countries": {"DK": gsm7.parts(order["message"]) * len(numbers)},
                    "currency": "DKK",
                    "total_cost": 0.0,
                },
            }
        )

    def _report_soon(self, url: object, message_id: int, number: int, reference: str) -> None:
        """Delivered, as the real gateway would tell it; to this computer only."""
        if self._receipt_key is None or not (isinstance(url, str) and _is_on_loopback(url)):
            return
        told = {"id": message_id, "msisdn": number, "status": "DELIVERED", "userref": reference}
        task = asyncio.create_task(_report(url, told, self._receipt_key))
        self._reporting.add(task)
        task.add_done_callback(self._reporting.discard)

    async def _event(self, request: Request) -> Response:
        """Takes a signed event, and keeps it once however often it comes."""
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if not is_signed(self._event_secrets, request.headers, body, time.time()):
            return Response(status_code=401)
        try:
            kind = str(orjson.loads(body)["type"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return Response(status_code=400)
        event_id = request.headers[ID]
        if not any(one["reference"] == event_id for one in self._messages):
            self._keep("EVENT", "DFDG", kind, body.decode(), event_id)
        return Response(status_code=204)

    def _keep(
        self,
        channel: Literal["SMS", "EMAIL", "EVENT"],
        to: str,
        subject: str | None,
        body: str,
        reference: str,
    ) -> None:
        self._messages.append(
            SentMessage(
                channel=channel,
                to=to,
                subject=subject,
                body=body,
                at=datetime.now(UTC).isoformat(),
                reference=reference,
            )
        )


class _Mail(SMTP):
    """One session of the mail server, known to the sink while it lasts."""

    def __init__(self, sink: Sink, sessions: "set[_Mail]", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            sink,
            data_size_limit=MAX_BODY_BYTES,
            hostname="localhost",
            ident="development mail sink",
            loop=loop,
        )
        self._sessions = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sessions.discard(self)
        super().connection_lost(error)


async def _report(url: str, told: dict[str, Any], key: OctKey) -> None:
    await asyncio.sleep(RECEIPT_SECONDS)
    report = orjson.dumps(told | {"time": int(time.time())})
    token = jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, report, key, ["HS256"])
    headers = {SIGNATURE_HEADER: token, "Content-Type": "application/json"}
    try:
        async with http_client() as client:
            answer = await client.post(url, content=report, headers=headers)
        log.debug("a report was answered with %s", answer.status_code)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("a report could not be delivered: %s", type(error).__name__)


def _is_on_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
    except ValueError:
        return False


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return b""
    return bytes(body)


def _complaint(order: Any) -> str | None:
    """What the gateway would object to, or None."""
    match order:
        case {"sender": str(sender), "message": str(text), "recipients": [_, *_]} if text:
            pass
        case _:
            return "sender, message and recipients are required"
    if not 0 < len(sender) <= (15 if sender.isdigit() else 11):
        return "sender is too long"
    for recipient in order["recipients"]:
        match recipient:
            case {"msisdn": int(number)} if 10**7 <= number < 10**15:
                pass
            case _:
                return "msisdn is not valid"
    validity = order.get("validity_period", 60)
    return None if isinstance(validity, int) and validity >= 60 else "validity_period is too short"


def _gateway_error(status: int, code: str, message: str) -> Response:
    return JSONResponse(
        {"code": code, "incident_uuid": None, "message": message, "variables": []},
        status_code=status,
    )
