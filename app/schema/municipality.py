"""Municipalities; each has a jobcenter under the same code."""

from typing import Any

import strawberry
from strawberry.types import Info

from app.schema.context import Context


@strawberry.type(description="“Kommune”.")
class Municipality:
    code: str
    name: str
    region: str


async def municipalities(
    info: Info[Context, None], search: str | None = None
) -> list[dict[str, Any]]:
    """Those whose name or code begins with `search`, by name."""
    rows = await info.context.services.readers.fetch("list_municipalities", search)
    return [dict(row) for row in rows]
