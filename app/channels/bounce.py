"""Bounces: what a mail server tells later of a mail that had been accepted.

A report (RFC 3464) is itself a mail, to the address that notices are sent from. Who fetches it is
left open: a job that reads that mailbox hands each raw mail to `read_bounce`; the webhook of a
provider that speaks JSON makes the `Bounce` itself. Where there is a reference, the ledger hears of
it through `app.store.receipts`:

    note_receipt(connection, reference=bounce.reference, provider="email",
                 status=bounce.action.name, verdict=bounce.verdict, code=bounce.status,
                 at=None, now=now)

`at` is None unless a webhook tells a time: then a report that is read twice is noted once. By the
Message-ID, where there is no reference, the delivery can be found but not its attempt.

A report is not signed. Whoever forges one must know the reference, which only the recipient and the
servers on the way have seen, and can change what is known of that one mail.

Nothing here keeps an address or a server's words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from enum import StrEnum
from typing import Final

from app.channels.mail import REFERENCE_HEADER
from app.store.receipts import Verdict

MAX_REPORT_BYTES: Final = 256 * 1024
# The parser's time grows with lines times nesting, and with the square of the semicolons of one
# header: 200 KB of them take it half a minute. A report needs little of any of these.
MAX_REPORT_LINES: Final = 8000
MAX_REPORT_NESTING: Final = 20
MAX_REPORT_SEMICOLONS: Final = 5000

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID_LENGTH: Final = 36
_REFERENCE = re.compile(rf"{_UUID}\.[0-9]{{1,5}}")
_MESSAGE_ID = re.compile(rf"<{_UUID}@[A-Za-z0-9.-]{{1,253}}>")
_NESTING = re.compile(rb"(?:multipart|message)/", re.IGNORECASE)
# A comment in brackets may follow either.
_STATUS = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![^\s(])")
_ACTION = re.compile(r"([A-Za-z]{1,20})(?![^\s(])")


class Action(StrEnum):
    """What was done with the mail, from the best news to the worst."""

    DELIVERED = "delivered"
    EXPANDED = "expanded"
    """Delivered, and passed on from there to several others."""
    RELAYED = "relayed"
    """Passed on to where no reports are made."""
    DELAYED = "delayed"
    """Not delivered yet; the server goes on trying."""
    FAILED = "failed"
    """Not delivered, and the server has given up."""


_CLASSES: Final = {Action.FAILED: "45", Action.DELAYED: "4"}
_ORDER: Final = tuple(Action)


@dataclass(frozen=True, slots=True)
class Bounce:
    """`reference` is that of the message, `message_id` is ours, with its angle brackets.

    `status` is the enhanced status code of RFC 3463, for example `5.1.1`.
    """

    reference: str | None
    message_id: str | None
    action: Action
    status: str

    @property
    def permanent(self) -> bool:
        """Whether the address or the mail was refused, so that another mail would fare no better.

        False for a mail that failed because the server had tried for long enough (4.4.7).
        """
        return self.action is Action.FAILED and self.status.startswith("5")

    @property
    def verdict(self) -> Verdict:
        """What the ledger makes of it."""
        match self.action:
            case Action.DELIVERED | Action.EXPANDED:
                return Verdict.DELIVERED
            case Action.RELAYED | Action.DELAYED:
                return Verdict.ACCEPTED
            case Action.FAILED:
                return Verdict.FAILED if self.permanent else Verdict.EXPIRED


def read_bounce(raw: bytes) -> Bounce | None:
    """The report in a raw mail; None for any other mail, and for what contradicts itself.

    Raises nothing, whatever the bytes are.
    """
    if _is_too_much(raw):
        return None
    try:
        return _read(BytesParser().parsebytes(raw))
    except Exception:  # the parser has no list of what it raises on hostile input
        return None


def _is_too_much(raw: bytes) -> bool:
    return (
        len(raw) > MAX_REPORT_BYTES
        or len(raw.splitlines()) > MAX_REPORT_LINES
        or raw.count(b";") > MAX_REPORT_SEMICOLONS
        or len(_NESTING.findall(raw)) > MAX_REPORT_NESTING
    )


def _read(mail: Message) -> Bounce | None:
    if mail.get_content_type() != "multipart/report":
        return None
    parts = _children(mail)
    fields = [block for part in parts for block in _delivery_status(part)]
    verdict = min(
        (found for block in fields if (found := _verdict(block)) is not None),
        key=lambda found: _ORDER.index(found[0]),
        default=None,
    )
    if verdict is None:
        return None
    returned = [headers for part in parts if (headers := _returned_headers(part)) is not None]
    # Two numbers of one message, or two messages, are one report too many.
    references = {
        *_values(fields, "Original-Envelope-Id", _REFERENCE),
        *_values(returned, REFERENCE_HEADER, _REFERENCE),
    }
    message_ids = set(_values(returned, "Message-ID", _MESSAGE_ID))
    if (
        len(references) > 1
        or len({found.strip("<")[:_UUID_LENGTH] for found in references | message_ids}) > 1
    ):
        return None
    return Bounce(min(references, default=None), min(message_ids, default=None), *verdict)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [child for child in payload if isinstance(child, Message)]


def _delivery_status(part: Message) -> list[Message]:
    """The blocks of fields: one about the mail, one for each recipient."""
    return _children(part) if part.get_content_type() == "message/delivery-status" else []


def _verdict(block: Message) -> tuple[Action, str] | None:
    """Action and status of one recipient, where both are there and fit together."""
    action = _ACTION.match(_text(block, "Action"))
    status = _STATUS.match(_text(block, "Status"))
    if action is None or status is None or action[1].lower() not in _ORDER:
        return None
    told = Action(action[1].lower())
    return (told, status[1]) if status[1][0] in _CLASSES.get(told, "2") else None


def _returned_headers(part: Message) -> Message | None:
    """The headers of the mail that the report is about, whether or not its text came along."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return next(iter(_children(part)), None)
    if kind == "text/rfc822-headers":
        decoded = part.get_payload(decode=True)
        return BytesHeaderParser().parsebytes(decoded) if isinstance(decoded, bytes) else None
    return None


def _values(blocks: list[Message], name: str, form: re.Pattern[str]) -> Iterator[str]:
    """The values of a field that have the form, and no others."""
    for block in blocks:
        for value in block.get_all(name, []):
            if form.fullmatch(stripped := str(value).strip()):
                yield stripped


def _text(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()
