"""E-mail by SMTP, over sessions that stay open from one mail to the next.

What may fail, and what is then known, is in `smtp_session` (before or after the text) and
`smtp_reply` (whose trouble a refusal is).
"""

import asyncio

from app.channels.contract import (
    Accepted,
    Message,
    SendFailure,
    TryAgain,
    Undeliverable,
    encodable,
)
from app.channels.mail import Letterhead, mailbox
from app.channels.smtp_pool import SmtpPool
from app.channels.smtp_server import SmtpServer
from app.channels.smtp_session import Envelope


class EmailChannel:
    """Sends notices as e-mail; see `app.channels.contract.Channel`. The caller closes it."""

    def __init__(
        self,
        *,
        smtp_url: str,
        sender: str,
        sender_name: str = "Jobnet",
        unsubscribe_url: str = "https://job.jobnet.dk/",
        connect_timeout: float = 10.0,
        reply_timeout: float = 30.0,
        sessions: int = 20,
        idle_seconds: float = 5.0,
    ) -> None:
        """`sender` is a bare address, where bounces go; its domain also makes the Message-IDs.

        `unsubscribe_url` is where the citizen turns the service off. At most `sessions` mails are
        under way at once. Seconds: `connect_timeout` bounds everything before the text is sent,
        `reply_timeout` the wait for the verdict on it, `idle_seconds` how long an unused session
        stays open. Raises ValueError for an unusable URL or sender.
        """
        self._letterhead = Letterhead(
            sender=sender, sender_name=sender_name, unsubscribe_url=unsubscribe_url
        )
        self._pool = SmtpPool(
            SmtpServer.from_url(smtp_url),
            hello=self._letterhead.domain,
            timeout=connect_timeout,
            sessions=sessions,
            idle_seconds=idle_seconds,
        )
        self._connect_timeout = connect_timeout
        self._reply_timeout = reply_timeout

    async def send(self, message: Message) -> Accepted:
        """Hand one e-mail to the server; `Accepted.provider_id` is its queue number if it told one.

        Raises TryAgain, Undeliverable or Uncertain, and nothing else.
        """
        recipient = mailbox(message.address)
        if recipient is None:
            raise Undeliverable("not_an_email_address", asked=False)
        if not encodable(message.subject or "", message.body, message.reference):
            raise Undeliverable("unsendable_text", asked=False)
        envelope = Envelope(self._letterhead.sender, recipient, message.reference)
        outcome = await self._in_turn(envelope, self._letterhead.compose(message, recipient))
        # Raised here, outside every handler: the SMTP library's exceptions carry the recipient and
        # the server's words, and must not hang on to the failure as its context.
        if isinstance(outcome, SendFailure):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        """End all sessions, in a second or so; nothing is sent any more."""
        await self._pool.aclose()

    async def _in_turn(self, envelope: Envelope, mail: bytes) -> Accepted | SendFailure:
        """Exchange once one of the places is free."""
        deadline = asyncio.get_running_loop().time() + self._connect_timeout
        try:
            async with asyncio.timeout_at(deadline):
                await self._pool.places.acquire()
        except TimeoutError:
            return TryAgain("smtp_busy", asked=False)
        try:
            if self._pool.is_closed:
                return TryAgain("shutting_down", asked=False)
            return await self._exchange(envelope, mail, deadline)
        finally:
            self._pool.places.release()

    async def _exchange(
        self, envelope: Envelope, mail: bytes, deadline: float
    ) -> Accepted | SendFailure:
        with self._pool.used() as session:
            if session is not None:
                failure = await session.submit(envelope, mail, deadline)
                if failure is None:
                    return await session.verdict(self._reply_timeout)
                if session.is_usable:
                    return failure
        # None was open, or it had died meanwhile, before the text had left: once, by a fresh one.
        async with self._pool.fresh(deadline) as opened:
            if isinstance(opened, SendFailure):
                return opened
            failure = await opened.submit(envelope, mail, deadline)
            return await opened.verdict(self._reply_timeout) if failure is None else failure
