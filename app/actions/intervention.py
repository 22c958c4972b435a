"""Interventions in the plan: created, told of, called about, cancelled (R22, R82, R92, R129)."""

from typing import Any
from uuid import UUID

from app.actions.common import refuse_hidden_plan, required, written
from app.actions.event import tell_fund
from app.actions.inbox import settle_items
from app.actions.intervention_draft import (
    columns_of,
    in_force,
    link_goals,
    links_of,
    new_standing,
    rules_of,
    tidied,
)
from app.domain.case import Case
from app.domain.intervention import ContactAttempt, InterventionDraft, InterventionKind
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.errors import NotFound
from app.rules import text
from app.rules.breach import Path
from app.rules.intervention import course_is_registered, is_not_over
from app.rules.notice import event_of_new_intervention
from app.rules.offer import call_may_be_notice, call_was_made, calls_concern_offer
from app.rules.plan import is_in_own_words
from app.store.cases import caseworker_of, lock_case, plan_of
from app.store.work import Done, Work


async def create_intervention(
    work: Work,
    citizen_id: UUID,
    draft: InterventionDraft,
    *,
    expected_version: int | None = None,
    shows_organisation: bool = True,
    path: Path = ("input",),
) -> Done:
    """Puts an intervention into the plan; the citizen is told, and the fund of a member.

    path: where the client wrote the draft. Raises `NotFound` for a citizen, plan or goal out of
    reach, `BadUserInput` for what no intervention can have, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    refuse_hidden_plan(work, case)
    draft, kind = await tidied(work, draft, path)
    work.check(
        await in_force(work, draft, path),
        await rules_of(work, case, draft, kind, path, new_standing(work, case)),
        course_is_registered(case.target_group, await kinds_with(work, case, kind)),
    )
    row = columns_of(draft, is_offer=kind.is_offer(draft.scheme))
    caseworker_id = await caseworker_of(work)
    return await put_into_plan(
        work, case, draft, kind, row, caseworker_id, shows_organisation=shows_organisation
    )


async def put_into_plan(
    work: Work,
    case: Case,
    draft: InterventionDraft,
    kind: InterventionKind,
    row: dict[str, Any],
    caseworker_id: UUID | None,
    *,
    shows_organisation: bool = True,
) -> Done:
    """Stores an intervention that keeps the rules, and tells whoever hears of it.

    row: the draft by column. caseworker_id: with whom it was agreed; None where the row names an
    organisation instead.
    """
    plan_id = await plan_of(work, case)
    links = await links_of(work, plan_id, draft)
    is_offer = kind.is_offer(draft.scheme)
    intervention_id = await work.fetchval(
        "create_intervention",
        *(plan_id, caseworker_id, shows_organisation, case.plan_type, work.now),
        *(case.right_and_duty, is_offer, row),
    )
    await link_goals(work, intervention_id, links)
    if is_offer:
        await record_calls(work, case, intervention_id, draft.notice.contact_attempts)
    hidden = kind.hidden_from_fund or not case.plan_type_visible_to_fund
    if not hidden:
        await _tell_fund(work, case, draft, kind)
    work.touch(
        plan_id,
        case.citizen_id,
        "interventions",
        trigger="OFFER" if is_offer else "INTERVENTION",
        event=event_of_new_intervention(kind, draft.scheme),
        subject=intervention_id,
        hidden_from_fund=hidden,
    )
    work.watch(plan_id, case)
    return Done(case.citizen_id, plan_id, {"intervention_id": intervention_id})


async def set_intervention_status(
    work: Work,
    citizen_id: UUID,
    intervention_id: UUID,
    status: str | None,
    *,
    expected_version: int | None = None,
) -> Done:
    """Tells the latest status of an intervention, blank for none; the citizen is told.

    Also of one that has ended or was cancelled. Raises `NotFound` for a citizen or intervention
    out of reach, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    status = written(status)
    path: Path = ("input", "text")
    work.check(text.fits(status, text.STATUS["text"], path), is_in_own_words(status, path))
    told = await tell_status(work, case, intervention_id, status)
    return changed(work, case, intervention_id, hidden=told, trigger="STATUS")


