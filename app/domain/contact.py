"""Telephone numbers, e-mail and web addresses: the one form in which they are kept."""

import re
from typing import Final
from urllib.parse import urlsplit

MAX_EMAIL: Final = 254
_SEPARATORS: Final = re.compile(r"[ \u00a0().\-]")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

_WEB: Final = re.compile(r"https?://[^\s<>\"\\^`{|}]+")


def phone_number(text: str) -> str | None:
    """Eight digits for a Danish number, `+` and digits for others; None when it is neither.

    Eight digits are a Danish number, whatever they begin with.

    >>> phone_number("00 14 17 62"), phone_number("+45 12 34 56 78"), phone_number("0046701234567")
    ('00141762', '12345678', '+46701234567')
    >>> phone_number("1234567"), phone_number("ring til mig")
    (None, None)
    """
    digits = _SEPARATORS.sub("", text.strip())
    if re.fullmatch(r"[0-9]{8}", digits):
        return digits
    international = re.fullmatch(r"(?:\+|00)([1-9][0-9]{7,14})", digits)
    if international is None:
        return None
    number = international[1]
    if number.startswith("45"):
        return number[2:] if len(number) == 10 else None
    return f"+{number}"


def email_address(text: str) -> str | None:
    """The address without surrounding spaces; None when it cannot be one.

    >>> email_address(" mads@borger.example "), email_address("mads@"), email_address("a b@c.dk")
    ('mads@borger.example', None, None)
    """
    address = text.strip()
    return address if len(address) <= MAX_EMAIL and _EMAIL.fullmatch(address) else None


def web_address(text: str) -> str | None:
    """The address of a page without surrounding spaces; None when it cannot be one.

    Letters of any language may stand in it; signs that cannot be seen, spaces and what RFC 3986
    leaves out may not.

    >>> web_address(" https://jobnet.dk/cv/1 "), web_address("https://x y"), web_address("ftp://x")
    ('https://jobnet.dk/cv/1', None, None)
    """
    address = text.strip()
    if not (address.isprintable() and _WEB.fullmatch(address)):
        return None
    try:
        return address if urlsplit(address).hostname else None
    except ValueError:
        return None
