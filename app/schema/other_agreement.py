"""Other agreements: events such as job fairs (DOMAIN 5.10)."""

import strawberry

from app.schema.enums import AuthorityEnum, OtherAgreementKind
from app.schema.scalars import Date, DateTime


@strawberry.type(description="“Øvrig aftale”, e.g. “jobmesse” or “jobcafé”.")
class OtherAgreement:
    id: strawberry.ID
    title: str
    kind: OtherAgreementKind
    starts_at: DateTime
    ends_at: DateTime | None
    starts_on: Date
    place: str | None
    description: str | None
    organiser: AuthorityEnum
    external_id: str
    cancelled: bool
