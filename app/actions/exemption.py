"""Exemption from the digital plan, and the letters that exempt citizens get (R115, R116)."""

from datetime import date
from uuid import UUID

from app.domain.authority import Authority
from app.domain.viewer import Role
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.acknowledgement import may_be_exempted
from app.rules.responsibility import is_responsible
from app.store.cases import authority_of, caseworker_of, lock_case
from app.store.work import Done, Work


async def exempt_from_digital(
    work: Work,
    citizen_id: UUID,
    kind: str,
    *,
    reason: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Done:
    """Exempts a citizen; from its first day on it replaces an earlier exemption of its kind.

    kind: DIGITAL_POST, SELF_SERVICE or, after an assessment with its reason, INDIVIDUAL.
    valid_from: today unless given; valid_to: exclusive, None = until further notice. Raises
    `NotFound` for a citizen out of reach, `BadUserInput` for an empty period, `RulesBroken`.
    """
    case = await lock_case(work, citizen_id)
    first = valid_from or work.today
    if valid_to is not None and valid_to <= first:
        raise BadUserInput("An exemption ends after it begins.", path=("input", "to"))
    work.check(
        may_be_exempted(case.target_group, kind, reason),
        text.fits(reason, text.EXEMPTION_REASON, ("input", "reason")),
    )
    caseworker_id = await caseworker_of(work)
    await work.execute("end_exemptions", citizen_id, kind, first)
    await work.execute("drop_exemptions", citizen_id, kind, first)
    await work.execute(
        "exempt", citizen_id, kind, first, valid_to, (reason or "").strip() or None, caseworker_id
    )
    work.touch_citizen(citizen_id)
    return Done(citizen_id, None, {"citizen_id": citizen_id})


async def complete_letter_task(
    work: Work,
    citizen_id: UUID,
    *,
    letter_task_id: UUID | None = None,
    version: int | None = None,
) -> Done:
    """Notes that the letter with a version has been sent; named by its id or by the version.

    version: of the full plan, so for the jobcenter only. Raises `NotFound` for a citizen or task
    out of reach or sent already, `RulesBroken` when a fund is no longer responsible.
    """
    case = await lock_case(work, citizen_id)
    role = work.viewer.role
    if letter_task_id is not None and case.plan_id is not None:
        version = await work.fetchval(
            "version_of_letter_task", case.plan_id, letter_task_id, role is Role.FUND
        )
    elif role is Role.FUND:
        version = None
    if role is Role.FUND:
        work.check(is_responsible(authority_of(role), case.responsible))
    done = None
    if version is not None and case.plan_id is not None:
        caseworker_id = await caseworker_of(work)
        done = await work.fetchrow(
            "complete_letter_task", case.plan_id, version, work.now, caseworker_id
        )
    if done is None:
        raise NotFound("There is no such letter task.")
    work.inboxes.add((citizen_id, Authority.JOBCENTER))
    if done["fund_knows"]:
        work.inboxes.add((citizen_id, Authority.UNEMPLOYMENT_FUND))
    return Done(citizen_id, None, {"letter_task_id": done["letter_task_id"]})
