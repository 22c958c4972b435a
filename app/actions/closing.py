"""The end of a plan: closed, kept and read, never written again (R12, R105)."""

from uuid import UUID

from app.actions.inbox import settle_all_items
from app.domain.authority import Authority
from app.domain.case import Case
from app.errors import BadUserInput, NotFound
from app.rules.plan import may_close
from app.rules.responsibility import age_on
from app.store.cases import caseworker_of, lock_case
from app.store.work import Done, Work

SECTIONS = ("head", "requirements", "education")
"""What a closing changes in the documents."""


async def close_plan(
    work: Work,
    citizen_id: UUID,
    *,
    export_to_kui: bool = False,
    expected_version: int | None = None,
) -> Done:
    """Closes the active plan in a last version that nobody is told of; the next write opens a new.

    The citizen leaves the effort with it: that is not the closing of step 4 that R103 speaks of.

    export_to_kui: stores what the education plan under KUI is written from, as of now. Raises
    `NotFound` for a citizen out of reach or without an active plan, `VersionConflict`,
    `BadUserInput` for an export of a citizen who is not under KUI, `RulesBroken`.
    """
    case = await lock_case(work, citizen_id, expected_version)
    plan_id = case.plan_id
    if plan_id is None:
        raise NotFound("There is no such plan.")
    under_kui = await work.fetchval("is_under_kui", citizen_id)
    if export_to_kui and not under_kui:
        raise BadUserInput(
            "There is nothing to export: the citizen is not under KUI.", ("input", "exportToKui")
        )
    work.check(may_close(under_kui, age_on(case.birth_date, work.today), export_to_kui))
    if export_to_kui:
        caseworker_id = await caseworker_of(work)
        await work.execute("store_kui_export", plan_id, work.now, caseworker_id)
    await _end_what_runs(work, case, plan_id)
    await work.execute("close_plan", plan_id, work.now)
    work.touch(plan_id, citizen_id, *SECTIONS, trigger="PLAN")
    # an earlier part of the operation may have had something to tell
    work.touches[plan_id].events.clear()
    return Done(citizen_id, plan_id)


async def _end_what_runs(work: Work, case: Case, plan_id: UUID) -> None:
    """Requirements and steps end today; nothing waits for staff or for the citizen any more."""
    await work.execute("end_all_requirements", plan_id, work.today)
    await work.execute("close_education_steps", plan_id)
    await work.execute("drop_held_imports", case.citizen_id)
    await settle_all_items(work, case.citizen_id, fund_may_know=case.plan_type_visible_to_fund)
    for row in await work.fetch("drop_letter_tasks", plan_id):
        work.inboxes.add((case.citizen_id, Authority.JOBCENTER))
        if row["fund_knows"]:
            work.inboxes.add((case.citizen_id, Authority.UNEMPLOYMENT_FUND))
    await work.execute("lock_open_deliveries", case.citizen_id)
    await work.execute("drop_deliveries", case.citizen_id, plan_id, work.now)
