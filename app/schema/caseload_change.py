"""What changed in a caseload, as its live view is told: whom to look at, and nothing else."""

from enum import StrEnum
from typing import Final

import strawberry

from app.schema.context import Services
from app.store.live_caseload import LEFT, PARTS, Gathered

CITIZENS_AT_ONCE: Final = 50
"""How many changed citizens are looked up in one go."""


@strawberry.enum(description="LEFT: the citizen is no longer within your reach.")
class CaseloadPart(StrEnum):
    PLAN = "PLAN"
    CITIZEN = "CITIZEN"
    INBOX = "INBOX"
    LEFT = "LEFT"


@strawberry.type(description="Something to look at anew.")
class CaseloadChange:
    citizen_id: strawberry.ID | None = strawberry.field(
        description="Null: look at everything, for something may have been missed."
    )
    changed: list[CaseloadPart]


async def changes(
    services: Services, kind: str, code: str, gathered: Gathered
) -> list[CaseloadChange]:
    """The changes as the organisation may know of them now; of who is gone only that."""
    found = [_change(None, set(PARTS) - {LEFT})] if gathered.everything else []
    if not gathered.citizens:
        return found
    rows = await services.readers.fetch(
        "citizens_in_reach",
        *(kind, code, services.clock().today, list(gathered.citizens)),
    )
    for row in rows:
        citizen_id, parts = row["citizen_id"], gathered.citizens[row["citizen_id"]]
        told = parts - {LEFT} if row["reached"] else parts & {LEFT}
        if told:
            found.append(_change(strawberry.ID(str(citizen_id)), told))
    return found


def _change(citizen_id: strawberry.ID | None, parts: set[str]) -> CaseloadChange:
    return CaseloadChange(
        citizen_id=citizen_id, changed=[CaseloadPart(part) for part in PARTS if part in parts]
    )
