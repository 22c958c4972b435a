"""The `Idempotency-Key` of a request (draft-ietf-httpapi-idempotency-key-header, 07)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from app.errors import BadUserInput
from app.schema.request import Caller

EXTENSION: Final = "idempotencyKey"
"""Where clients put it that cannot set a header: on a WebSocket, or in a browser's stream."""

_MOST: Final = 255
_PRINTABLE: Final = re.compile(r"[ -~]+")
_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_ESCAPED: Final = re.compile(r"\\(.)")


def key_of(caller: Caller, extensions: Mapping[str, Any] | None) -> str | None:
    """The key of a request, from its header or else its extensions; raises `BadUserInput`."""
    given: object = caller.idempotency_key
    if given is None:
        given = (extensions or {}).get(EXTENSION)
    return None if given is None else parse_key(given)


def parse_key(given: object) -> str:
    """The key that a client wrote: a structured-field string, or the bare text of one.

    Raises `BadUserInput` for what is not 1 to 255 printable ASCII characters.

    >>> parse_key('"8e03978e-40d5-43dd-bc93-6894a57f9324"')
    '8e03978e-40d5-43dd-bc93-6894a57f9324'
    >>> parse_key("8e03978e-40d5-43dd-bc93-6894a57f9324")
    '8e03978e-40d5-43dd-bc93-6894a57f9324'
    >>> print(parse_key(r'"a \\"b\\" \\\\ c"'))
    a "b" \\ c
    """
    text = given.strip(" ") if isinstance(given, str) else ""
    quoted = _QUOTED.fullmatch(text)
    if quoted:
        text = _ESCAPED.sub(r"\1", quoted[1])
    elif text.startswith('"'):
        text = ""
    if not _PRINTABLE.fullmatch(text) or len(text) > _MOST:
        raise BadUserInput(
            f"An idempotency key has 1 to {_MOST} printable ASCII characters.",
            ("extensions", EXTENSION),
        )
    return text
