"""Education goals and who may have an education order (R47, R48, R95)."""

from collections.abc import Sequence
from typing import Final

from app.domain.goal import EducationGoalDraft
from app.domain.target_group import ElementCode, TargetGroup
from app.rules import text
from app.rules.breach import Breach, Path, rule
from app.rules.job_goal import is_gapless
from app.rules.plan import has_element

JOB_TRACK: Final = "EDU_BENEFIT_JOB_TRACK"


@rule("R47")
def are_prioritised(goals: Sequence[EducationGoalDraft], path: Path = ()) -> Breach | None:
    """Priorities are 1..n, each once.

    >>> are_prioritised([EducationGoalDraft("Smed", 2), EducationGoalDraft("Tømrer", 1)])
    >>> are_prioritised([EducationGoalDraft("Smed", 2)]).details
    {'count': 1}
    """
    if is_gapless([goal.priority for goal in goals]):
        return None
    return Breach("R47", path=path, count=len(goals))


@rule("R48")
def is_not_on_job_track(group: TargetGroup, path: Path = ()) -> Breach | None:
    """A youth on the job track gets neither an education goal nor an education order."""
    return Breach("R48", path=path) if group.code == JOB_TRACK else None


@rule("R95")
def may_have_order(group: TargetGroup, path: Path = ()) -> Breach | None:
    """An education order only where the composition has education steps (B1, B2)."""
    if is_not_on_job_track(group) is not None:
        return is_not_on_job_track(group, path)
    return None if group.has(ElementCode.EDUCATION_STEP) else Breach("R95", path=path)


def education_goals(
    goals: Sequence[EducationGoalDraft],
    group: TargetGroup,
    path: Path = ("input", "educationGoals"),
) -> list[Breach | None]:
    """All rules for a written list of education goals; an empty list is allowed for every group."""
    refused = is_not_on_job_track(group, path) or has_element(
        group, ElementCode.EDUCATION_GOALS, path
    )
    answers: list[Breach | None] = [refused if goals else None, are_prioritised(goals, path)]
    for index, goal in enumerate(goals):
        answers += text.all_fit(goal, text.EDUCATION_GOAL, (*path, index))
    return answers
