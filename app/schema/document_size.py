"""How much memory a document that is kept takes: an upper bound, counted and never measured.

A cache is as bounded as this is honest: a refusal of a few characters takes 1,500 bytes, a text of
line breaks several times its length. `tests/schema/test_document_size.py` holds it against what
there is.
"""

from collections.abc import Iterable
from sys import getsizeof
from typing import Final

from graphql import GraphQLError

BYTES_A_TOKEN: Final = 500
"""One lexeme's part of a syntax tree: measured 195 to 498."""

_AN_ENTRY: Final = 2_000
"""What is kept beside a tree: its key, its places in the cache, one role's facts."""

_A_ROLE: Final = 1_500
"""What is kept for another role, beside what grows with the tree."""

_A_TOKEN_OF_A_ROLE: Final = 50
"""What a token adds to that: steps of a cost that variables decide."""

_A_SUBSCRIPTION: Final = 4_500
"""What all live views of one role share of a subscription."""

_A_WIDE_CHARACTER: Final = 4
"""A character in a string that holds an emoji."""

_A_LINE: Final = 5
"""A line's place in the table that the first error makes of a text."""

_AN_ERROR: Final = 1_500
"""An error beside its message and its places."""

_A_PLACE: Final = 250
"""One of an error's places."""


def of_document(text: str, tokens: int = 0, subscriptions: int = 0) -> int:
    """A text and its tree, if it has one, for one role."""
    words = _words_of(text) if tokens else 0
    lines = text.count("\n") + text.count("\r")
    plain = getsizeof(text) + words + lines * _A_LINE + tokens * BYTES_A_TOKEN + _AN_ENTRY
    return plain + subscriptions * _A_SUBSCRIPTION


def _words_of(text: str) -> int:
    """The tree's words are copies of the text's; an escape makes a whole string wide."""
    return len(text) * _A_WIDE_CHARACTER if "\\u" in text else getsizeof(text)


def of_role(tokens: int, subscriptions: int) -> int:
    """What another role adds to a document that is kept."""
    return _A_ROLE + tokens * _A_TOKEN_OF_A_ROLE + subscriptions * _A_SUBSCRIPTION


def of_errors(errors: Iterable[GraphQLError]) -> int:
    """The errors of a document, whose text and tree are counted already."""
    return sum(
        _AN_ERROR + getsizeof(error.message) + len(error.positions or ()) * _A_PLACE
        for error in errors
    )


def tokens_charged(text: str, tokens: int) -> int:
    """The tokens that whoever has a document validated pays for: a few more than there are."""
    return tokens + (len(text) + _AN_ENTRY) // BYTES_A_TOKEN
