"""Legal groups of citizens and the composition of their plans (DOMAIN sections 3 and 4).

The groups themselves are dated data in the database; rules receive the row as `TargetGroup`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from app.domain.authority import Authority


class ElementCode(StrEnum):
    """The elements a plan can have; a composition orders some of them."""

    CONTRACT = "CONTRACT"
    EDUCATION_GOALS = "EDUCATION_GOALS"
    JOB_GOALS = "JOB_GOALS"
    PLAN_DESCRIPTION = "PLAN_DESCRIPTION"
    EDUCATION_STEP = "EDUCATION_STEP"
    LATEST_AGREEMENT_JOBCENTER = "LATEST_AGREEMENT_JOBCENTER"
    LATEST_AGREEMENT_UNEMPLOYMENT_FUND = "LATEST_AGREEMENT_UNEMPLOYMENT_FUND"
    TIMELINE = "TIMELINE"


class Element(NamedTuple):
    """only_if_any: left out of the plan while it has no content."""

    code: str
    only_if_any: bool = False


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """One row of the matrix with its composition.

    plan_types: the default first. elements: in the order of the composition. valid_from, valid_to:
    when the group exists in law, both days included.
    """

    code: str
    obliged: bool
    plan_types: tuple[str, ...]
    composition: str
    elements: tuple[Element, ...]
    job_goal_rule: Literal["OCCUPATION", "OCCUPATION_OR_FUNCTION"] | None = None
    education_goal_rule: Literal["REQUIRED", "REQUIRED_FROM_STEP_2", "OPTIONAL"] | None = None
    description_variant: Literal["AGREED_PATH", "CASEWORKER_COMMENT"] | None = None
    requirement_issuer: Authority | None = None
    education_steps: bool = False
    contract: bool = False
    sought_jobs_minimum: int = 0
    individually_exemptible: bool = False
    shows_find_job: bool = True
    fund_first_three_months: bool = False
    valid_from: date = date.min
    valid_to: date | None = None

    def has(self, element: str) -> bool:
        """Whether the composition of the group has the element at all."""
        return any(own.code == element for own in self.elements)

    @property
    def default_plan_type(self) -> str:
        return self.plan_types[0]

    @property
    def is_unemployment_benefit(self) -> bool:
        """The dagpenge groups: those with agreements of an unemployment fund."""
        return self.has(ElementCode.LATEST_AGREEMENT_UNEMPLOYMENT_FUND)

    @property
    def allows_free_text_goals(self) -> bool:
        return self.job_goal_rule == "OCCUPATION_OR_FUNCTION"

    def exists_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
