"""Small documents of a small schema, generated, for what must be true of every document."""

from collections.abc import Sequence
from typing import Any

from graphql import build_schema
from hypothesis import strategies as st

from app.policy.costs import CostTable

SDL = """
type Query { node: Node list: [Node!]! page(first: Int!): Page! some(first: Int = 3): [Any!]! }
type Page { edges: [Edge!]! count: Int! }
type Edge { node: Node! cursor: String! }
interface Node { id: ID! next: Node page(first: Int!): Page! }
type Left implements Node { id: ID! next: Node page(first: Int!): Page! many: [Right!]! }
type Right implements Node { id: ID! next: Node page(first: Int!): Page! odd: Any }
union Any = Left | Right
"""
SCHEMA = build_schema(SDL)
# graphql-core keeps a default that was written in SDL as its syntax, a resolver's as its value
SCHEMA.type_map["Query"].fields["some"].args["first"].default_value = 3  # type: ignore[attr-defined]  # an object type
TABLE = CostTable(
    weight={"Query.node": 10, "Left.page": 7, "*.next": 2, "Right.*": 3},
    page={"Query.page": "edges", "Left.page": "edges", "Right.page": "edges", "Node.page": "edges"},
    first={"Query.some": 5},
    assumed={"Query.list": 4, "Left.many": 2},
    introspection={},
)
LIMIT = 20
"""Largest `first` of a page."""

_SIZES = ("1", "7", "20", "-3", "99", "$a", "$b")
# field -> arguments, and the type below it, None for a leaf
_Field = tuple[bool, str | None]
_COMMON: dict[str, _Field] = {"id": (False, None), "next": (False, "Node"), "page": (True, "Page")}
_FIELDS: dict[str, dict[str, _Field]] = {
    "Query": {
        "node": (False, "Node"),
        "list": (False, "Node"),
        "page": (True, "Page"),
        "some": (True, "Any"),
    },
    "Page": {"edges": (False, "Edge"), "count": (False, None)},
    "Edge": {"node": (False, "Node"), "cursor": (False, None)},
    "Node": _COMMON,
    "Left": {**_COMMON, "many": (False, "Right")},
    "Right": {**_COMMON, "odd": (False, "Any")},
    "Any": {},
}
_WITHIN = {"Node": ("Node", "Left", "Right"), "Any": ("Any", "Left", "Right")}


def _conditions(kind: str) -> Sequence[str]:
    within = _WITHIN.get(kind, (kind,))
    return (*within, "Node") if kind in ("Left", "Right", "Any") else within


@st.composite
def _selection(draw: Any, kind: str, depth: int, spreads: Sequence[tuple[str, str]]) -> str:
    """Fields, inline fragments and spreads that fit; `spreads`: fragments with their type."""
    fits = [name for name, on in spreads if on in _conditions(kind)]
    parts = ["__typename"]
    for _ in range(draw(st.integers(0, 3))):
        what = draw(st.sampled_from(("field", "field", "inline", "spread")))
        if what == "spread" and fits:
            parts.append(f"...{draw(st.sampled_from(fits))}")
        elif what == "inline" and depth > 0:
            on = draw(st.sampled_from(_conditions(kind)))
            parts.append(f"... on {on} {draw(_selection(on, depth - 1, spreads))}")
        elif _FIELDS[kind]:
            parts.append(draw(_field(kind, depth, spreads)))
    return f"{{ {' '.join(parts)} }}"


@st.composite
def _field(draw: Any, kind: str, depth: int, spreads: Sequence[tuple[str, str]]) -> str:
    name, (sized, below) = draw(st.sampled_from(sorted(_FIELDS[kind].items())))
    if below is not None and depth <= 0:
        return "__typename"
    given = f"(first: {draw(st.sampled_from(_SIZES))})" if sized else ""
    if name == "some" and draw(st.booleans()):
        given = ""
    inside = "" if below is None else draw(_selection(below, depth - 1, spreads))
    alias = draw(st.sampled_from(("", "x: ", "y: ")))
    return f"{alias}{name}{given} {inside}"


@st.composite
def documents(draw: Any) -> str:
    """A document that costs something; its fields need not merge, and its sizes not be allowed."""
    spreads: list[tuple[str, str]] = []
    fragments = []
    for name in ("A", "B", "C"):
        on = draw(st.sampled_from(("Query", "Node", "Left", "Right", "Page", "Edge")))
        inside = draw(_selection(on, 2, spreads))
        fragments.append(f"fragment {name} on {on} {inside}")
        spreads.append((name, on))
    query = draw(_selection("Query", 4, spreads))
    return "\n".join([f"query($a: Int!, $b: Int! = 2) {query}", *fragments])
