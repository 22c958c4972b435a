"""E-mail by SMTP: plain text, one recipient, the same Message-ID in every attempt.

The exchange has two phases. Until the server has asked for the text (reply 354 to DATA) a lost
connection is harmless: `TryAgain`. Once the text and its final dot have left, only a reply tells
what became of it: without one the message is `Uncertain`.

A refusal that any mail would meet (greeting, TLS, login, sender) is the operator's affair, not the
recipient's, and is kept for another attempt.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, localtime
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib

from app.channels.contract import (
    Accepted,
    Message,
    SendFailure,
    TryAgain,
    Uncertain,
    Undeliverable,
    encodable,
)

REFERENCE_HEADER = "X-Minplan-Reference"

_START_TLS: dict[str, bool | None] = {"true": True, "false": False, "auto": None}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MAILBOX = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?P<domain>[^\s@<>\"(),:;\\\[\]]+)"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,900}")
_QUEUED_AS = re.compile(r"queued as ([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. `start_tls` None means: when the server offers it."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    start_tls: bool | None

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Read `smtp://user:pass@host:port?starttls=true|false|auto` or `smtps://...`.

        `smtps` is TLS from the first byte (port 465). `smtp` upgrades (port 587) and refuses to go
        on without, unless `starttls` says otherwise; on loopback the default is no TLS (port 25).
        User and password are percent-encoded. Raises ValueError, which does not repeat the URL.
        """
        split = urlsplit(url)
        port = re.search(r":([0-9]{1,5})$", split.netloc)
        has_port = ":" in split.netloc.rpartition("@")[2].rpartition("]")[2]
        if split.scheme not in {"smtp", "smtps"} or not split.hostname or has_port != bool(port):
            raise ValueError("the SMTP address must be smtp://host:port or smtps://host:port")
        tls = split.scheme == "smtps"
        local = split.hostname in _LOOPBACK
        choice = dict(parse_qsl(split.query)).get("starttls", "false" if tls or local else "true")
        if choice not in _START_TLS or (tls and choice != "false"):
            raise ValueError("starttls must be true, false or auto, and only with smtp://")
        default_port = 465 if tls else 25 if local else 587
        return cls(
            host=split.hostname,
            port=int(port[1]) if port else default_port,
            username=unquote(split.username) if split.username else None,
            password=unquote(split.password) if split.password else None,
            tls=tls,
            start_tls=_START_TLS[choice],
        )

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"


