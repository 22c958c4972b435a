"""What the headers of a request say, read once."""

from typing import Final, Literal

from starlette.types import Scope

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"

Edition = Literal["audit", "2026"]
"""Which reading of GraphQL over HTTP decides where they differ: the audit suite's, which follows
the drafts before 2025-01-01, or the edition of September 2026."""

Headers = dict[bytes, bytes]

_MOST_BYTES: Final = 500
"""Of a header that is a list or has parameters; a longer one is read as if it were not there."""


def headers_of(scope: Scope) -> Headers:
    """The headers of a request; several of one name are one list, as HTTP says."""
    found: Headers = {}
    lists: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        if name in found:
            lists.setdefault(name, [found[name]]).append(value)
        else:
            found[name] = value
    for name, values in lists.items():
        found[name] = b", ".join(values)
    return found


def text_of(headers: Headers, name: bytes) -> str | None:
    """The value of a header, None where there is none."""
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def address_of(scope: Scope) -> str:
    """The client's, as the server knows it; a proxy in between has to tell it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def media_type(content_type: bytes | None) -> tuple[str, dict[str, str]]:
    """Type and parameters, in lower case.

    >>> media_type(b"application/JSON; charset=UTF-8")
    ('application/json', {'charset': 'utf-8'})
    """
    kind, *rest = _short(content_type).decode("latin-1").lower().split(";")
    pairs = (part.partition("=") for part in rest)
    return kind.strip(), {name.strip(): value.strip(' "') for name, _, value in pairs}


def accepted(accept: bytes | None) -> list[str]:
    """The media ranges of an Accept header that are wanted at all, the best first.

    >>> accepted(b"text/html;q=0, application/json;q=0.5, */*")
    ['*/*', 'application/json']
    """
    ranges = _ranges(accept)
    return [kind for quality, kind in ranges if quality > 0]


def response_type(accept: bytes | None, edition: Edition = "audit") -> str | None:
    """The media type of the answer, None where the client takes neither.

    An event stream counts only where nothing else fits: clients list it beside JSON in every
    request, and mean queries to be answered with JSON.

    >>> response_type(b"application/graphql-response+json, application/json;q=0.9")
    'application/graphql-response+json'
    >>> response_type(b"*/*, application/json;q=0")
    'application/graphql-response+json'
    >>> response_type(None), response_type(None, "2026")
    ('application/json', 'application/graphql-response+json')
    >>> response_type(b"text/html")
    """
    ranges = _ranges(accept)
    never = {kind for quality, kind in ranges if quality == 0}
    ours = (GRAPHQL, JSON) if edition == "2026" else (JSON, GRAPHQL)
    for quality, kind in ranges:
        if quality > 0:
            fitting = ours if kind in ("*/*", "application/*") else (kind,)
            found = next((one for one in fitting if one in ours and one not in never), None)
            if found is not None:
                return found
    return EVENTS if (EVENTS in accepted(accept)) else None


def _ranges(accept: bytes | None) -> list[tuple[float, str]]:
    """Quality and media range, the best first; one that asks for another charset is unwanted."""
    ranges = []
    for part in (_short(accept) or b"*/*").split(b","):
        kind, parameters = media_type(part)
        is_utf8 = parameters.get("charset", "utf-8") in ("utf-8", "utf8")
        if kind:
            ranges.append((_quality(parameters.get("q", "1")) if is_utf8 else 0.0, kind))
    return sorted(ranges, key=lambda one: -one[0])


def accepts_events(accept: bytes | None) -> bool:
    """Whether the client names an event stream among what it takes."""
    return EVENTS in accepted(accept)


def accepts_gzip(accept_encoding: bytes | None) -> bool:
    """Whether the answer may be packed with gzip.

    >>> accepts_gzip(b"br, gzip;q=0.8"), accepts_gzip(b"gzip;q=0"), accepts_gzip(None)
    (True, False, False)
    """
    for part in _short(accept_encoding).split(b","):
        coding, parameters = media_type(part)
        if coding in ("gzip", "x-gzip"):
            return _quality(parameters.get("q", "1")) > 0
    return False


def _short(value: bytes | None) -> bytes:
    return b"" if value is None or len(value) > _MOST_BYTES else value


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
