"""Job goals (R38-R44, R49, R133)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from app.domain.goal import JobGoalDraft
from app.domain.target_group import TargetGroup
from app.rules import text
from app.rules.breach import Breach, Finding, Path, Verdict, rule
from app.rules.plan import is_in_own_words

TERMS: Final = frozenset({"SHORT_TERM", "LONG_TERM"})
_WITHOUT_SUB_GOALS: Final = frozenset({"A1", "A2"})


def is_gapless(priorities: Collection[int]) -> bool:
    """Whether the numbers are 1..n, each once.

    >>> is_gapless([2, 1, 3]), is_gapless([1, 1]), is_gapless([1, 3]), is_gapless([])
    (True, False, False, True)
    """
    return sorted(priorities) == list(range(1, len(priorities) + 1))


@rule("R38")
def is_named_as_allowed(goal: JobGoalDraft, group: TargetGroup, path: Path = ()) -> list[Breach]:
    """Groups obliged to seek work have occupations only, without text, also in the long term."""
    if group.allows_free_text_goals:
        return []
    texts = {
        "jobFunctionText": goal.job_function_text,
        "longTermDescription": goal.long_term_description,
    }
    return [Breach("R38", path=(*path, field)) for field, written in texts.items() if written]


@rule("R39")
def describes_only_the_long_term(goal: JobGoalDraft, path: Path = ()) -> Breach | None:
    """The free description belongs to long-term goals.

    >>> describes_only_the_long_term(
    ...     JobGoalDraft("LONG_TERM", 1, "7212", long_term_description="Fleksjob")
    ... )
    >>> describes_only_the_long_term(
    ...     JobGoalDraft("SHORT_TERM", 1, "7212", long_term_description="Fleksjob")
    ... ).code
    'FREE_TEXT_NOT_ALLOWED'
    """
    if goal.term == "LONG_TERM" or not goal.long_term_description:
        return None
    return Breach("R39", path=(*path, "longTermDescription"))


@rule("R40")
def has_one_text(goal: JobGoalDraft, path: Path = ()) -> Breach | None:
    """A job goal is an occupation or a job function, exactly one of them.

    >>> has_one_text(JobGoalDraft("SHORT_TERM", 1, occupation_code="7212"))
    >>> has_one_text(JobGoalDraft("SHORT_TERM", 1)).code
    'INVALID_GOAL'
    """
    one = bool(goal.occupation_code) != bool((goal.job_function_text or "").strip())
    return None if one else Breach("R40", path=path)


@rule("R41")
def has_a_term(goal: JobGoalDraft, path: Path = ()) -> Breach | None:
    """A job goal is short-term or long-term."""
    return None if goal.term in TERMS else Breach("R41", "INVALID_GOAL", (*path, "term"))


@rule("R41")
def are_prioritised(goals: Sequence[JobGoalDraft], path: Path = ()) -> Breach | None:
    """Priorities are 1..n, each once."""
    if is_gapless([goal.priority for goal in goals]):
        return None
    return Breach("R41", path=path, count=len(goals))


@rule("R44")
def may_have_sub_goals(goal: JobGoalDraft, group: TargetGroup, path: Path = ()) -> Breach | None:
    """Sub-goals only in compositions B, C and D."""
    refused = bool(goal.sub_goals) and group.composition in _WITHOUT_SUB_GOALS
    return Breach("R44", path=(*path, "subGoals")) if refused else None


@rule("R49")
def lies_in_shortage_area(
    shortage_status: str, reason: str | None, path: Path = ()
) -> Finding | None:
    """A job goal outside the shortage areas of the region has a reason, as far as possible.

    shortage_status: IN_SHORTAGE, NOT_IN_SHORTAGE or UNKNOWN (no check).

    >>> lies_in_shortage_area("UNKNOWN", None), lies_in_shortage_area("NOT_IN_SHORTAGE", "Lyst")
    (None, None)
    >>> lies_in_shortage_area("NOT_IN_SHORTAGE", None).code
    'OUTSIDE_SHORTAGE_AREA'
    """
    if shortage_status != "NOT_IN_SHORTAGE" or (reason or "").strip():
        return None
    return Finding("R49", "OUTSIDE_SHORTAGE_AREA", (*path, "outsideShortageReason"))


@rule("R133", "R112")
def free_text_is_replaced(
    group: TargetGroup, free_text_goals: int, writes_goals: bool, path: Path = ()
) -> Verdict:
    """Free-text goals from before the citizen became obliged are replaced when goals are written.

    free_text_goals: those left at the end of the operation. Other operations only warn.
    """
    if free_text_goals == 0 or not group.obliged or group.allows_free_text_goals:
        return None
    return Breach("R133", path=path) if writes_goals else Finding("R133", path=path)


def job_goals(
    goals: Sequence[JobGoalDraft],
    group: TargetGroup,
    shortage: Mapping[str, str],
    path: Path = ("input", "jobGoals"),
) -> list[Breach | Finding | None]:
    """All rules for a written list of job goals; shortage: occupation code -> shortage status."""
    answers: list[Breach | Finding | None] = [are_prioritised(goals, path)]
    for index, goal in enumerate(goals):
        answers += _job_goal(goal, group, shortage, (*path, index))
    return answers


def _job_goal(
    goal: JobGoalDraft, group: TargetGroup, shortage: Mapping[str, str], path: Path
) -> list[Breach | Finding | None]:
    status = shortage.get(goal.occupation_code or "", "UNKNOWN")
    answers: list[Breach | Finding | None] = [
        has_one_text(goal, path),
        has_a_term(goal, path),
        *is_named_as_allowed(goal, group, path),
        describes_only_the_long_term(goal, path) if group.allows_free_text_goals else None,
        may_have_sub_goals(goal, group, path),
        lies_in_shortage_area(status, goal.outside_shortage_reason, path),
        *text.all_fit(goal, text.JOB_GOAL, path),
        is_in_own_words(goal.long_term_description, (*path, "longTermDescription")),
    ]
    for index, sub_goal in enumerate(goal.sub_goals):
        answers += text.all_fit(sub_goal, text.SUB_GOAL, (*path, "subGoals", index))
    return answers
