"""Scalars of the schema: strict on the way in, untouched on the way out.

Documents hold dates and times as the strings clients get, so nothing is parsed or printed on a
read. Input is checked here once: real dates, times with an offset. Plain texts and ids are
checked for every operation before it runs (`input_guard.py`).
"""

from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from app.errors import NotFound

Date = NewType("Date", date)
DateTime = NewType("DateTime", datetime)
Url = NewType("Url", str)
Base64 = NewType("Base64", bytes)

YEARS = range(1900, 9001)
"""Years of days and times. Beyond them a time zone leads off the calendar, and PostgreSQL is given
infinity for the first and the last day there is."""

MAX_FILE = 3_000_000
"""Bytes of a file in an input; in base64 it fits the largest body of a request."""


def _refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _refuse("This must be a text.")
    return value


def _date(value: Any) -> date:
    text = _text(value)
    try:
        day = date.fromisoformat(text)
        if len(text) != 10 or day.year not in YEARS:
            raise ValueError
    except ValueError:
        raise _refuse("This must be a date like 2026-03-31.") from None
    return day


def _datetime(value: Any) -> datetime:
    text = _text(value)
    try:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None or moment.year not in YEARS:
            raise ValueError
    except ValueError:
        raise _refuse("This must be a time such as 2026-03-31T09:30:00+02:00.") from None
    return moment


def _file(value: Any) -> bytes:
    text = _text(value)
    if len(text) > -(-MAX_FILE // 3) * 4:
        raise _refuse(f"A file may have {MAX_FILE} bytes.")
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise _refuse("This must be a file in base64.") from None


def id_of(value: str, noun: str) -> UUID:
    """The id as a UUID; raises `NotFound` for what cannot be one, as if it named nothing."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound(f"There is no such {noun}.") from None


def _literal(parse: Callable[[Any], Any]) -> Callable[..., Any]:
    def parse_literal(node: ValueNode, _variables: object = None) -> Any:
        if not isinstance(node, StringValueNode):
            raise _refuse("This must be a text.")
        return parse(node.value)

    return parse_literal


def _passed(value: Any) -> Any:
    """Document values are ready; Python values of payloads are printed."""
    return value if type(value) is str else value.isoformat()


def _scalar(
    name: str, description: str, parse: Callable[[Any], Any], serialize: Callable[[Any], Any]
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        serialize=serialize,
        parse_value=parse,
        parse_literal=_literal(parse),
    )


SCALARS: dict[object, ScalarDefinition] = {
    Date: _scalar("Date", "Calendar day in Copenhagen, `YYYY-MM-DD`.", _date, _passed),
    DateTime: _scalar("DateTime", "Time with offset, ISO 8601.", _datetime, _passed),
    Base64: _scalar("Base64", "A file in base64, of at most 3,000,000 bytes.", _file, str),
    Url: _scalar("Url", "Absolute address of a page.", _text, str),
}
