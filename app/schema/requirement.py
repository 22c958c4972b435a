"""Job search requirements (DOMAIN 5.11)."""

import strawberry

from app.domain import document as doc
from app.domain.timeline_row import REQUIREMENT_LABELS
from app.schema.enums import AuthorityEnum
from app.schema.fields import derived
from app.schema.occupation import Occupation
from app.schema.scalars import Date


def _label(root: doc.JobSearchRequirement) -> str:
    return REQUIREMENT_LABELS[root["issuer"]]


@strawberry.type(description="Where to apply: a municipality or an area in words.")
class GeographicArea:
    municipality_code: str | None
    label: str


@strawberry.type(description="“Krav til jobsøgning”.")
class JobSearchRequirement:
    id: strawberry.ID
    issuer: AuthorityEnum
    organisation: str
    caseworker: str
    occupations: list[Occupation]
    industries: list[str]
    geographic_areas: list[GeographicArea]
    agreement_text: str | None
    other_expectations: str | None = strawberry.field(
        description="“Øvrige forventninger til jobsøgning”."
    )
    expected_count: int | None
    full_time: bool | None
    unsolicited: bool | None
    valid_from: Date
    valid_to: Date | None = strawberry.field(description="The last day it holds.")
    is_current: bool = strawberry.field(description="Whether it holds today.")
    label: str = derived(
        _label, reads=("issuer",), description="“Krav til jobsøgning (a-kasse)” or “(jobcenter)”."
    )
