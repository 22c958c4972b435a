"""The SQL of `db/queries/*.sql`, by name: each starts with `-- name: <name>`."""

import re
from functools import cache
from pathlib import Path

DB = Path(__file__).parents[2] / "db"
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def queries() -> dict[str, str]:
    """All queries, name -> SQL text. Two queries of one name raise ValueError."""
    found: dict[str, str] = {}
    for path in sorted((DB / "queries").glob("*.sql")):
        _, *parts = _NAME.split(path.read_text())
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise ValueError(f"{path.name}: there is already a query {name}")
            found[name] = text.strip()
    return found
