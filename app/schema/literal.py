"""The value of a string as it is written in a document: escapes read, block strings dedented."""

import re
from typing import Final

from graphql.language.block_string import dedent_block_string_lines

_ESCAPE: Final = re.compile(
    r"""\\(?:
        (?P<plain>["\\/bfnrt])
      | u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})
      | u(?P<four>[0-9A-Fa-f]{4})
      | u\{(?P<braced>[0-9A-Fa-f]{1,8})\}
      | )""",
    re.VERBOSE,
)
_PLAIN: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NEW_LINE: Final = re.compile(r"\r\n|[\n\r]")


def string_value(word: str) -> str:
    r"""What a string lexeme stands for. Raises ValueError for an escape that means nothing.

    >>> string_value(r'"\u00e6ble \u{1F34E}"')
    'æble 🍎'
    """
    if word.startswith('"""'):
        lines = _NEW_LINE.split(word[3:-3].replace('\\"""', '"""'))
        return "\n".join(dedent_block_string_lines(lines))
    return _ESCAPE.sub(_meant, word[1:-1]) if "\\" in word else word[1:-1]


def _meant(escape: re.Match[str]) -> str:
    plain = escape["plain"]
    if plain:
        return _PLAIN.get(plain, plain)
    if escape["high"]:
        high, low = int(escape["high"], 16), int(escape["low"], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    digits = escape["four"] or escape["braced"]
    if not digits or 0xD800 <= int(digits, 16) <= 0xDFFF:
        raise ValueError("an escape that means nothing")
    return chr(int(digits, 16))  # ValueError beyond the last character there is
