"""What a refusal in SMTP means: whose trouble it is, and whether another attempt makes sense.

A refusal in greeting, TLS, login or MAIL FROM would meet any mail: it is the server's trouble, kept
for another attempt, and the operator's affair when it is permanent. A refusal of RCPT or of the
text is judged by its codes; the server's words are never read for it, and never kept.

Codes: RFC 5321 section 4.2; the enhanced status in front of the words: RFC 3463.
"""

import re
import ssl
from typing import Final

import aiosmtplib

from app.channels.contract import Accepted, SendFailure, TryAgain, Uncertain, Undeliverable

GO_ON: Final = 354
CLOSING: Final = 421

_STATUS = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?=\s|$)")
_QUEUED_AS = re.compile(r"queued as ([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_STORAGE: Final = 452
_OVER_QUOTA: Final = 552
# Unknown command, bad sequence, login or encryption demanded: no recipient's doing.
_OUR_AFFAIR = frozenset({500, 502, 503, 504, 523, 530, 534, 535, 538})


def refusal_of_session(code: int, words: str) -> SendFailure:
    """A refusal that any mail would meet."""
    if not _is_refusal(code):
        return TryAgain("smtp_unreadable_reply", provider=True)
    return TryAgain(_reason(code, words), operator=code >= 500, provider=True)


def refusal_of_mail(code: int, words: str) -> SendFailure:
    """A refusal of the recipient, or of the text.

    A full mailbox can be emptied, so it is tried again though the server calls it permanent; 552
    says nothing else about a mail of two kilobytes, unless its status does.
    """
    if not _is_refusal(code) or code in _OUR_AFFAIR or code == CLOSING:
        return refusal_of_session(code, words)
    status = _status(code, words)
    reason = _reason(code, words)
    if status[1:] == ("2", "2") or (code == _OVER_QUOTA and not status):
        return TryAgain(reason)
    if code >= 500:
        return Undeliverable(reason)
    # The mail system itself: out of storage, out of service, overloaded.
    system = status[1] == "3" if status else code == _STORAGE
    return TryAgain(reason, provider=system)


def verdict(code: int, words: str) -> Accepted | SendFailure:
    """The reply to the text and its final dot; whatever is no verdict leaves it uncertain."""
    if code == 250:
        queued = _QUEUED_AS.search(words)
        return Accepted(queued[1] if queued else None)
    if _is_refusal(code):
        return refusal_of_mail(code, words)
    return Uncertain("smtp_unreadable_verdict", provider=True)


def lost(error: Exception) -> SendFailure:
    """What an exception before the text means; nothing was handed over."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return refusal_of_session(error.code, error.message)
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return TryAgain("smtp_unreachable", operator=True, provider=True)
    if isinstance(error, ssl.SSLCertVerificationError) or not isinstance(error, OSError):
        # TLS or login is demanded and not offered, or the certificate is not trusted.
        return TryAgain("smtp_settings", operator=True, provider=True)
    return TryAgain("smtp_unreachable", provider=True)


def _is_refusal(code: int) -> bool:
    return 400 <= code < 600


def _status(code: int, words: str) -> tuple[str, ...]:
    """The enhanced status as class, subject and detail; empty when there is none that fits."""
    found = _STATUS.match(words)
    return found.groups() if found and found[1] == str(code)[0] else ()


def _reason(code: int, words: str) -> str:
    """The short code of a refusal.

    >>> _reason(550, "5.1.1 <anna@example.dk>: unknown"), _reason(450, "anna@example.dk: later")
    ('smtp_550_5_1_1', 'smtp_450')
    """
    return "_".join(("smtp", str(code), *_status(code, words)))
