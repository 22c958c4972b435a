"""The plan as a whole: one per citizen, its composition, its completeness, its version."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.domain.target_group import ElementCode, TargetGroup
from app.rules.breach import Breach, Finding, Path, Verdict, rule

IMPORTED: Final = frozenset({"VITAS", "DFDG_IMPORT"})
_SOFTER_COMPOSITIONS: Final = frozenset({"C", "D"})
_LEGAL: Final = re.compile(r"§|(?<!\w)stk\.|lovbekendtgørelse", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GoalCount:
    """What an operation leaves in the plan, and what it wrote.

    step: current step of the education order, None without one. writes_goals: it wrote job or
    education goals. moves_step: it opened or moved the step.
    """

    job_goals: int
    education_goals: int
    step: int | None = None
    writes_goals: bool = False
    moves_step: bool = False


@rule("R2")
def is_the_only_plan(has_active_plan: bool) -> Breach | None:
    """A citizen has one active plan through all changes of group.

    >>> is_the_only_plan(has_active_plan=False)
    >>> is_the_only_plan(has_active_plan=True).code
    'PLAN_EXISTS'
    """
    return Breach("R2") if has_active_plan else None


@rule("R3")
def starts_in_the_plan(
    start_date: date, published_on: date, origin: str = "MANUAL", path: Path = ()
) -> Verdict:
    """An intervention starts no earlier than the day it is first published; imports only warn.

    >>> starts_in_the_plan(date(2026, 3, 1), date(2026, 3, 1))
    >>> starts_in_the_plan(date(2026, 2, 28), date(2026, 3, 1)).code
    'PLAN_NOT_PUBLISHED'
    >>> type(starts_in_the_plan(date(2026, 2, 28), date(2026, 3, 1), "VITAS")).__name__
    'Finding'
    """
    if start_date >= published_on:
        return None
    return Finding("R3", path=path) if origin in IMPORTED else Breach("R3", path=path)


@rule("R4")
def has_element(group: TargetGroup, element: str, path: Path = ()) -> Breach | None:
    """Only elements of the group's composition are written.

    Education goals are in compositions C and D for some groups only: those with a rule for them.
    """
    if not group.has(element):
        return Breach("R4", path=path)
    if element == ElementCode.EDUCATION_GOALS and group.education_goal_rule is None:
        return Breach("R4", path=path)
    return None


@rule("R7")
def is_in_own_words(
    text: str | None, path: Path = (), standard_texts: Collection[str] = ()
) -> Finding | None:
    """A text by staff has no legal reference and is no stored standard text.

    >>> is_in_own_words("Du ringer til to vikarbureauer.")
    >>> is_in_own_words("Jf. lovens § 41, stk. 2").details
    {'found': '§'}
    """
    if not text:
        return None
    if text.strip() in standard_texts:
        return Finding("R7", path=path, found="standardtekst")
    found = _LEGAL.search(text)
    return None if found is None else Finding("R7", path=path, found=found[0])


@rule("R8")
def has_consent(
    holistic: bool, consented_at: datetime | None, path: Path = ("input", "holistic", "consentAt")
) -> Breach | None:
    """A holistic plan needs the citizen's recorded consent.

    >>> has_consent(holistic=False, consented_at=None)
    >>> has_consent(holistic=True, consented_at=None).code
    'CONSENT_REQUIRED'
    """
    return Breach("R8", path=path) if holistic and consented_at is None else None


@rule("R42", "R112")
def has_job_goal(group: TargetGroup, plan_type: str, count: GoalCount, path: Path = ()) -> Verdict:
    """Where the composition has job goals there is at least one; a combi plan is R45's.

    Hard in an operation that writes goals, else a warning; compositions C and D only warn.
    """
    if not group.has(ElementCode.JOB_GOALS) or plan_type == "COMBI_PLAN" or count.job_goals:
        return None
    hard = count.writes_goals and group.composition not in _SOFTER_COMPOSITIONS
    return Breach("R42", path=path) if hard else Finding("R42", path=path)


@rule("R45", "R112")
def combi_plan_has_both_goals(
    plan_type: str, count: GoalCount, path: Path = ()
) -> list[Breach | Finding]:
    """A combi plan has at least one education goal and one job goal; hard when goals are written.

    >>> [b.code for b in combi_plan_has_both_goals("COMBI_PLAN", GoalCount(1, 0))]
    ['EDUCATION_GOAL_REQUIRED']
    >>> combi_plan_has_both_goals("JOB_PLAN", GoalCount(0, 0))
    []
    """
    if plan_type != "COMBI_PLAN":
        return []
    answer = Breach if count.writes_goals else Finding
    missing = {
        "EDUCATION_GOAL_REQUIRED": count.education_goals == 0,
        "JOB_GOAL_REQUIRED": count.job_goals == 0,
    }
    return [answer("R45", code, path) for code, absent in missing.items() if absent]


@rule("R46", "R112")
def has_education_goal(plan_type: str, count: GoalCount, path: Path = ()) -> Verdict:
    """From step 2 an education plan has an education goal; at step 1 and before it may be missing.

    >>> has_education_goal("EDUCATION_PLAN", GoalCount(0, 0, step=1, writes_goals=True))
    >>> has_education_goal("EDUCATION_PLAN", GoalCount(0, 0, step=2, moves_step=True)).code
    'EDUCATION_GOAL_REQUIRED'
    """
    if plan_type != "EDUCATION_PLAN" or (count.step or 1) < 2 or count.education_goals:
        return None
    hard = count.writes_goals or count.moves_step
    return Breach("R46", path=path) if hard else Finding("R46", path=path)


def completeness(
    group: TargetGroup, plan_type: str, count: GoalCount, path: Path = ()
) -> list[Breach | Finding]:
    """All demands for goals at the end of an operation (R42, R45, R46); R133 is `job_goal`'s."""
    answers = [
        has_job_goal(group, plan_type, count, path),
        *combi_plan_has_both_goals(plan_type, count, path),
        has_education_goal(plan_type, count, path),
    ]
    return [answer for answer in answers if answer is not None]


@rule("R113")
def is_expected_version(expected: int | None, current: int) -> Breach | None:
    """The plan has not moved on since the version the writer saw; None expects nothing.

    >>> is_expected_version(None, 7), is_expected_version(7, 7)
    (None, None)
    >>> is_expected_version(6, 7).details
    {'current': 7}
    """
    if expected is None or expected == current:
        return None
    return Breach("R113", path=("expectedVersion",), current=current)


@rule("R105")
def may_close(
    under_kui: bool, age: int, exported: bool, path: Path = ("input", "exportToKui")
) -> Breach | None:
    """A youth under 25 under KUI has the export for the education plan before the plan closes.

    >>> may_close(under_kui=True, age=25, exported=False)
    >>> may_close(under_kui=True, age=24, exported=False).code
    'KUI_EXPORT_REQUIRED'
    """
    return Breach("R105", path=path) if under_kui and age < 25 and not exported else None


@rule("R146")
def has_contract(in_composition: bool, stored: bool) -> Breach | None:
    """A contract is downloaded only where the composition has one and it is stored.

    >>> has_contract(in_composition=True, stored=True)
    >>> has_contract(in_composition=True, stored=False).code
    'CONTRACT_NOT_FOUND'
    """
    return None if in_composition and stored else Breach("R146")
