"""Changes of target group: the plan follows the citizen into its new composition (R131-R135)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.actions.common import office_of_tasks
from app.actions.inbox import put_into_inbox
from app.actions.responsibility import derive_responsibility
from app.domain.case import Case
from app.domain.notice import NoticeEvent
from app.domain.target_group import TargetGroup
from app.errors import BadUserInput
from app.rules.requirement import ends_on_group_change
from app.rules.target_group import (
    exists_on,
    follows_the_present,
    has_sought_job_after_change,
    may_have_plan_type,
    plan_type_after,
)
from app.store.cases import lock_case, plan_of, target_group
from app.store.work import SECTIONS, Done, Work

Path = Sequence[str | int]


async def set_target_group(
    work: Work,
    citizen_id: UUID,
    group_code: str,
    *,
    plan_type: str | None = None,
    valid_from: date | None = None,
    expected_version: int | None = None,
) -> Done:
    """Moves a citizen to a target group; the plan, opened here if need be, is published in it.

    plan_type: one that the group lists; None takes the default, or keeps the present one when the
    group stays. valid_from: today unless given. Raises `NotFound`, `VersionConflict`,
    `BadUserInput` for an unknown code, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    group = await known_group(work, group_code)
    changed = await change_group(work, case, group, valid_from or work.today, plan_type=plan_type)
    plan_id = await plan_of(work, case)
    if case.plan_id is None:
        event = NoticeEvent.PLAN_CHANGED if changed else None
        work.touch(plan_id, citizen_id, *SECTIONS, trigger="TARGET_GROUP", event=event)
    return Done(citizen_id, plan_id)


async def known_group(work: Work, code: str, path: Path = ("input", "targetGroup")) -> TargetGroup:
    """A target group by its code; raises `BadUserInput` when there is none such."""
    group = await target_group(work, code)
    if group is None:
        raise BadUserInput("There is no such target group.", path=path)
    return group


async def on_day(work: Work, group: TargetGroup, day: date) -> TargetGroup:
    """The group with those of its plan types that there are on a day."""
    rows = await work.fetch("plan_types_in_force", group.code, day)
    return replace(group, plan_types=tuple(row["plan_type"] for row in rows))


async def change_group(
    work: Work,
    case: Case,
    group: TargetGroup,
    valid_from: date,
    *,
    plan_type: str | None = None,
    keeps_course: bool = False,
    path: tuple[str | int, ...] = ("input", "validFrom"),
) -> bool:
    """Closes the present period of the case and opens the next; False when nothing changes.

    Nothing in the plan is deleted: what the new composition lacks is hidden until the group
    changes back. keeps_course: the contact course began when it is stored to have begun, also for
    a citizen who comes into or leaves the groups of R14. Raises `RulesBroken`.
    """
    citizen_id, old = case.citizen_id, case.target_group
    if group.code == old.code and plan_type in (None, case.plan_type):
        return False
    group = await on_day(work, group, valid_from)
    wanted = plan_type_after(group, plan_type)
    present_from: date = await work.fetchval("present_target_group_from", citizen_id)
    work.check(
        exists_on(group, valid_from),
        may_have_plan_type(
            group, plan_type, ("input", "targetGroup" if plan_type is None else "planType")
        ),
        follows_the_present(valid_from, present_from, work.today, path),
    )
    assert wanted is not None
    if valid_from == present_from:
        await work.execute("replace_target_group", citizen_id, group.code, wanted)
    else:
        await work.execute("end_target_group", citizen_id, valid_from)
        await work.execute("add_target_group_period", citizen_id, group.code, wanted, valid_from)
    if group.fund_first_three_months != old.fund_first_three_months and not keeps_course:
        await work.execute("start_contact_course", citizen_id, valid_from)
    work.touch_citizen(citizen_id)
    await derive_responsibility(work, await lock_case(work, citizen_id), valid_from)
    await _change_plan(work, case, group, wanted, valid_from)
    await _ask_for_sought_job(work, await lock_case(work, citizen_id), old)
    return True


async def _change_plan(
    work: Work, case: Case, group: TargetGroup, plan_type: str, valid_from: date
) -> None:
    """The plan's type, its requirements (R75), and every section in the new composition."""
    if case.plan_id is None:
        return
    await work.execute("set_plan_type", case.plan_id, plan_type)
    ends_on = ends_on_group_change(case.target_group, group, valid_from)
    if ends_on is not None:
        await work.execute("end_requirements", case.plan_id, group.requirement_issuer, ends_on)
    work.touch(
        case.plan_id,
        case.citizen_id,
        *SECTIONS,
        trigger="TARGET_GROUP",
        event=NoticeEvent.PLAN_CHANGED,
    )
    now = await lock_case(work, case.citizen_id)
    work.watch(case.plan_id, now)
    # an earlier part of the operation may have looked at the plan in the old group
    work.watched[case.plan_id].case = now


async def _ask_for_sought_job(work: Work, case: Case, old: TargetGroup) -> None:
    """R134: a citizen who becomes obliged without a sought job is a task, not an error."""
    group = case.target_group
    if group.sought_jobs_minimum <= old.sought_jobs_minimum:
        return
    finding = has_sought_job_after_change(group, case.sought_jobs)
    if finding is None:
        return
    work.check(finding)
    await put_into_inbox(work, *office_of_tasks(case), case.citizen_id, "MISSING_SOUGHT_JOB")
