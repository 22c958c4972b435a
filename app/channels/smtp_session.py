"""One open session with the mail server: many mails in turn, never two at a time.

A mail has two phases. Until the server has asked for the text (reply 354 to DATA) a lost connection
is harmless: certainly nothing was handed over. Once the text and its final dot have left, only a
reply tells what became of it: without one the mail is uncertain.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import aiosmtplib

from app.channels import smtp_reply
from app.channels.contract import Accepted, SendFailure, Uncertain

FAREWELL_SECONDS: Final = 1.0

_ERRORS = (aiosmtplib.SMTPException, OSError, ValueError)
# What ENVID takes as it stands (RFC 3461 section 4), and our references are made of.
_PLAIN_REFERENCE = re.compile(r"[A-Za-z0-9.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`sender` and `recipient` are ASCII; a bounce quotes `reference` back."""

    sender: str
    recipient: str = field(repr=False)
    reference: str


class Session:
    """Connected, greeted and logged in; made by `opened`."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client
        # False from the first command of a mail until a reply leaves nothing in doubt.
        self._sound = True
        # The server may still hold an envelope that RSET must clear.
        self._half_done = False
        self.mails = 0
        """How many were begun."""
        self.used_at = 0.0
        """When it was last given back, by the clock of the event loop."""

    @classmethod
    async def opened(cls, client: aiosmtplib.SMTP, deadline: float) -> "Session | SendFailure":
        """A new session, or why there is none; `deadline` by the clock of the event loop."""
        try:
            async with asyncio.timeout_at(deadline):
                await client.connect()
                await _hello(client)
        except _ERRORS as error:
            client.close()
            return smtp_reply.lost(error)
        except asyncio.CancelledError:
            client.close()
            raise
        return cls(client)

    @property
    def is_usable(self) -> bool:
        """Whether another mail may go this way."""
        return self._sound and self._client.is_connected

    async def submit(self, envelope: Envelope, mail: bytes, deadline: float) -> SendFailure | None:
        """Everything before the text, and the text itself; None when it has left.

        Otherwise nothing was handed over. A session that was used before and is not usable
        afterwards may itself have been what failed.
        """
        self._sound = False
        try:
            async with asyncio.timeout_at(deadline):
                failure = await self._ask(envelope)
            if failure is None:
                self._write(mail)
            else:
                self._sound = not failure.provider
        except _ERRORS as error:
            return smtp_reply.lost(error)
        return failure

    async def verdict(self, seconds: float) -> Accepted | SendFailure:
        """What the server says of the text, within so many seconds."""
        protocol = self._client.protocol
        if protocol is None:
            return Uncertain("smtp_no_verdict", provider=True)
        try:
            reply = await protocol.read_response(timeout=seconds)
        except _ERRORS:
            return Uncertain("smtp_no_verdict", provider=True)
        outcome = smtp_reply.verdict(reply.code, reply.message)
        self._half_done = isinstance(outcome, SendFailure)
        self._sound = not isinstance(outcome, SendFailure) or not outcome.provider
        return outcome

    async def end(self) -> None:
        """Say goodbye, for a second at most; what the server makes of that does not matter."""
        try:
            with suppress(*_ERRORS):
                await self._client.quit(timeout=FAREWELL_SECONDS)
        finally:
            self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self._sound = False
        self._client.close()

    async def _ask(self, envelope: Envelope) -> SendFailure | None:
        """None when the server now waits for the text."""
        client = self._client
        limit = client.timeout
        if self.mails and limit is not None:
            # A session that a firewall has forgotten answers nothing: leave time for another one.
            limit /= 2
        if self._half_done:
            await client.rset(timeout=limit)
        self.mails += 1
        self._half_done = True
        dsn = client.supports_extension("dsn")
        await client.mail(
            envelope.sender, options=_mail_options(envelope) if dsn else (), timeout=limit
        )
        try:
            await client.rcpt(envelope.recipient, options=("NOTIFY=FAILURE",) if dsn else ())
        except aiosmtplib.SMTPRecipientRefused as refused:
            return smtp_reply.refusal_of_mail(refused.code, refused.message)
        reply = await client.execute_command(b"DATA")
        if reply.code == smtp_reply.GO_ON:
            return None
        return smtp_reply.refusal_of_mail(reply.code, reply.message)

    def _write(self, mail: bytes) -> None:
        if self._client.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("lost before the text")
        self._client.protocol.write(_dot_stuffed(mail))


async def _hello(client: aiosmtplib.SMTP) -> None:
    """EHLO, so that the server's extensions are known; HELO for one that has none."""
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


def _mail_options(envelope: Envelope) -> tuple[str, ...]:
    """A bounce shall quote our reference and the headers, and not the text."""
    if not _PLAIN_REFERENCE.fullmatch(envelope.reference):
        return ("RET=HDRS",)
    return ("RET=HDRS", f"ENVID={envelope.reference}")


def _dot_stuffed(mail: bytes) -> bytes:
    """The text as DATA wants it (RFC 5321 section 4.5.2), with the dot that ends it."""
    return re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n"
