"""Texts and structures that no client means, wherever a request has a place for one."""

from base64 import urlsafe_b64encode
from typing import Any, Final

import orjson

TEXTS: Final[tuple[str, ...]] = (
    *("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ufeff", "\u202e", "\uffff", "👍🏽" * 90),
    *("x" * 30_000, "../../etc/passwd", "'; drop table citizen; --", "%00", "%s%n", "{}", "null"),
    *("-1", "9" * 400, "1e400", "NaN", "0001-01-01", "9999-12-31T23:59:59-14:00", "true", "$a"),
    "018f5b3e-0000-7000-8000-000000000000",
)

HEADERS: Final[tuple[bytes, ...]] = (
    *(b"", b" ", b"\t", b"\xff\xfe", b"\xc3\xa6", b"\xed\xa0\x80", b'"', b'"\\', b",", b";;;=,"),
    *(b"x" * 16_000, b"q=" * 4_000, b"a," * 8_000, b"*/*;" * 4_000, b"9" * 400, b"null", b"Bearer"),
    *(b"Bearer ", b"Bearer " + b"." * 900, b"Basic eDp4", b"full 1", b"1:2", b"%00", b"-1"),
)


def cursor(value: Any) -> str:
    """A cursor as this server writes them, of any content."""
    content = value if isinstance(value, bytes) else orjson.dumps(value)
    return urlsafe_b64encode(content).decode()


CURSORS: Final = (
    *TEXTS[:8],
    *(TEXTS[10], "====", "a", "æ", "A" * 20_000),
    *map(cursor, ([], [""], ["", ""], ["x"], ["x", "x"], {}, {"a": 1}, 5, None, "x", [1], [None])),
    *map(cursor, (["\0"], ["a\0b", "\0"], ["-1"], ["9" * 400], [" 1 "], ["١"], ["1e3"], [["x"]])),
    *map(cursor, (["0001-01-01T00:00:00+14:00", TEXTS[-1]], ["9999-12-31T23:59:59-14:00", "x"])),
    *map(cursor, (["NaN", TEXTS[-1]], ["infinity", TEXTS[-1]], ["2026-03-02", TEXTS[-1]])),
    *map(cursor, (["x", TEXTS[-1]], ["2147483647"], ["2147483648"], ["9223372036854775808"])),
    *(cursor(b"\xff\xfe"), cursor(b"[" * 900), cursor(b'["\\ud800"]'), cursor(b'["a"')),
    *(cursor(b"[" * 2_000 + b"]" * 2_000), cursor(b'["' + b"9" * 9_000 + b'"]')),
)
