"""Input fields that may be left out, as actions know them."""

from typing import Any

from strawberry import Some

from app.domain.absent import ABSENT


def absent_or(value: Some[Any] | None) -> Any:
    """What the client wrote, also null; `ABSENT` for a field it left out.

    The answer's type is the draft's: a `Some[str]` gives a `str | Absent`.
    """
    return ABSENT if value is None else value.value
