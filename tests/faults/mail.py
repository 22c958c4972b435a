"""A recording mail server, which misbehaves on command."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from app.channels.mail import REFERENCE_HEADER

from .oracle import Exchange, Message, Oracle, fingerprint


class Verdict(StrEnum):
    """What the server does with a mail; `... accepted` have taken it."""

    OK = "250"
    SENDER_LATER = "451 to MAIL"
    SENDER_REFUSED = "550 to MAIL"
    RECIPIENT_LATER = "450 to RCPT"
    RECIPIENT_REFUSED = "550 to RCPT"
    DATA_LATER = "451 to DATA"
    DATA_REFUSED = "554 to DATA"
    TEXT_LATER = "451 after the dot"
    TEXT_REFUSED = "554 after the dot"
    DROPPED_BEFORE_DATA = "dropped before DATA"
    DROPPED_AFTER_DOT = "dropped after the dot"
    DROPPED_ACCEPTED = "dropped after the dot, accepted"
    SLOW = "slow verdict"
    SLOW_ACCEPTED = "slow verdict, accepted"

    @property
    def accepts(self) -> bool:
        return self is Verdict.OK or self.value.endswith("accepted")


FAST: Final = tuple(verdict for verdict in Verdict if not verdict.value.startswith("slow"))
_FINAL: Final = (Verdict.RECIPIENT_REFUSED, Verdict.DATA_REFUSED, Verdict.TEXT_REFUSED)
_SENDER: Final = {Verdict.SENDER_LATER: "451 4.3.0 Later", Verdict.SENDER_REFUSED: "550 5.7.1 No"}
_RECIPIENT: Final = {
    Verdict.RECIPIENT_LATER: "450 4.2.1 Later",
    Verdict.RECIPIENT_REFUSED: "550 5.1.1 No such user",
}
_DATA: Final = {Verdict.DATA_LATER: "451 4.3.0 Later", Verdict.DATA_REFUSED: "554 5.7.1 No"}
_TEXT: Final = {Verdict.TEXT_LATER: "451 4.3.0 Later", Verdict.TEXT_REFUSED: "554 5.7.1 No"}


@dataclass(eq=False)
class MailServer:
    """Treats each mail as the next of `script` says, then as `choose` says.

    While `hold` is set, mails are accepted and their verdict waits for `release`.
    """

    oracle: Oracle
    port: int = 0
    script: deque[Verdict] = field(default_factory=deque)
    choose: Callable[[], Verdict] = lambda: Verdict.OK
    hold: bool = False
    played: Counter[Verdict] = field(default_factory=Counter)
    sessions: "set[_Session]" = field(default_factory=set)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def hold_back(self) -> None:
        self.hold = True
        self._released = asyncio.Event()

    def release(self) -> None:
        self.hold = False
        self._released.set()

    def behave(self) -> None:
        """Healthy from now on."""
        self.script.clear()
        self.choose = lambda: Verdict.OK
        for session in list(self.sessions):
            if session.verdict in (Verdict.SLOW, Verdict.SLOW_ACCEPTED):
                session.drop()
        self.release()

    async def handle_MAIL(
        self, server: "_Session", _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        server.busy(True)
        server.verdict = self.script.popleft() if self.script else self.choose()
        self.played[server.verdict] += 1
        self.oracle.tell()
        server.asked_at = self.oracle.now()
        if server.verdict in _SENDER:
            server.busy(False)
            return _SENDER[server.verdict]
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: "_Session", _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if server.verdict in _FINAL:
            self.oracle.refused.add(fingerprint(address))
        if server.verdict in _RECIPIENT:
            server.busy(False)
            return _RECIPIENT[server.verdict]
        if server.verdict is Verdict.DROPPED_BEFORE_DATA:
            server.drop()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: "_Session", _session: Session, envelope: Envelope) -> str:
        try:
            return await self._judge(server, envelope)
        finally:
            server.busy(False)

    async def _judge(self, server: "_Session", envelope: Envelope) -> str:
        verdict = server.verdict
        worker = (envelope.mail_from or "").partition("@")[0]
        self._record(server, envelope, worker)
        if self.hold:
            self.oracle.held.append(worker)
            self.oracle.tell()
            try:
                await self._released.wait()
            finally:
                self.oracle.held.remove(worker)
        if verdict in (Verdict.DROPPED_AFTER_DOT, Verdict.DROPPED_ACCEPTED):
            server.drop()
        if verdict in (Verdict.SLOW, Verdict.SLOW_ACCEPTED):
            await server.closed.wait()
        return _TEXT.get(verdict, "250 2.0.0 Ok: queued as 4F1A")

    def _record(self, server: "_Session", envelope: Envelope, worker: str) -> None:
        content = envelope.content
        mail = message_from_bytes(
            content if isinstance(content, bytes) else b"",
            _class=EmailMessage,
            policy=policy.default,
        )
        reference = str(mail.get(REFERENCE_HEADER, ""))
        body = mail.get_body(("plain",))
        text = f"{mail.get('Subject', '')} {body.get_content() if body is not None else ''}"
        address = fingerprint(envelope.rcpt_tos[0])
        if server.verdict.accepts:
            at, asked_at = self.oracle.now(), server.asked_at
            self.oracle.accept(
                Message("EMAIL", reference, fingerprint(text), address, worker, asked_at, at)
            )
        self.oracle.note(Exchange("EMAIL", reference, address, worker, server.verdict))


class _Session(SMTP):
    """One connection to the mail server."""

    def __init__(self, mail: MailServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(mail, hostname="localhost", ident="faults", loop=loop)
        self._mail = mail
        self.verdict = Verdict.OK
        self.asked_at: datetime = mail.oracle.now()
        self.closed = asyncio.Event()
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._mail.sessions.add(self)
        self.busy(True)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._mail.sessions.discard(self)
        self.busy(False)
        self.closed.set()
        super().connection_lost(error)

    def busy(self, now: bool) -> None:
        """From the first byte to the end of a mail; not while the connection only stays open."""
        if now != self._busy:
            self._mail.oracle.under_way += 1 if now else -1
            self._mail.oracle.tell()
        self._busy = now

    def drop(self) -> None:
        """The connection is gone, without a farewell."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def smtp_DATA(self, arg: str) -> None:
        if self.verdict in _DATA:
            self.busy(False)
            await self.push(_DATA[self.verdict])
            return
        await super().smtp_DATA(arg)


@asynccontextmanager
async def listening_mail(oracle: Oracle) -> AsyncIterator[MailServer]:
    """The mail server on a free port of the loopback."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    mail = MailServer(oracle)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Session(mail, loop), "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        mail.release()
        server.close()
        for session in list(mail.sessions):
            session.drop()
        await server.wait_closed()
