"""Meetings from booking and summons systems (R66, R67): idempotent by the system's own id."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.contact import web_address
from app.domain.meeting import MeetingDraft
from app.domain.viewer import Role
from app.errors import BadUserInput, Forbidden, NotFound
from app.rules.meeting import comes_from_a_system, is_not_held, is_unchanged, meeting
from app.rules.notice import event_of_meeting
from app.store.cases import lock_case, plan_of
from app.store.work import Done, Work

OPTIONAL = ("place", "address", "map_url", "caseworker_role", "description")


async def upsert_meeting(
    work: Work, citizen_id: UUID, draft: MeetingDraft, *, organisation_code: str | None = None
) -> Done:
    """Stores a meeting of the system that the viewer is; the same again changes nothing.

    organisation_code: of the office that holds it; None is the citizen's own jobcenter or fund.
    Raises `NotFound` for a citizen out of reach or a meeting of somebody else, `BadUserInput` for
    an unknown office, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id)
    system = system_of(work)
    sent = _tidied(draft)
    row = await work.fetchrow("find_meeting", system, sent.external_id)
    if row is not None and row["plan_id"] != case.plan_id:
        raise NotFound("There is no such meeting.")
    stored = _draft(row) if row is not None else None
    work.check(
        comes_from_a_system(work.viewer.role is Role.SYSTEM),
        meeting(sent),
        is_not_held(stored, sent),
    )
    if row is not None and row["status"] == "HELD":  # sent again as it was before it was held
        return Done(citizen_id, case.plan_id, {"meeting_id": row["meeting_id"]})
    office = None
    if stored is not None and row is not None and stored.authority is sent.authority:
        office = row["organisation_id"]
    if office is None or organisation_code is not None:
        office = await _office(work, case, sent.authority, organisation_code)
    if row is not None and is_unchanged(stored, sent) and office == row["organisation_id"]:
        return Done(citizen_id, case.plan_id, {"meeting_id": row["meeting_id"]})
    plan_id = await plan_of(work, case)
    meeting_id = await work.fetchval(
        "store_meeting",
        *(plan_id, system, sent.external_id, sent.authority, office, sent.source, sent.status),
        *(sent.starts_at, sent.ends_at, sent.mode, sent.caseworker_name, sent.place, sent.address),
        *(sent.map_url, sent.caseworker_role, sent.description),
    )
    if meeting_id is None:
        raise NotFound("There is no such meeting.")
    event = event_of_meeting(stored, sent)
    work.touch(plan_id, citizen_id, "meetings", trigger="MEETING", event=event, subject=meeting_id)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"meeting_id": meeting_id})


def system_of(work: Work) -> str:
    """The name under which the viewer's own entities are stored (R154)."""
    system = work.viewer.organisation_code
    if system is None:
        raise Forbidden("Only a system may do this.")
    return system


def filled(text: str, field: str) -> str:
    """The text without surrounding space; raises `BadUserInput` when nothing is left."""
    if not text.strip():
        raise BadUserInput("This cannot be empty.", path=("input", field))
    return text.strip()


def without_blanks(draft: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    """Optional texts by name, None for a blank one."""
    return {name: (getattr(draft, name) or "").strip() or None for name in fields}


def _tidied(draft: MeetingDraft) -> MeetingDraft:
    url = (draft.map_url or "").strip()
    if url and web_address(url) is None:
        raise BadUserInput("A map is a web address.", path=("input", "mapUrl"))
    return replace(
        draft,
        external_id=filled(draft.external_id, "externalId"),
        caseworker_name=filled(draft.caseworker_name, "caseworkerName"),
        **without_blanks(draft, OPTIONAL),
    )


def _draft(row: Any) -> MeetingDraft:
    facts = {name: row[name] for name in MeetingDraft.__dataclass_fields__}
    return MeetingDraft(**{**facts, "authority": Authority(row["authority"])})


async def _office(work: Work, case: Case, authority: Authority, code: str | None) -> UUID:
    """The office that holds the meeting; raises `BadUserInput` when it is not known."""
    own = case.municipality_code
    if authority is Authority.UNEMPLOYMENT_FUND:
        own = case.fund.code if case.fund else ""
    found: UUID | None = await work.fetchval("find_office", authority, code or own)
    if found is None:
        raise BadUserInput("There is no such organisation.", path=("input", "organisationCode"))
    return found
