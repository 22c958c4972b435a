"""THE table of costs, read from `costs.toml`: what fields weigh, and how long lists are.

The numbers mean what the GraphQL cost directives specification gives `@cost` and `@listSize`. The
table is printed into the SDL in these words, and read by `app.schema.cost`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

TABLE = Path(__file__).with_name("costs.toml")

PAGE_ARGUMENT = "first"
"""The one argument that bounds a list here."""


@dataclass(frozen=True, slots=True)
class CostTable:
    """weight: of fields; page: the field whose items `first` counts; first: the most `first` may be
    of lists that have it themselves; assumed: items of all other lists. introspection: items of the
    lists that answer the schema itself, on average, and of single fields what they count as.

    Each by `Type.field`, `*.field` or `Type.*`; of several that fit, the first in this order.
    """

    weight: Mapping[str, int]
    page: Mapping[str, str]
    first: Mapping[str, int]
    assumed: Mapping[str, int]
    introspection: Mapping[str, float]


N = TypeVar("N", int, float)


def found_in(table: Mapping[str, N], owner: str, field: str) -> N | None:
    """What a part of the table says of a field, None where it says nothing.

    >>> found_in({"Mutation.*": 50, "Mutation.verifyContact": 20}, "Mutation", "verifyContact")
    20
    >>> found_in({"Mutation.*": 50}, "Mutation", "closePlan")
    50
    """
    names = (f"{owner}.{field}", f"*.{field}", f"{owner}.*")
    return next((table[name] for name in names if name in table), None)


@cache
def costs() -> CostTable:
    """The table of the product."""
    return CostTable(**tomllib.loads(TABLE.read_text()))
