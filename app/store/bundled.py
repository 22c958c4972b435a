"""The code lists that a release brings, as files: what its GraphQL enums are made from."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from app.store.code_list_rows import read_csv
from app.store.queries import DB

PLAN_TYPES: Final = "plan_types"
INTERVENTION_KINDS: Final = "intervention_kinds"
EDUCATION_SCHEMES: Final = "education_schemes"


@cache
def _rows(name: str) -> tuple[Mapping[str, str | None], ...]:
    return tuple(read_csv(DB / "codes" / f"{name}.csv"))


def bundled_codes(name: str, **same: str) -> dict[str, str]:
    """The codes of a file in `db/codes`, each as itself, in the order of the file.

    same: columns and what they hold in the rows that count.
    """
    codes = [
        row["code"] for row in _rows(name) if all(row[key] == cell for key, cell in same.items())
    ]
    return {code: code for code in codes if code is not None}
