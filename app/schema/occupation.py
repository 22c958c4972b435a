"""Occupations of the imported list (ESCO-STAR), found while typing."""

from typing import Any

import strawberry
from strawberry.types import Info

from app.errors import BadUserInput
from app.schema.context import Context

MAX_SEARCH = 100
"""Characters of a search text."""

MAX_FOUND = 50
"""Occupations in one answer."""


@strawberry.type(description="“Stillingsbetegnelse”.")
class Occupation:
    code: str
    label: str
    scheme: str


async def occupations(
    info: Info[Context, None], search: str, first: int = 10
) -> list[dict[str, Any]]:
    """Best first: labels that begin with the text, then other names that do, then similar ones."""
    if not 1 <= first <= MAX_FOUND:
        raise BadUserInput(f"`first` is a number from 1 to {MAX_FOUND}.", path=("first",))
    if len(search) > MAX_SEARCH:
        raise BadUserInput(f"`search` has at most {MAX_SEARCH} characters.", path=("search",))
    wanted = search.strip().lower()
    if not wanted:
        return []
    context = info.context
    rows = await context.services.readers.fetch(
        "search_occupations", wanted, context.at.today, first
    )
    return [dict(row) for row in rows]
