"""Companies' applications from VITAS (R81, R154): idempotent by the system's own id.

The facts as last sent are remembered by their digest, so that the same again changes nothing, also
when a caseworker has written something else since. The latest status is never the import's.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from app.actions.inbox import put_into_inbox, settle_items
from app.actions.intervention import kinds_with, put_into_plan, stored_intervention
from app.actions.intervention_draft import (
    OF_A_COMPANY,
    columns_of,
    in_force,
    new_standing,
    rules_of,
    tidied,
)
from app.actions.intervention_update import rewrite
from app.actions.meeting import filled, system_of
from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.intervention import InterventionDraft, InterventionKind, Notice
from app.domain.viewer import Role
from app.errors import Forbidden, NotFound
from app.rules import text
from app.rules.breach import Breach, breaches, findings
from app.rules.intervention import (
    course_is_registered,
    fits_the_plan,
    is_of_same_kind,
    may_come_from_vitas,
)
from app.store.cases import lock_case
from app.store.work import Done, Work

PATH = ("input",)


async def import_company_intervention(
    work: Work, citizen_id: UUID, draft: InterventionDraft
) -> Done:
    """Stores a company's application under the id of the system that the viewer is.

    A text that is too long keeps the import apart, unpublished, for a caseworker to shorten. An
    intervention that was cancelled here stays as it is. Values: intervention_id and
    held_import_id, None for what there is not. Raises `NotFound` for a citizen out of reach or an
    id of another citizen's, `BadUserInput` for what cannot be understood, `RulesBroken` with all
    broken rules.
    """
    case = await lock_case(work, citizen_id)
    if work.viewer.role is not Role.SYSTEM:
        raise Forbidden("Only a system may do this.")
    system, external_id = system_of(work), filled(draft.external_id or "", "externalId")
    draft = replace(draft, origin="VITAS", system=system, external_id=external_id)
    draft, kind = await tidied(work, draft, PATH)
    work.check(text.fits(external_id, text.INTERVENTION["external_id"], (*PATH, "externalId")))
    sent = await work.fetchrow("find_company_import", system, external_id)
    stored = await work.fetchrow("imported_intervention", system, external_id)
    if sent is not None and sent["citizen_id"] != citizen_id:
        raise NotFound("There is no such intervention.")
    known: UUID | None = stored["intervention_id"] if stored is not None else None
    digest = _digest(draft)
    if sent is not None and sent["digest"] == digest:
        held = sent["company_import_id"] if sent["is_held"] else None
        work.check(fits_the_plan(_too_long(work, draft)) if held else None)
        return _done(case, known, held)
    if stored is not None and stored["plan_id"] != case.plan_id:  # its plan is closed
        raise NotFound("There is no such intervention.")
    if stored is not None and stored["cancelled_at"] is not None:
        return _done(case, known)
    if known is None:
        work.check(await in_force(work, draft, PATH))
    work.check(may_come_from_vitas(kind, (*PATH, "kind")))
    return await _receive(work, case, draft, kind, known, digest)


async def _receive(
    work: Work,
    case: Case,
    draft: InterventionDraft,
    kind: InterventionKind,
    known: UUID | None,
    digest: bytes,
) -> Done:
    """New facts: held if a text is too long, else into the plan."""
    too_long = _too_long(work, draft)
    stored = await stored_intervention(work, case, known) if known is not None else None
    if too_long:
        standing = new_standing(work, case, advises=OF_A_COMPANY)
        answers = await rules_of(work, case, draft, kind, PATH, standing)
        work.check(
            _is_as_before(stored, draft),
            [broken for broken in breaches(answers) if broken.rule != "R80"],
            findings(answers),
            fits_the_plan(too_long),
        )
        held = await _remember(work, case, draft, digest, held=True)
        office = (Authority.JOBCENTER, case.municipality_code)
        await put_into_inbox(work, *office, case.citizen_id, "IMPORT_TOO_LONG", held)
        return _done(case, known, held)
    if stored is not None:
        # what is the jobcenter's stays: goals, reason, and the notice of a start that stays
        same_start = draft.start_date == stored["start_date"]
        notice = Notice(stored["notice_basis"], stored["notice_on"]) if same_start else Notice()
        draft = replace(
            draft,
            goal_ids=tuple(map(str, stored["goal_ids"])),
            notice=notice,
            outside_shortage_reason=stored["outside_shortage_reason"],
        )
        done = await rewrite(work, case, stored, draft, kind, PATH, advises=OF_A_COMPANY)
    else:
        done = await _publish(work, case, draft, kind)
    sent = await _remember(work, case, draft, digest, held=False)
    await settle_items(work, case.citizen_id, "IMPORT_TOO_LONG", sent)
    return _done(case, done.values["intervention_id"], plan_id=done.plan_id)


async def _publish(
    work: Work, case: Case, draft: InterventionDraft, kind: InterventionKind
) -> Done:
    """Agreed with the jobcenter, under the name of its caseworker if the system knows it."""
    standing = new_standing(work, case, advises=OF_A_COMPANY)
    work.check(
        await rules_of(work, case, draft, kind, PATH, standing),
        course_is_registered(case.target_group, await kinds_with(work, case, kind)),
    )
    office = await work.fetchval("find_office", Authority.JOBCENTER, case.municipality_code)
    row = columns_of(draft, is_offer=kind.is_offer())
    return await put_into_plan(
        work, case, draft, kind, {**row, "agreed_organisation_id": str(office)}, None
    )


async def _remember(
    work: Work, case: Case, draft: InterventionDraft, digest: bytes, *, held: bool
) -> UUID:
    """Notes what was sent; the facts themselves only while they are held."""
    facts = {k: v for k, v in asdict(draft).items() if k not in ("notice", "goal_ids", "system")}
    stored: UUID | None = await work.fetchval(
        "store_company_import",
        *(case.citizen_id, draft.system, draft.external_id, digest, work.now),
        facts if held else None,
    )
    if stored is None:  # another citizen's import of the same id came at the same time
        raise NotFound("There is no such intervention.")
    return stored


def _is_as_before(stored: Mapping[str, Any] | None, draft: InterventionDraft) -> Breach | None:
    if stored is None:
        return None
    known = (stored["kind"], stored["scheme"])
    return is_of_same_kind(known, (draft.kind, draft.scheme), (*PATH, "kind"))


def _too_long(work: Work, draft: InterventionDraft) -> list[Breach]:
    limits = {
        **text.INTERVENTION,
        "description": work.policy.text_limit_what,
        "why": work.policy.text_limit_why,
    }
    return text.all_fit(draft, limits, PATH)


def _digest(draft: InterventionDraft) -> bytes:
    return sha256(orjson.dumps(asdict(draft), option=orjson.OPT_SORT_KEYS)).digest()


def _done(
    case: Case,
    intervention_id: UUID | None,
    held_import_id: UUID | None = None,
    plan_id: UUID | None = None,
) -> Done:
    values = {"intervention_id": intervention_id, "held_import_id": held_import_id}
    return Done(case.citizen_id, plan_id or case.plan_id, values)
