"""The mail itself: one recipient, plain text, the same Message-ID in every attempt.

There is no `List-Unsubscribe-Post`: it promises that one POST to an https address ends the service
without a login (RFC 8058), and the citizen turns it off where the other contact data are.
"""

import re
from binascii import b2a_qp
from email.headerregistry import Address
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, localtime
from functools import lru_cache, partial

from app.channels.contract import Message

REFERENCE_HEADER = "X-Minplan-Reference"

_MAILBOX = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?P<domain>[^\s@<>\"(),:;\\\[\]]+)"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,900}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Letterhead:
    """What all mails of one sender have in common."""

    def __init__(self, *, sender: str, sender_name: str, unsubscribe_url: str) -> None:
        """`sender` is a bare address; its domain also makes the Message-IDs.

        Raises ValueError for an unusable sender or URL.
        """
        address = mailbox(sender)
        if address is None:
            raise ValueError("the sender must be a plain e-mail address")
        if not _WEB_ADDRESS.fullmatch(unsubscribe_url):
            raise ValueError("the address for unsubscribing must be https://...")
        self.sender = address
        self.domain = address.rpartition("@")[2]
        written = Address(display_name=_one_line(sender_name), addr_spec=address)
        self._constant = (
            _header("From", str(written))
            + f"List-Unsubscribe: <{unsubscribe_url}>\r\n"
            + "Auto-Submitted: auto-generated\r\n"
            + "MIME-Version: 1.0\r\n"
            + 'Content-Type: text/plain; charset="utf-8"\r\n'
            + "Content-Transfer-Encoding: quoted-printable\r\n"
        )

    def compose(self, message: Message, recipient: str) -> bytes:
        """The mail with its headers, lines ended by CR LF; `recipient` comes from `mailbox`.

        Raises UnicodeEncodeError for a lone surrogate.
        """
        # To and Message-ID may not hold encoded words, which the library makes of long values. Both
        # are known to be plain ASCII without spaces. An EmailMessage of its own for each mail would
        # take three times as long as all the rest of sending it.
        head = (
            f"To: <{recipient}>\r\n"
            f"Message-ID: <{message.delivery_id}@{self.domain}>\r\n"
            f"Date: {format_datetime(localtime())}\r\n"
            + _subject(_one_line(message.subject or ""))
            + _header(REFERENCE_HEADER, _one_line(message.reference))
            + self._constant
        )
        lines = message.body.encode("utf-8").splitlines()
        body = b"".join(line + b"\r\n" for line in lines)
        return head.encode("ascii") + b"\r\n" + b2a_qp(body, istext=True)


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


def _one_line(value: str) -> str:
    """A value that can stand in a header: no line break or other control character."""
    return _UNPRINTABLE.sub(" ", value).strip()


def _header(name: str, value: str) -> str:
    """A header with its line end, folded and, where it is not ASCII, as encoded words."""
    _, header = SMTP_POLICY.header_store_parse(name, value)
    folded: str = SMTP_POLICY.fold(name, header)
    return folded


# The same few subjects stand over all mails.
_subject = lru_cache(maxsize=128)(partial(_header, "Subject"))
