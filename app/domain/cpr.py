"""Civil registration numbers (CPR): form and birth date, pure.

Ten digits `DDMMYYSSSS`; the seventh digit carries the century. Modulus 11 is not checked: numbers
that fail it have been issued since 1 October 2007. No exception names the number.
"""

import re
from datetime import date
from typing import Final

from stdnum.dk import cpr as register
from stdnum.exceptions import ValidationError

_WRITTEN: Final = re.compile(r"\s*([0-9]{6})[- ]?([0-9]{4})\s*")


class InvalidCpr(ValueError):
    """The text is not a civil registration number; the text itself is never repeated."""

    def __init__(self) -> None:
        super().__init__("not a civil registration number")


def normalise(text: str) -> str:
    """The ten digits of a number written with or without a hyphen; raises `InvalidCpr`.

    Only the form is checked here; `is_valid` also asks for a real birth date.

    >>> normalise(" 010190-1234 ")
    '0101901234'
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise InvalidCpr
    return "".join(written.groups())


def birth_date(text: str) -> date:
    """The birth date in the number, century by the seventh digit; raises `InvalidCpr`.

    0-3: 1900s. 4 and 9: 1900s from year 37, else 2000s. 5-8: 2000s up to year 57, else 1800s.

    >>> birth_date("010136-4000"), birth_date("010137-4000")
    (datetime.date(2036, 1, 1), datetime.date(1937, 1, 1))
    >>> birth_date("010157-5000"), birth_date("010158-5000")
    (datetime.date(2057, 1, 1), datetime.date(1858, 1, 1))
    """
    digits = normalise(text)
    try:
        return register.get_birth_date(digits)
    except ValidationError:
        raise InvalidCpr from None


def is_valid(text: str) -> bool:
    """Whether the text is ten digits with a real birth date.

    A birth date in the future passes: compare `birth_date` with today where that matters.

    >>> is_valid("290200-4000"), is_valid("290201-4000"), is_valid("2902004000x")
    (True, False, False)
    """
    try:
        birth_date(text)
    except InvalidCpr:
        return False
    return True