class EmailChannel:
    """Sends notices as e-mail; see `app.channels.contract.Channel`."""

    def __init__(
        self,
        *,
        smtp_url: str,
        sender: str,
        sender_name: str = "Jobnet",
        unsubscribe_url: str = "https://job.jobnet.dk/",
        connect_timeout: float = 10.0,
        reply_timeout: float = 30.0,
    ) -> None:
        """`sender` is a bare address; its domain also makes the Message-IDs.

        `unsubscribe_url` is where the citizen turns the service off. Seconds: `connect_timeout`
        bounds everything before the text is sent, `reply_timeout` the wait for the verdict on it.
        Raises ValueError for an unusable URL or sender.
        """
        self._server = SmtpServer.from_url(smtp_url)
        address = mailbox(sender)
        if address is None:
            raise ValueError("the sender must be a plain e-mail address")
        self._sender = address
        self._domain = address.rpartition("@")[2]
        self._from = Address(display_name=_one_line(sender_name), addr_spec=address)
        if not _WEB_ADDRESS.fullmatch(unsubscribe_url):
            raise ValueError("the address for unsubscribing must be https://...")
        self._unsubscribe_url = unsubscribe_url
        self._connect_timeout = connect_timeout
        self._reply_timeout = reply_timeout

    async def send(self, message: Message) -> Accepted:
        """Hand one e-mail to the server; `Accepted.provider_id` is its queue number if it told one.

        Raises TryAgain, Undeliverable or Uncertain, and nothing else.
        """
        recipient = mailbox(message.address)
        if recipient is None:
            raise Undeliverable("not_an_email_address")
        if not encodable(message.subject or "", message.body, message.reference):
            raise Undeliverable("unsendable_text")
        outcome = await self._exchange(recipient, self._compose(message, recipient))
        # Raised here, outside every handler: the SMTP library's exceptions carry the recipient and
        # the server's words, and must not hang on to the failure as its context.
        if isinstance(outcome, SendFailure):
            raise outcome
        return outcome

    def _compose(self, message: Message, recipient: str) -> bytes:
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = self._from
        mail["Subject"] = _one_line(message.subject or "")
        mail["Date"] = format_datetime(localtime())
        mail["Auto-Submitted"] = "auto-generated"
        mail[REFERENCE_HEADER] = _one_line(message.reference)
        mail.set_content(message.body, charset="utf-8", cte="quoted-printable")
        # The library would write long values of these as encoded words, which none of them allows.
        # All are known to be plain ASCII without spaces.
        own = (
            f"To: <{recipient}>\r\n"
            f"Message-ID: <{message.delivery_id}@{self._domain}>\r\n"
            f"List-Unsubscribe: <{self._unsubscribe_url}>\r\n"
        )
        return own.encode("ascii") + mail.as_bytes()

    async def _exchange(self, recipient: str, mail: bytes) -> Accepted | SendFailure:
        client = self._client()
        try:
            failure = await self._ask(client, recipient)
            if failure is not None:
                return failure
            outcome = await self._hand_over(client, mail)
            if isinstance(outcome, Accepted):
                # The mail is theirs already: nothing that happens to the farewell matters.
                with suppress(aiosmtplib.SMTPException, OSError, ValueError):
                    await client.quit(timeout=1.0)
            return outcome
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.start_tls,
            local_hostname=self._domain,
            timeout=self._connect_timeout,
        )

    async def _ask(self, client: aiosmtplib.SMTP, recipient: str) -> SendFailure | None:
        """Everything before the text; None when the server now waits for it."""
        try:
            async with asyncio.timeout(self._connect_timeout):
                await client.connect()
                await client.mail(self._sender)
                await client.rcpt(recipient)
                reply = await client.execute_command(b"DATA")
        except aiosmtplib.SMTPRecipientRefused as refused:
            return _refused(refused.code)
        except aiosmtplib.SMTPResponseException as refused:
            return TryAgain(f"smtp_{refused.code}", operator=500 <= refused.code < 600)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPConnectError) as error:
            distrusted = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            return TryAgain("smtp_unreachable", operator=distrusted)
        except TimeoutError:
            return TryAgain("smtp_unreachable")
        except (aiosmtplib.SMTPException, ValueError):
            # TLS or login is demanded and not offered, or the certificate is not trusted.
            return TryAgain("smtp_settings", operator=True)
        except OSError:
            return TryAgain("smtp_unreachable")
        return None if reply.code == 354 else _refused(reply.code)

    async def _hand_over(self, client: aiosmtplib.SMTP, mail: bytes) -> Accepted | SendFailure:
        """The text, its final dot, and the verdict."""
        protocol = client.protocol
        if protocol is None:
            return TryAgain("smtp_unreachable")
        try:
            protocol.write(_dot_stuffed(mail))
        except aiosmtplib.SMTPException:
            return TryAgain("smtp_unreachable")
        try:
            reply = await protocol.read_response(timeout=self._reply_timeout)
        except (aiosmtplib.SMTPException, OSError):
            return Uncertain("smtp_no_verdict")
        if reply.code == 250:
            queued = _QUEUED_AS.search(reply.message)
            return Accepted(queued[1] if queued else None)
        if 400 <= reply.code < 600:
            return _refused(reply.code)
        return Uncertain("smtp_unreadable_verdict")


def mailbox(address: str) -> str | None:
    """The address in the form that goes over the wire, or None when it cannot.

    The part before the @ must be ASCII; a domain with other letters is written in its IDNA form.

    >>> mailbox("a.b@example.dk"), mailbox("a@smørrebrød.example"), mailbox("a@b.dk\\nBcc: c@d.dk")
    ('a.b@example.dk', 'a@xn--smrrebrd-64af.example', None)
    """
    found = _MAILBOX.fullmatch(address.strip(" "))
    if found is None or len(found["local"]) > 64:
        return None
    try:
        domain = found["domain"].encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return f"{found['local']}@{domain}" if _HOST.fullmatch(domain) else None


def _refused(code: int) -> SendFailure:
    """A negative reply that concerns this recipient or this text."""
    return Undeliverable(f"smtp_{code}") if 500 <= code < 600 else TryAgain(f"smtp_{code}")


def _one_line(value: str) -> str:
    """A value that can stand in a header: no line break or other control character."""
    return _UNPRINTABLE.sub(" ", value).strip()


def _dot_stuffed(mail: bytes) -> bytes:
    """The text as DATA wants it (RFC 5321 section 4.5.2), with the dot that ends it."""
    return re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n"
