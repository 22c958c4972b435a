"""Held conversations: the only way to the latest agreement (R60-R62)."""

from collections.abc import Sequence
from uuid import UUID

from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.conversation import ConversationDraft, InterventionStatusDraft
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.errors import NotFound
from app.rules.breach import Breach
from app.rules.conversation import conversation, names_hidden_intervention
from app.rules.meeting import can_be_held
from app.store.cases import authority_of, caseworker_of, lock_case, organisation_of, plan_of
from app.store.work import Done, Work


async def register_conversation(
    work: Work,
    citizen_id: UUID,
    draft: ConversationDraft,
    *,
    expected_version: int | None = None,
    hidden_from_fund: bool = False,
) -> Done:
    """Stores a held conversation with its agreement; the citizen is told.

    Raises `NotFound` for a citizen or meeting out of reach, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    meeting_id = UUID(draft.meeting_id) if draft.meeting_id else None
    work.check(
        conversation(draft, authority_of(work.viewer.role), work.today),
        await _meeting_can_be_held(work, case, draft),
    )
    plan_id = await plan_of(work, case)
    caseworker_id = await caseworker_of(work)
    organisation = await organisation_of(work)
    sections = ["agreements", f"latest_agreement_{draft.authority.lower()}"]
    if meeting_id is not None:
        await work.execute("hold_meeting", meeting_id)
        sections.append("meetings")
    conversation_id = await work.fetchval(
        "register_conversation",
        *(plan_id, draft.authority, organisation["organisation_id"], caseworker_id),
        *(draft.held_at, draft.mode, meeting_id, case.plan_type, hidden_from_fund, work.now),
        draft.agreement_text,
    )
    work.touch(
        plan_id,
        citizen_id,
        *sections,
        trigger="CONVERSATION",
        event=NoticeEvent.CONVERSATION_REGISTERED,
        hidden_from_fund=draft.authority is Authority.JOBCENTER
        and (hidden_from_fund or not case.plan_type_visible_to_fund),
    )
    if draft.statuses:
        fund_reads_it = not hidden_from_fund and may_be_read_by_fund(case, draft.authority)
        told_in = (conversation_id, caseworker_id)
        hidden = await _tell_statuses(work, case, plan_id, told_in, draft.statuses, fund_reads_it)
        # a touch of its own: a fund may see the status of a conversation that is hidden from it
        work.touch(plan_id, citizen_id, "interventions", trigger="STATUS", hidden_from_fund=hidden)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"conversation_id": conversation_id})


async def _meeting_can_be_held(work: Work, case: Case, draft: ConversationDraft) -> Breach | None:
    """Whether the meeting that the conversation names may have been it; `NotFound` without one."""
    if draft.meeting_id is None:
        return None
    booked = await work.fetchrow(
        "booked_meeting", UUID(draft.meeting_id), case.plan_id, draft.authority
    )
    if booked is None:
        raise NotFound("There is no such meeting.")
    return can_be_held(booked["status"], has_conversation=booked["has_conversation"])


def may_be_read_by_fund(case: Case, authority: Authority) -> bool:
    """Whether a fund reads what the jobcenter writes now, unless it is hidden on purpose."""
    return (
        authority is Authority.JOBCENTER
        and case.fund is not None
        and case.plan_type_visible_to_fund
    )


async def _tell_statuses(
    work: Work,
    case: Case,
    plan_id: UUID,
    told_in: tuple[UUID, UUID],
    statuses: Sequence[InterventionStatusDraft],
    fund_reads_it: bool,
) -> bool:
    """Stores the statuses told in a conversation (R82), and warns of a hidden one (O13).

    told_in: the conversation and its caseworker. Whether all of them are hidden from funds.
    """
    conversation_id, caseworker_id = told_in
    all_hidden = True
    for index, status in enumerate(statuses):
        intervention_id = UUID(status.intervention_id)
        told = await work.fetchrow(
            "tell_status",
            *(intervention_id, plan_id, status.text, caseworker_id, work.now),
            *(work.viewer.role is Role.FUND, case.plan_type_visible_to_fund, case.plan_type),
        )
        if told is None:
            raise NotFound("There is no such intervention.")
        await work.execute("name_intervention", conversation_id, intervention_id)
        path = ("input", "statuses", index, "interventionId")
        work.check(names_hidden_intervention(told["hidden"], fund_reads_it, path))
        all_hidden &= told["hidden"]
    return all_hidden