async def cancel_intervention(
    work: Work,
    citizen_id: UUID,
    intervention_id: UUID,
    reason: str,
    *,
    expected_version: int | None = None,
) -> Done:
    """Calls off an intervention that has not ended, once; it stays in the plan as cancelled.

    Raises `NotFound` for a citizen or intervention out of reach, `BadUserInput` without a reason,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    stored = await stored_intervention(work, case, intervention_id)
    path: Path = ("input", "reason")
    reason = required(reason, path)
    ended = stored["end_date"] is not None and stored["end_date"] < work.today
    work.check(
        is_not_over(stored["cancelled_at"] is not None, ended, ("input", "interventionId")),
        text.fits(reason, text.STATUS["text"], path),
        is_in_own_words(reason, path),
    )
    hidden = await work.fetchval(
        "cancel_intervention",
        *(intervention_id, work.now, reason, case.plan_type, case.plan_type_visible_to_fund),
    )
    if stored["system"] is not None:  # what VITAS still had to say of it is called off too
        held = await work.fetchval(
            "drop_held_import", stored["system"], stored["external_id"], citizen_id
        )
        if held is not None:
            await settle_items(work, citizen_id, "IMPORT_TOO_LONG", held)
    return changed(work, case, intervention_id, hidden=hidden)


async def record_contact_attempt(
    work: Work,
    citizen_id: UUID,
    intervention_id: UUID,
    attempt: ContactAttempt,
    *,
    is_notice: bool = False,
    expected_version: int | None = None,
) -> Done:
    """Adds a phone call to an offer (R92); the citizen is told.

    is_notice: the citizen heard the start date in it; a notice that is stored already stays.
    Raises `NotFound` for a citizen or intervention out of reach, `RulesBroken` with all broken
    rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    stored = await stored_intervention(work, case, intervention_id)
    where: Path = ("input", "interventionId")
    work.check(
        calls_concern_offer(stored["is_offer"], where),
        is_not_over(stored["cancelled_at"] is not None, path=where),
        call_was_made(attempt.attempted_on, work.today, ("input", "at")),
        call_may_be_notice(is_notice, attempt.reached, ("input", "isNotice")),
    )
    await record_calls(work, case, intervention_id, (attempt,))
    hidden = await work.fetchval(
        "note_contact",
        *(intervention_id, attempt.attempted_on, is_notice),
        *(case.plan_type, case.plan_type_visible_to_fund),
    )
    return changed(work, case, intervention_id, hidden=hidden)


def changed(
    work: Work, case: Case, intervention_id: UUID, *, hidden: bool, trigger: str = "INTERVENTION"
) -> Done:
    """An intervention in the plan is not as it was. hidden: it does not exist for a fund."""
    assert case.plan_id is not None
    work.touch(
        case.plan_id,
        case.citizen_id,
        "interventions",
        trigger=trigger,
        event=NoticeEvent.PLAN_CHANGED,
        hidden_from_fund=hidden or not case.plan_type_visible_to_fund,
    )
    work.watch(case.plan_id, case)
    return Done(case.citizen_id, case.plan_id, {"intervention_id": intervention_id})


async def stored_intervention(work: Work, case: Case, intervention_id: UUID) -> dict[str, Any]:
    """Its columns (see the query); raises `NotFound` for one that is not in this plan."""
    row = await work.fetchrow("stored_intervention", intervention_id, case.plan_id)
    if row is None:
        raise NotFound("There is no such intervention.")
    return dict(row)


async def tell_status(work: Work, case: Case, intervention_id: UUID, status: str | None) -> bool:
    """Stores the latest status; whether the intervention is hidden from a fund.

    Raises `NotFound` for one that is not in this plan.
    """
    told = await work.fetchrow(
        "set_intervention_status",
        *(intervention_id, case.plan_id, status, await caseworker_of(work), work.now),
        case.plan_type,
    )
    if told is None:
        raise NotFound("There is no such intervention.")
    return bool(told["hidden_from_fund"])


async def record_calls(
    work: Work, case: Case, intervention_id: UUID, attempts: tuple[ContactAttempt, ...]
) -> None:
    """Stores phone calls about an offer."""
    for attempt in attempts:
        await work.execute(
            "record_contact_attempt",
            *(intervention_id, attempt.attempted_on, attempt.reached, case.plan_type),
        )


async def kinds_with(work: Work, case: Case, kind: InterventionKind) -> set[str]:
    """The kinds that the plan holds, with this one."""
    return {kind.code} | {r["kind"] for r in await work.fetch("kinds_in_plan", case.plan_id)}


async def _tell_fund(
    work: Work, case: Case, draft: InterventionDraft, kind: InterventionKind
) -> None:
    """R129: the fund of a dagpenge recipient hears of what it may see of the jobcenter's."""
    if case.fund is None or not case.target_group.is_unemployment_benefit:
        return
    if work.viewer.role is not Role.FUND:
        codes = [kind.code, *([draft.scheme] if draft.scheme else [])]
        await tell_fund(work, case.fund.organisation_id, case.citizen_id, "INTERVENTION_NEW", codes)
