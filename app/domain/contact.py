"""Telephone numbers and e-mail addresses: the one form in which they are kept."""

import re
from typing import Final

MAX_EMAIL: Final = 254
_SEPARATORS: Final = re.compile(r"[ \u00a0().\-]")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


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
