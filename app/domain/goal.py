"""Goals as they are written: job goals with sub-goals, and education goals (DOMAIN 5.5, 5.7)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SubGoalDraft:
    text: str
    target_date: date | None = None
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class JobGoalDraft:
    """term: SHORT_TERM or LONG_TERM; priority: 1 is the first; exactly one of the two texts.

    goal_id: the goal of the plan that this one continues, so that links to it stay.
    """

    term: str
    priority: int
    occupation_code: str | None = None
    job_function_text: str | None = None
    long_term_description: str | None = None
    sub_goals: tuple[SubGoalDraft, ...] = ()
    outside_shortage_reason: str | None = None
    goal_id: str | None = None

    @property
    def is_free_text(self) -> bool:
        return self.occupation_code is None


@dataclass(frozen=True, slots=True)
class EducationGoalDraft:
    """goal_id: as of a job goal."""

    education_name: str
    priority: int
    education_code: str | None = None
    goal_id: str | None = None
