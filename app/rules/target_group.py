"""What a change of target group does to the plan (R131, R132, R134); R133 is in `job_goal`."""

from datetime import date

from app.domain.target_group import TargetGroup
from app.rules.breach import Breach, Finding, Path, rule


@rule("R131")
def plan_type_after(group: TargetGroup, chosen: str | None = None) -> str | None:
    """The plan type in a group: the chosen one, else the group's default; None if it has none."""
    return next(iter(group.plan_types), None) if chosen is None else chosen


@rule("R131")
def may_have_plan_type(
    group: TargetGroup, chosen: str | None = None, path: Path = ("input", "planType")
) -> Breach | None:
    """A caseworker chooses among the plan types listed for the group; None takes the default.

    group: with those that there are on the day.
    """
    allowed = plan_type_after(group, chosen) in group.plan_types
    return None if allowed else Breach("R131", path=path)


@rule("R131")
def exists_on(
    group: TargetGroup, day: date, path: Path = ("input", "targetGroup")
) -> Breach | None:
    """The group exists in law on the day a citizen comes into it."""
    return None if group.exists_on(day) else Breach("R131", "INVALID_TARGET_GROUP", path)


@rule("R131")
def follows_the_present(
    valid_from: date, present_from: date, today: date, path: Path = ("input", "validFrom")
) -> Breach | None:
    """A change takes effect today or earlier, and not before the present group did.

    On the present group's own first day it replaces that group.

    >>> day = date(2026, 3, 1)
    >>> follows_the_present(day, present_from=day, today=day)
    >>> follows_the_present(day, present_from=date(2026, 3, 2), today=date(2026, 3, 3)).code
    'INVALID_PERIOD'
    """
    # a group that begins later can still be replaced on its own first day
    if present_from <= valid_from <= max(today, present_from):
        return None
    return Breach("R131", "INVALID_PERIOD", path, earliest=present_from)


@rule("R132")
def hidden_elements(old: TargetGroup, new: TargetGroup) -> tuple[str, ...]:
    """Elements of the old composition that the new one hides, in the old order.

    Nothing is deleted: they come back when the group changes back.
    """
    return tuple(element.code for element in old.elements if not new.has(element.code))


@rule("R134")
def has_sought_job_after_change(new: TargetGroup, sought_jobs: int) -> Finding | None:
    """A citizen who becomes obliged has a sought job; without one there is a task, no error."""
    return Finding("R134") if sought_jobs < new.sought_jobs_minimum else None
