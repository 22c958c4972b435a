"""The citizen's own list "Jeg søger job som" (R30-R37): outside the plan, so without a version."""

from typing import Any
from uuid import UUID

import orjson

from app.actions.inbox import put_into_inbox, settle_items
from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.viewer import Role
from app.errors import NotFound
from app.rules.sought_job import (
    cv_may_be_searchable,
    is_an_occupation,
    keeps_minimum,
    may_be_written,
    needs_approval,
)
from app.store.cases import caseworker_of, lock_case
from app.store.work import Done, Work


async def add_sought_job(work: Work, citizen_id: UUID, occupation_code: str) -> Done:
    """Puts an occupation on the list; one that is there already stays as it is.

    Staff may help while the registration is open. Raises `NotFound` for a citizen out of reach,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id)
    by_citizen = work.viewer.role is Role.CITIZEN
    known = await work.fetchval("has_occupation", occupation_code, work.today)
    work.check(
        may_be_written(by_citizen, case.registration_open),
        is_an_occupation(occupation_code if known else None, ("input", "occupationCode")),
    )
    added = await work.fetchval(
        "add_sought_job",
        *(citizen_id, occupation_code, work.now),
        "REGISTRATION" if case.registration_open else "LATER",
        None if by_citizen else await caseworker_of(work),
    )
    if added is not None:
        await _changed(work, case, case.sought_jobs + 1)
    return await _list(work, citizen_id)


async def remove_sought_job(work: Work, citizen_id: UUID, sought_job_id: UUID) -> Done:
    """Takes an occupation off the list, as long as the group's minimum is left.

    Raises `NotFound` for a citizen or sought job out of reach, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id)
    if not await work.fetchval("has_sought_job", citizen_id, sought_job_id):
        raise NotFound("There is no such sought job.")
    remaining = case.sought_jobs - 1
    searchable = await work.fetchval("citizen_is_cv_searchable", citizen_id)
    path = ("input", "soughtJobId")
    work.check(
        may_be_written(work.viewer.role is Role.CITIZEN, case.registration_open),
        keeps_minimum(case.target_group, remaining, path),
        cv_may_be_searchable(case.target_group, searchable, remaining, path),
    )
    await work.execute("remove_sought_job", citizen_id, sought_job_id)
    await _changed(work, case, remaining)
    return await _list(work, citizen_id)


async def approve_sought_jobs(work: Work, citizen_id: UUID) -> Done:
    """The jobcenter has inspected the list (R36); groups without that duty are left as they are."""
    case = await lock_case(work, citizen_id)
    if needs_approval(case.target_group):
        approved = await work.fetch(
            "approve_sought_jobs", citizen_id, await caseworker_of(work), work.now
        )
        if approved:
            work.touch_citizen(citizen_id)
    await settle_items(work, citizen_id, "SOUGHT_JOBS_TO_APPROVE")
    return await _list(work, citizen_id)


async def _changed(work: Work, case: Case, count: int) -> None:
    """A changed list is approved anew (R36); a task that asked for a sought job is done."""
    await work.execute("reset_approval", case.citizen_id)
    if count >= case.target_group.sought_jobs_minimum:
        await settle_items(work, case.citizen_id, "MISSING_SOUGHT_JOB")
    if work.viewer.role is Role.CITIZEN and needs_approval(case.target_group):
        await put_into_inbox(
            work,
            *(Authority.JOBCENTER, case.municipality_code, case.citizen_id),
            "SOUGHT_JOBS_TO_APPROVE",
        )
    work.touch_citizen(case.citizen_id)


async def _list(work: Work, citizen_id: UUID) -> Done:
    jobs: list[dict[str, Any]] = orjson.loads(await work.fetchval("sought_jobs", citizen_id))
    return Done(citizen_id, None, {"sought_jobs": jobs})
