"""Job fairs, job cafés and other events from booking systems (R67)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.actions.meeting import filled, system_of, without_blanks
from app.domain.authority import Authority
from app.domain.meeting import OtherAgreementDraft
from app.domain.viewer import Role
from app.errors import NotFound
from app.rules.meeting import comes_from_a_system, is_unchanged, other_agreement
from app.rules.notice import event_of_other_agreement
from app.store.cases import lock_case, plan_of
from app.store.work import Done, Work


async def upsert_other_agreement(work: Work, citizen_id: UUID, draft: OtherAgreementDraft) -> Done:
    """Stores an event of the system that the viewer is; the same again changes nothing.

    Raises `NotFound` for a citizen out of reach or an event of somebody else, `RulesBroken` with
    all broken rules.
    """
    case = await lock_case(work, citizen_id)
    system = system_of(work)
    sent = replace(
        draft,
        external_id=filled(draft.external_id, "externalId"),
        title=filled(draft.title, "title"),
        **without_blanks(draft, ("place", "description")),
    )
    row = await work.fetchrow("find_other_agreement", system, sent.external_id)
    if row is not None and row["plan_id"] != case.plan_id:
        raise NotFound("There is no such agreement.")
    work.check(
        comes_from_a_system(work.viewer.role is Role.SYSTEM),
        other_agreement(sent),
    )
    stored = _draft(row) if row is not None else None
    if row is not None and is_unchanged(stored, sent):
        return Done(citizen_id, case.plan_id, {"other_agreement_id": row["other_agreement_id"]})
    plan_id = await plan_of(work, case)
    stored_id = await work.fetchval(
        "store_other_agreement",
        *(plan_id, system, sent.external_id, sent.organiser, sent.title, sent.kind),
        *(sent.starts_at, sent.ends_at, sent.place, sent.description, sent.cancelled),
    )
    if stored_id is None:
        raise NotFound("There is no such agreement.")
    event = event_of_other_agreement(stored, sent)
    work.touch(plan_id, citizen_id, "meetings", trigger="MEETING", event=event, subject=stored_id)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"other_agreement_id": stored_id})


def _draft(row: Any) -> OtherAgreementDraft:
    facts = {name: row[name] for name in OtherAgreementDraft.__dataclass_fields__}
    return OtherAgreementDraft(**{**facts, "organiser": Authority(row["organiser"])})
