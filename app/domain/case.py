"""What an action knows of a citizen before it decides: facts read under the citizen's lock."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.authority import Authority, ResponsibilityPeriod
from app.domain.target_group import TargetGroup


@dataclass(frozen=True, slots=True)
class Fund:
    """The unemployment fund of the membership that runs today."""

    organisation_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Case:
    """The citizen's case today. `plan_id` is None until something is first written in a plan."""

    citizen_id: UUID
    plan_id: UUID | None
    plan_type: str
    plan_type_visible_to_fund: bool
    target_group: TargetGroup
    municipality_code: str
    region: str
    birth_date: date
    right_and_duty: bool
    registration_open: bool
    has_vocational_education: bool | None
    has_dependent_children: bool | None
    fund: Fund | None
    responsibility: ResponsibilityPeriod | None
    current_step: int | None
    # newest version number per audience, 0 when nothing is published
    full_version: int
    fund_version: int
    has_job_goal: bool
    has_free_text_goal: bool
    has_education_goal: bool
    sought_jobs: int

    @property
    def responsible(self) -> Authority | None:
        return self.responsibility.authority if self.responsibility else None
