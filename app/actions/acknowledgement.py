"""What the citizen says to the plan: receipts (R117, R118, R120), and agreement (R11)."""

from uuid import UUID

from app.actions.common import published_plan
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.rules import text
from app.rules.acknowledgement import has_the_right_method, is_of_current_version, is_the_first
from app.rules.responsibility import is_responsible
from app.store.cases import authority_of, caseworker_of, lock_case
from app.store.documents import audience_of
from app.store.work import Done, Work


async def acknowledge_plan(work: Work, citizen_id: UUID, version: int) -> Done:
    """The citizen has read the current version; no new version comes of it.

    Raises `NotFound` for a citizen out of reach or without a plan, `RulesBroken`.
    """
    return await record_acknowledgement(work, citizen_id, version, "DIGITAL")


async def record_acknowledgement(
    work: Work, citizen_id: UUID, version: int, method: str, note: str | None = None
) -> Done:
    """Stores a receipt for the version that is the viewer's current one.

    method: DIGITAL by the citizen; SIGNATURE, DIGITAL_POST and REFUSAL_NOTED by staff of the
    responsible authority. Raises `NotFound` for a citizen out of reach or a plan that the viewer
    does not see, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id)
    plan_id = published_plan(work, case)
    role = work.viewer.role
    by_citizen = role is Role.CITIZEN
    current = case.fund_version if role is Role.FUND else case.full_version
    acknowledged = version == current and await work.fetchval(
        "is_acknowledged", plan_id, audience_of(role)
    )
    work.check(
        is_of_current_version(version, current),
        is_the_first(acknowledged),
        has_the_right_method(method, None if by_citizen else authority_of(role), case.responsible),
        text.fits(note, text.ACKNOWLEDGEMENT_NOTE, ("input", "note")),
    )
    await work.execute(
        "acknowledge",
        *(plan_id, case.full_version, case.fund_version or None, method, work.now),
        None if by_citizen else await caseworker_of(work),
        (note or "").strip() or None,
        await work.fetchval("citizen_name", citizen_id) if by_citizen else None,
    )
    work.touch_citizen(citizen_id)
    return Done(citizen_id, plan_id)


async def set_plan_agreement(
    work: Work,
    citizen_id: UUID,
    agrees: bool | None,
    comment: str | None = None,
    *,
    expected_version: int | None = None,
) -> Done:
    """Notes whether the citizen agrees with the plan, by the citizen or by staff (R11).

    A plan is in force either way; staff who note it cause a notice, the citizen does not. Raises
    `NotFound` for a citizen out of reach or a plan that the viewer does not see, `RulesBroken`.
    """
    case = await lock_case(work, citizen_id, expected_version)
    plan_id = published_plan(work, case)
    role = work.viewer.role
    work.check(
        is_responsible(authority_of(role), case.responsible) if role is Role.FUND else None,
        text.fits(comment, text.AGREEMENT_COMMENT, ("input", "comment")),
    )
    wanted = (agrees, (comment or "").strip() or None)
    row = await work.fetchrow("plan_agreement", plan_id)
    if row is not None and tuple(row) != wanted:
        await work.execute("set_plan_agreement", plan_id, *wanted)
        event = None if role is Role.CITIZEN else NoticeEvent.PLAN_CHANGED
        work.touch(plan_id, citizen_id, "head", trigger="PLAN", event=event)
    return Done(citizen_id, plan_id)
