"""Imports that wait for a caseworker, because a text of theirs is too long for the plan (R81)."""

from typing import Any

import strawberry
from strawberry.types import Info

from app.rules import text
from app.schema.context import Context
from app.schema.enums import InterventionKindCode
from app.schema.scalars import Date, DateTime


@strawberry.type(description="A text that must be shortened.")
class TextTooLong:
    field: str = strawberry.field(description="Of the input, e.g. “why”.")
    length: int
    limit: int


@strawberry.type(
    description="A company's application that is not in the plan yet. Shorten its texts and send"
    " them by `updateIntervention` under this id."
)
class HeldImport:
    id: strawberry.ID
    external_id: str
    received_at: DateTime
    intervention_id: strawberry.ID | None = strawberry.field(
        description="The intervention in the plan that it changes, if there is one."
    )
    too_long: list[TextTooLong]
    kind: InterventionKindCode
    description: str = strawberry.field(description="“Hvad er aftalt”.")
    why: str = strawberry.field(description="“Hvorfor”.")
    start_date: Date
    end_date: Date | None
    headline: str | None
    hours_per_week: int | None
    minutes_per_week: int | None
    occupation: str | None
    occupation_code: str | None
    workplace: str | None
    place: str | None
    company_address: str | None
    contact_name: str | None
    contact_phone: str | None
    contact_email: str | None
    cvr: str | None
    p_number: str | None
    agreed_with_name: str | None = strawberry.field(name="caseworkerName")


async def held_imports(root: dict[str, Any], info: Info[Context, None]) -> list[dict[str, Any]]:
    """What waits of a citizen, oldest first."""
    services = info.context.services
    limits = {
        **text.INTERVENTION,
        "description": services.policy.text_limit_what,
        "why": services.policy.text_limit_why,
    }
    rows = await services.readers.fetch("list_held_imports", root["id"])
    return [_held(dict(row), limits) for row in rows]


def _held(row: dict[str, Any], limits: dict[str, int]) -> dict[str, Any]:
    facts = row.pop("held")
    lengths = {name: len(facts[name] or "") for name in limits}
    too_long = [
        {"field": text.camel(name), "length": lengths[name], "limit": limit}
        for name, limit in limits.items()
        if lengths[name] > limit
    ]
    # what the system calls it is the row's, and so is its id
    return {**facts, **row, "too_long": too_long}
