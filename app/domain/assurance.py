"""How surely a login proves who its bearer is: the levels of NSIS, the Danish standard.

Brokers write a level as its name, as the concept's URI with or without `loa/` in it, or, in the
older profile OIOSAML 2, as a number.
"""

from enum import IntEnum
from typing import Final

ASSURANCE_URI: Final = "https://data.gov.dk/concept/core/nsis/loa/"
_OTHER_URI: Final = "https://data.gov.dk/concept/core/nsis/"


class Assurance(IntEnum):
    """A level of assurance; a higher one does for a lower."""

    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3

    @property
    def uri(self) -> str:
        """As a broker is asked for it (`acr_values`)."""
        return ASSURANCE_URI + self.name.capitalize()


_WRITTEN: Final = {
    prefix + one.name.capitalize(): one
    for one in Assurance
    for prefix in ("", ASSURANCE_URI, _OTHER_URI)
} | {"2": Assurance.LOW, "3": Assurance.SUBSTANTIAL, "4": Assurance.HIGH}


def assurance_of(written: object) -> Assurance | None:
    """The level a claim tells; None for anything that is no level.

    >>> assurance_of("https://data.gov.dk/concept/core/nsis/loa/Substantial")
    <Assurance.SUBSTANTIAL: 2>
    >>> assurance_of("https://data.gov.dk/concept/core/nsis/High") > assurance_of("3")
    True
    >>> assurance_of("substantial"), assurance_of("1"), assurance_of(None), assurance_of(["High"])
    (None, None, None, None)
    """
    return _WRITTEN.get(written) if isinstance(written, str) else None
