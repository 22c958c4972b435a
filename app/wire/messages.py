"""What a client sends by graphql-transport-ws, and the codes its socket may be closed with."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

BAD: Final = 4400
UNAUTHORIZED: Final = 4401
FORBIDDEN: Final = 4403
NO_PROTOCOL: Final = 4406
INIT_TIMEOUT: Final = 4408
EXISTS: Final = 4409
TOO_MANY_INITS: Final = 4429
GOING_AWAY: Final = 1001
INTERNAL: Final = 1011
TRY_LATER: Final = 1013

_ID_LENGTH: Final = 255


class Closing(Exception):
    """The socket is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_message(received: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The JSON object of a frame; most: bytes. Raises Closing."""
    text = received.get("text")
    if text is None:
        raise Closing(BAD, "A message is a text frame.")
    # a character is a byte at least: what has too many is too large without being counted
    if len(text) > most or (len(text) * 4 > most and len(text.encode()) > most):
        raise Closing(BAD, f"A message has at most {most} bytes.")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closing(BAD, "A message is JSON.") from None
    if not isinstance(message, dict):
        raise Closing(BAD, "A message is a JSON object.")
    return message


def authorization_in(payload: Mapping[str, Any]) -> object:
    """What `connection_init` gives as authorization, in the spellings clients use; None: nothing.

    >>> authorization_in({"headers": {"Authorization": "Bearer x"}})
    'Bearer x'
    """
    headers = payload.get("headers")
    for place in (payload, headers if isinstance(headers, dict) else {}):
        for name in ("authorization", "Authorization"):
            if place.get(name) is not None:
                return place[name]
    return None


def id_of(message: Mapping[str, Any]) -> str:
    """The id of the operation that a message is about; raises Closing."""
    operation_id = message.get("id")
    if not isinstance(operation_id, str) or not 0 < len(operation_id) <= _ID_LENGTH:
        raise Closing(BAD, f"The message's `id` is a text of 1 to {_ID_LENGTH} characters.")
    return operation_id


def payload_of(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payload of a message that need not have one; raises Closing."""
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Closing(BAD, "The message's `payload` is an object.")
    return payload


def pong_to(message: Mapping[str, Any]) -> bytes:
    """The answer to a ping, with the same payload; raises Closing."""
    payload = payload_of(message)
    answer = {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:  # it writes what is less deep than what it reads
        raise Closing(BAD, "The message's `payload` is nested too deeply.") from None
