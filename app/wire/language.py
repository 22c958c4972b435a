"""The language a client prefers to read (RFC 9110, 12.5.4), of the two that there are."""

import re
from typing import Final

from app.schema.request import Language

_RANGE: Final = re.compile(
    r"(?P<tag>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)"
    r"(?:[ \t]*;[ \t]*q=(?P<weight>[01](?:\.[0-9]{0,3})?))?",
    re.IGNORECASE | re.ASCII,
)
_MOST_CHARACTERS: Final = 500
_BY_PRIMARY: Final[dict[str, Language]] = {"da": "da", "en": "en"}


def preferred_language(header: str | None) -> Language | None:
    """The one of Danish and English with the higher weight, the first of two with the same.

    None where the client asks for neither, or says nothing that can be read. `*` stands for what
    is not named: it prefers nothing.

    >>> preferred_language("en-GB,en;q=0.9,da;q=0.8")
    'en'
    >>> preferred_language("sv, da;q=0.7, en;q=0.3")
    'da'
    >>> preferred_language("de, *;q=0.5"), preferred_language("en;q=0"), preferred_language(None)
    (None, None, None)
    """
    if header is None or len(header) > _MOST_CHARACTERS:
        return None
    best: Language | None = None
    most = 0.0
    for part in header.split(","):
        found = _RANGE.fullmatch(part.strip(" \t"))
        if found is None:
            continue
        language = _BY_PRIMARY.get(found["tag"].split("-")[0].lower())
        weight = min(float(found["weight"] or 1), 1.0)
        if language is not None and weight > most:
            best, most = language, weight
    return best
