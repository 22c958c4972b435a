"""Input that was left out, as opposed to input that is null."""

from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")


class Absent(Enum):
    """The type of `ABSENT`, for annotations."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""The client did not mention the field: what is stored stays."""


def given(value: T | Absent, stored: T) -> T:
    """The value, or what is stored when it was left out.

    >>> given(ABSENT, 7), given(None, 7)
    (7, None)
    """
    return stored if isinstance(value, Absent) else value
