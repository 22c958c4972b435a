"""R51: whether the citizen's three lists of occupations fit each other; it warns, never blocks."""

from collections.abc import Iterable
from typing import Literal, TypedDict

from app.domain.document import JobGoal, JobSearchRequirement, OccupationRef, SoughtJob
from app.domain.popup import is_current
from app.rules.breach import rule

FindingCode = Literal[
    "REQUIREMENT_NOT_IN_SOUGHT",
    "GOAL_NOT_IN_SOUGHT",
    "GOAL_NOT_IN_REQUIREMENT",
    "SOUGHT_NOT_IN_GOAL",
]


class ConsistencyFinding(TypedDict):
    code: FindingCode
    occupation: OccupationRef


@rule("R51")
def job_goal_consistency(
    sought: list[SoughtJob],
    requirements: list[JobSearchRequirement],
    goals: list[JobGoal],
    today: str,
) -> list[ConsistencyFinding]:
    """Findings by code in the order of R51, and within a code in the order of the list.

    Occupations are the same when their codes are; free-text goals are left out. Requirements
    count while they hold on `today` (`YYYY-MM-DD`). Goals are not compared with requirements
    while no current requirement names an occupation: many groups never get one (R72), and one by
    industry alone has nothing to compare. Every group has a list of sought jobs, so that list
    counts even when empty; so do the goals, also of a group that has none.
    """
    wanted = _by_code(item["occupation"] for item in sought)
    required = _by_code(
        occupation
        for item in requirements
        if is_current(item, today)
        for occupation in item["occupations"]
    )
    aimed = _by_code(
        goal["occupation"]
        for goal in sorted(goals, key=lambda goal: goal["priority"])
        if goal["occupation"] is not None
    )
    return [
        *_missing("REQUIREMENT_NOT_IN_SOUGHT", required, wanted),
        *_missing("GOAL_NOT_IN_SOUGHT", aimed, wanted),
        *(_missing("GOAL_NOT_IN_REQUIREMENT", aimed, required) if required else ()),
        *_missing("SOUGHT_NOT_IN_GOAL", wanted, aimed),
    ]


def _by_code(occupations: Iterable[OccupationRef]) -> dict[str, OccupationRef]:
    return {occupation["code"]: occupation for occupation in occupations}


def _missing(
    code: FindingCode, these: dict[str, OccupationRef], those: dict[str, OccupationRef]
) -> list[ConsistencyFinding]:
    return [
        ConsistencyFinding(code=code, occupation=occupation)
        for key, occupation in these.items()
        if key not in those
    ]
