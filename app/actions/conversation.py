"""Held conversations: the only way to the latest agreement (R60-R62)."""

from uuid import UUID

from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.conversation import ConversationDraft
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.errors import NotFound
from app.rules.breach import Breach
from app.rules.conversation import conversation
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
    for status in draft.statuses:
        told = await work.fetchval(
            "tell_status",
            UUID(status.intervention_id),
            plan_id,
            status.text,
            caseworker_id,
            work.now,
            work.viewer.role is Role.FUND,
            case.plan_type_visible_to_fund,
        )
        if told is None:
            raise NotFound("There is no such intervention.")
        sections.append("interventions")
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
