"""One-time codes that verify a number or an address before its first use (R123)."""

from collections.abc import Sequence
from datetime import UTC as UTC, datetime, timedelta
from typing import Final

from app.rules.breach import Breach, Path, rule

DIGITS: Final = 6
VALID_FOR: Final = timedelta(minutes=10)
"""From when it is drawn; and as long a code that was asked for may wait to be sent."""
TRIES: Final = 5
PER_HOUR: Final = 3
PER_DAY: Final = 10
DAY: Final = timedelta(days=1)


@rule("R123")
def may_ask_for_code(asked: Sequence[datetime], now: datetime, path: Path) -> Breach | None:
    """At most three codes in any hour and ten in any day, by the times `asked` before.

    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> may_ask_for_code([noon - timedelta(hours=1), noon, noon], noon, ("input", "smsNumber"))
    >>> may_ask_for_code([noon, noon, noon], noon, ("input", "smsNumber")).code
    'TOO_MANY_CODES'
    """
    for span, limit in ((timedelta(hours=1), PER_HOUR), (DAY, PER_DAY)):
        if sum(now - span < at <= now for at in asked) >= limit:
            return Breach("R123", "TOO_MANY_CODES", path)
    return None


@rule("R123")
def code_is_open(ends_at: datetime | None, now: datetime, path: Path) -> Breach | None:
    """A code counts until `ends_at`; None: there is none, it was used, or it was replaced.

    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> code_is_open(noon + timedelta(microseconds=1), noon, ("input", "code"))
    >>> code_is_open(noon, noon, ("input", "code")).code, code_is_open(None, noon, ()).code
    ('CODE_EXPIRED', 'CODE_EXPIRED')
    """
    if ends_at is None or now >= ends_at:
        return Breach("R123", "CODE_EXPIRED", path)
    return None


@rule("R123")
def code_fits(fits: bool, path: Path) -> Breach | None:
    """Whoever enters another code learns that, and nothing more.

    >>> code_fits(True, ("input", "code")), code_fits(False, ("input", "code")).code
    (None, 'CODE_WRONG')
    """
    return None if fits else Breach("R123", "CODE_WRONG", path)
