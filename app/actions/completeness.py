"""What a plan lacks as an operation ends: refused where goals were written, else warned (R112)."""

from uuid import UUID

from app.actions.common import office_of_tasks
from app.actions.inbox import put_into_inbox
from app.domain.authority import Authority
from app.domain.viewer import Role
from app.rules.job_goal import free_text_is_replaced
from app.rules.plan import GoalCount, completeness
from app.rules.sought_job import is_there
from app.store.work import Watch, Work


async def check_completeness(work: Work) -> None:
    """Looks at every plan the operation watches; raises `RulesBroken` with all it must not lack."""
    for plan_id, watch in sorted(work.watched.items()):
        row = await work.fetchrow("count_goals", plan_id, watch.case.citizen_id)
        assert row is not None
        case = watch.case
        told = work.viewer.role is not Role.FUND or case.plan_type_visible_to_fund
        count = GoalCount(
            row["job_goals"],
            row["education_goals"],
            row["step"],
            writes_goals=watch.writes_goals,
            moves_step=watch.moves_step,
        )
        if told:  # what a hidden plan lacks would tell a fund of its type (R88)
            work.check(
                completeness(case.target_group, row["plan_type"], count, ("input",)),
                free_text_is_replaced(
                    case.target_group, row["free_text_goals"], watch.writes_goals, ("input",)
                ),
                is_there(case.target_group, row["sought_jobs"], case.responsible),
            )
        if row["sought_jobs"] < case.target_group.sought_jobs_minimum:
            await _ask_for_sought_jobs(work, plan_id, watch)


async def _ask_for_sought_jobs(work: Work, plan_id: UUID, watch: Watch) -> None:
    """A task for the authority that is responsible today (R35).

    A fund gets none from a change that it may not know of; the next one it sees brings it.
    """
    case = watch.case
    office = office_of_tasks(case)
    touch = work.touches.get(plan_id)
    if case.responsibility is None or (
        office[0] is Authority.UNEMPLOYMENT_FUND and touch is not None and not touch.for_fund
    ):
        return
    await put_into_inbox(work, *office, case.citizen_id, "MISSING_SOUGHT_JOB")
