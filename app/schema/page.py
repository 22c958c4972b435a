"""Pages of a list: Relay connections with opaque cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
import strawberry

from app.errors import BadUserInput
from app.schema.context import Context

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def page_size(context: Context, first: int) -> int:
    """`first` if it is 1 to the limit of the settings; raises `BadUserInput` otherwise."""
    limit = context.services.page_size_limit
    if not 1 <= first <= limit:
        raise BadUserInput(f"`first` is a number from 1 to {limit}.", path=("first",))
    return first


def cursor_of(*key: object) -> str:
    """An opaque cursor for the place of `key` in the order of a list.

    >>> key_of(cursor_of(7), int)
    7
    """
    return urlsafe_b64encode(orjson.dumps([str(part) for part in key])).decode()


def keys_of(cursor: str, parts: int) -> list[str]:
    """The texts a cursor was made of; raises `BadUserInput` for one we did not make."""
    try:
        key = orjson.loads(urlsafe_b64decode(cursor.encode()))
    except ValueError:
        raise _unknown() from None
    if not isinstance(key, list) or len(key) != parts:
        raise _unknown()
    if not all(isinstance(part, str) and "\x00" not in part for part in key):
        raise _unknown()
    return key


def key_of(cursor: str | None, kind: Callable[[str], T]) -> T | None:
    """The one part of a cursor as a `kind`, None without a cursor."""
    if cursor is None:
        return None
    (text,) = keys_of(cursor, 1)
    try:
        return kind(text)
    except ValueError:
        raise _unknown() from None


def number32(text: str) -> int:
    """A whole number that fits 32 bits, as ids and versions in cursors do."""
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError("too large")
    return number


def number64(text: str) -> int:
    """A whole number that fits 64 bits."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError("too large")
    return number


def connection(
    rows: Sequence[T], first: int, after: str | None, cursor: Callable[[T], str]
) -> dict[str, Any]:
    """A connection of the first `first` rows; one row more than that says there is a next page."""
    edges = [{"cursor": cursor(row), "node": row} for row in rows[:first]]
    return {
        "edges": edges,
        "page_info": {
            "has_next_page": len(rows) > first,
            "has_previous_page": after is not None,
            "start_cursor": edges[0]["cursor"] if edges else None,
            "end_cursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _unknown() -> BadUserInput:
    return BadUserInput("This cursor is not one of ours.", path=("after",))
