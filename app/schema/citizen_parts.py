"""What is known of a citizen beside the plan (DOMAIN 5.1, 5.2, 5.6, 5.20, 5.22)."""

import strawberry

from app.schema.enums import (
    AuthorityEnum,
    ExemptionKind,
    InsuranceKind,
    ResponsibilityBasis,
    SoughtJobAdded,
)
from app.schema.occupation import Occupation
from app.schema.scalars import Date, DateTime


@strawberry.type
class PersonName:
    given: str
    middle: str | None
    surname: str
    full: str


@strawberry.type
class ContactDetails:
    phone: str | None
    email: str | None


@strawberry.type(description="What the citizen says of the CV.")
class CvSettings:
    searchable: bool
    part_time: bool
    link: str | None


@strawberry.type(description="“Jeg søger job som”.")
class SoughtJob:
    id: strawberry.ID
    occupation: Occupation
    added_at: DateTime
    added_during: SoughtJobAdded
    assisted_by: str | None
    approved_by: str | None
    approved_at: DateTime | None


@strawberry.type(description="Membership of an unemployment fund; `validTo` is exclusive.")
class Membership:
    id: strawberry.ID
    fund: str
    fund_code: str
    insurance: InsuranceKind
    valid_from: Date
    valid_to: Date | None


@strawberry.type(description="“Ansvar for kontaktforløbet”; `validTo` is exclusive.")
class CaseResponsibility:
    id: strawberry.ID
    authority: AuthorityEnum
    organisation: str
    organisation_code: str
    basis: ResponsibilityBasis
    valid_from: Date
    valid_to: Date | None
    counted_hours: float | None
    expected_transition_date: Date | None


@strawberry.type(description="“Undtaget fra digital post” and the like; `validTo` is exclusive.")
class DigitalExemption:
    kind: ExemptionKind
    valid_from: Date
    valid_to: Date | None
    reason: str | None
    decided_by: str | None


@strawberry.type(description="“Sms- og e-mailservice”: where the citizen wants to be told.")
class NotificationPreference:
    sms: bool
    sms_number: str | None
    sms_verified: bool = strawberry.field(
        description="A code sent to the number was entered; before, no notice goes there."
    )
    email: bool
    email_address: str | None
    email_verified: bool = strawberry.field(description="As `smsVerified`.")
    updated_at: DateTime | None = strawberry.field(description="Null until it is first changed.")
