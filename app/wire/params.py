"""The parameters of a request, from JSON or from a URL (GraphQL over HTTP, "Request")."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from app.errors import BadUserInput
from app.schema.request import OperationRequest

_TEXTS: Final = ("query", "operationName", "documentId")
_OBJECTS: Final = ("variables", "extensions")
_KNOWN: Final = frozenset(_TEXTS + _OBJECTS)
_MAX_PARAMETERS: Final = 20


class BadRequest(BadUserInput):
    """What arrived is no GraphQL request; `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 400, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def read_json(body: bytes) -> Any:
    """The JSON value of a body; raises BadRequest for what is not JSON in UTF-8."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not valid JSON in UTF-8.") from None


def read_params(value: object) -> OperationRequest:
    """The request in a JSON object; members of other names are left alone, as the norm says.

    >>> read_params({"query": "{ viewer { role } }"}).query
    '{ viewer { role } }'
    """
    if not isinstance(value, dict):
        raise BadRequest("The request must be a JSON object.")
    for name in _TEXTS:
        if not isinstance(value.get(name), str | None):
            raise BadRequest(f"`{name}` must be a text.")
    for name in _OBJECTS:
        if not isinstance(value.get(name), dict | None):
            raise BadRequest(f"`{name}` must be an object.")
    request = OperationRequest(
        value.get("query"),
        value.get("operationName"),
        value.get("variables"),
        value.get("extensions"),
        value.get("documentId"),
    )
    if request.query is None and request.document_id is None and not request.extensions:
        raise BadRequest("`query` is missing.")
    return request


def read_url(query_string: bytes) -> OperationRequest:
    """The request in the query of a URL: texts as they are, objects as JSON.

    >>> read_url(b"query=%7Ba%7D&variables=%7B%22n%22%3A1%7D").variables
    {'n': 1}
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_PARAMETERS,
        )
    except ValueError:
        raise BadRequest("The URL's parameters cannot be read.") from None
    given = _once(pairs)
    for name in _OBJECTS:
        if name in given:
            given[name] = read_json(given[name].encode()) if given[name] else None
    # an operation cannot have an empty name: forms leave the field empty instead of out
    given["operationName"] = given.get("operationName") or None
    return read_params(given)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given and name in _KNOWN:
            raise BadRequest(f"`{name}` stands twice in the URL.")
        given[name] = value
    return given
