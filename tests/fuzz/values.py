"""Values of arguments and input fields: those that mean something here, and those that hurt.

Ids of what is stored are known only where a document is sent, so that they stand as `own` and
`known-17` in it (`Stage.told`).
"""

from typing import Final

from graphql import ValueNode
from hypothesis import strategies as st
from hypothesis_graphql import nodes

OWN: Final = "own-citizen"
KNOWN: Final = "known-"

_NO_IDS: Final = ("", "x", "0", "018f5b3e-0000-7000-8000-000000000000", "0" * 400, "a\0b", "'; --")
_TEXTS: Final = (
    *("101", "751", "18194686", "BOOKING", "INST-STJERNEURT", "7212", "1.1", "0107801234"),
    *(
        "",
        " ",
        "Svejser",
        "a@b.dk",
        "+4512345678",
        "12345678",
        "123456",
        "x" * 5000,
        "<b>",
        "\u202e",
    ),
    *("a\0b", "\ufeff", "æøå", "👍🏽", "%", "_", "\\", "{}", "null", "https://jobnet.dk/cv", "é"),
)
_DAYS: Final = (
    *("2026-03-02", "2026-11-22", "2027-01-01", "2024-02-29", "1990-05-05", "1900-01-01"),
    *("9000-12-31", "0001-01-01", "2026-02-30", "2026-3-2", "x", ""),
)
_TIMES: Final = (
    *("2026-03-02T09:00:00+01:00", "2026-11-22T09:00:00Z", "2027-01-01T23:59:59.999999+14:00"),
    *("1900-01-01T00:00:00+01:00", "9000-12-31T23:00:00-12:00", "2026-03-02T09:00:00", "x"),
)
_NUMBERS: Final = (0, 1, 2, 3, 5, 12, 37, 100, 101, -1, 32_768, 2**31 - 1, -(2**31))
_FRACTIONS: Final = (0.0, 1.5, 37.0, -1.0, 1e9, 1e300, 160.33)


def _texts(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


def _node(texts: st.SearchStrategy[str]) -> st.SearchStrategy[ValueNode]:
    return texts.map(nodes.String)


_days = st.dates().map(lambda day: day.isoformat())

SCALARS: Final[dict[str, st.SearchStrategy[ValueNode]]] = {
    "ID": _node(
        _texts(OWN)
        | _texts(OWN)
        | st.integers(0, 9_999).map(lambda number: f"{KNOWN}{number}")
        | _texts(*_NO_IDS)
    ),
    "String": _node(_texts(*_TEXTS) | st.text(st.characters(codec="utf-8"), max_size=12)),
    "Int": (st.sampled_from(_NUMBERS) | st.integers(1, 100)).map(nodes.Int),
    "Float": st.sampled_from(_FRACTIONS).map(nodes.Float),
    "Date": _node(_texts(*_DAYS[:6]) | _texts(*_DAYS) | _days),
    "DateTime": _node(_texts(*_TIMES[:3]) | _texts(*_TIMES)),
    "Url": _node(_texts("https://jobnet.dk/cv", "", "http://", "javascript:alert(1)", "x" * 3000)),
    "Base64": _node(_texts("JVBERi0xLjQKJSVFT0Y=", "", "QQ==", "*", "QQ")),
}
"""Scalar -> literals, as hypothesis-graphql wants them."""
