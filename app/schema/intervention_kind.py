"""Kinds of interventions and the schemes of education."""

import orjson
import strawberry
from strawberry.types import Info

from app.schema.context import Context
from app.schema.enums import EducationSchemeCode, InterventionKindCode
from app.schema.scalars import Date


@strawberry.type
class EducationScheme:
    code: EducationSchemeCode
    name: str
    timeline_label: str


@strawberry.type(description="A kind of “indsats”.")
class InterventionKind:
    code: InterventionKindCode
    name: str = strawberry.field(description="In Danish.")
    timeline_label: str
    type_name: str = strawberry.field(description="The GraphQL type of such interventions.")
    hidden_from_unemployment_fund: bool
    unemployment_fund_may_create: bool
    vitas_import: bool
    schemes: list[EducationScheme] = strawberry.field(description="Only EDUCATION has schemes.")
    valid_from: Date
    valid_to: Date | None


async def intervention_kinds(info: Info[Context, None]) -> list[InterventionKind]:
    """All kinds, also those that are over."""
    rows = await info.context.services.readers.fetch("list_intervention_kinds")
    return [orjson.loads(row["body"]) for row in rows]
