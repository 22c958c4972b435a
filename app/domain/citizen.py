"""A citizen's facts as the systems of the authorities send them (DOMAIN 5.1, 5.22)."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.domain.absent import ABSENT, Absent


@dataclass(frozen=True, slots=True)
class PersonName:
    given: str
    surname: str
    middle: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class ExemptionFact:
    """An exemption known from a register. kind: DIGITAL_POST or SELF_SERVICE.

    Calendar days in Copenhagen; `valid_to` is exclusive, None = still running.
    """

    kind: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class CitizenDraft:
    """What is `ABSENT` stays as it is stored; a new citizen needs name, municipality and group.

    citizen_id: names a known citizen whose civil registration number is to be corrected.
    contact_course_start: first day of the course, and of the group and responsibility set with it.
    digital_exemptions: the whole list of the registers; those decided individually are not in it.
    """

    civil_registration_number: str = field(repr=False)
    citizen_id: UUID | None = None
    name: PersonName | Absent = ABSENT
    municipality_code: str | Absent = ABSENT
    target_group: str | Absent = ABSENT
    contact_course_start: date | Absent = ABSENT
    first_benefit_date: date | Absent | None = ABSENT
    right_and_duty: bool | Absent = ABSENT
    has_vocational_education: bool | Absent | None = ABSENT
    has_dependent_children: bool | Absent | None = ABSENT
    under_kui: bool | Absent = ABSENT
    registration_open: bool | Absent = ABSENT
    phone: str | Absent | None = ABSENT
    email: str | Absent | None = ABSENT
    digital_exemptions: tuple[ExemptionFact, ...] | Absent = ABSENT
