"""Interventions rewritten: their facts anew, while id, kind, agreement and history stay."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.actions.inbox import settle_items
from app.actions.intervention import (
    changed,
    kinds_with,
    put_into_plan,
    record_calls,
    stored_intervention,
    tell_status,
)
from app.actions.intervention_draft import (
    OF_THE_OCCUPATION,
    OF_THE_START,
    Standing,
    columns_of,
    link_goals,
    links_of,
    new_standing,
    rules_of,
    tidied,
)
from app.domain.case import Case
from app.domain.intervention import ContactAttempt, InterventionDraft, InterventionKind
from app.rules.breach import Path
from app.rules.intervention import course_is_registered, is_not_over, is_of_same_kind
from app.store.cases import caseworker_of, lock_case
from app.store.work import Done, Work

KEPT: Final = frozenset({"kind", "scheme", "origin", "external_id", "system", "latest_status"})
"""Columns of a draft that an update does not write."""

Stored = Mapping[str, Any]


async def update_intervention(
    work: Work,
    citizen_id: UUID,
    intervention_id: UUID,
    draft: InterventionDraft,
    *,
    expected_version: int | None = None,
    path: Path = ("input",),
) -> Done:
    """Writes the facts of an intervention anew, or brings an import that was held into the plan.

    What is left out is removed, but for the latest status and recorded calls: a status is told
    when it is given, and calls are added. The same again changes nothing. Raises `NotFound` for
    what is out of reach, `BadUserInput` for what no intervention can have, `RulesBroken` with all
    broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    draft, kind = await tidied(work, draft, path)
    held = await work.fetchrow("held_import", intervention_id, citizen_id)
    if held is not None:
        return await _shorten(work, case, draft, kind, path, dict(held), intervention_id)
    stored = await stored_intervention(work, case, intervention_id)
    return await rewrite(work, case, stored, draft, kind, path)


async def rewrite(
    work: Work,
    case: Case,
    stored: Stored,
    draft: InterventionDraft,
    kind: InterventionKind,
    path: Path,
    *,
    advises: frozenset[str] = frozenset(),
) -> Done:
    """The facts of a stored intervention as the draft says; nothing where they are the same.

    advises: codes of the rules for offers that only warn, as of an import. Raises as
    `update_intervention` does.
    """
    draft = replace(draft, **{name: stored[name] for name in ("origin", "external_id", "system")})
    calls = await _calls(work, stored["intervention_id"])
    told = draft.notice.contact_attempts
    new_calls = tuple(call for call in told if call not in calls)
    calls = (*told, *(call for call in calls if call not in told))
    draft = replace(draft, notice=replace(draft.notice, contact_attempts=calls))
    work.check(
        is_of_same_kind(
            (stored["kind"], stored["scheme"]), (draft.kind, draft.scheme), (*path, "kind")
        ),
        is_not_over(stored["cancelled_at"] is not None, path=("input", "interventionId")),
        await rules_of(
            work, case, draft, kind, path, _standing(work, case, stored, draft, advises)
        ),
        course_is_registered(case.target_group, await kinds_with(work, case, kind)),
    )
    hidden = await _write(work, case, stored, draft, new_calls if stored["is_offer"] else ())
    if hidden is None:
        return Done(case.citizen_id, case.plan_id, {"intervention_id": stored["intervention_id"]})
    trigger = "OFFER" if stored["is_offer"] else "INTERVENTION"
    return changed(work, case, stored["intervention_id"], hidden=hidden, trigger=trigger)


async def _write(
    work: Work,
    case: Case,
    stored: Stored,
    draft: InterventionDraft,
    new_calls: tuple[ContactAttempt, ...],
) -> bool | None:
    """Stores what differs; whether it is hidden from a fund, None when nothing differs."""
    intervention_id = stored["intervention_id"]
    facts = await _facts(work, case, stored, draft)
    assert case.plan_id is not None
    links = await links_of(work, case.plan_id, draft)
    new_links = {goal_id for goal_id, _ in links} != set(stored["goal_ids"])
    new_status = draft.latest_status not in (None, stored["latest_status"])
    same_facts = all(stored[name] == value for name, value in facts.items())
    if same_facts and not (new_links or new_status or new_calls):
        return None
    if new_links:
        await work.execute("unlink_goals", intervention_id)
        await link_goals(work, intervention_id, links)
    await record_calls(work, case, intervention_id, new_calls)
    if new_status:
        await tell_status(work, case, intervention_id, draft.latest_status)
    return bool(await work.fetchval("update_intervention", intervention_id, facts, case.plan_type))


async def _facts(
    work: Work, case: Case, stored: Stored, draft: InterventionDraft
) -> dict[str, Any]:
    """The columns that an update writes, as they are to be."""
    columns = columns_of(draft, is_offer=stored["is_offer"])
    written = {name: value for name, value in columns.items() if name not in KEPT}
    if draft.occupation is None and draft.occupation_code is not None:
        written["occupation"] = await work.fetchval("occupation_label", draft.occupation_code)
    name = draft.agreed_with_name or stored["agreed_with_name"]
    written["agreed_with_name"] = name if stored["agreed_organisation_id"] else None
    moved = draft.start_date != stored["start_date"]
    written["right_and_duty"] = case.right_and_duty if moved else stored["right_and_duty"]
    written["start_moved_on"] = work.today if moved else stored["start_moved_on"]
    return written


def _standing(
    work: Work, case: Case, stored: Stored, draft: InterventionDraft, advises: frozenset[str]
) -> Standing:
    """R3, R90 and R92 are asked of what is new: the start date, or how it was told.

    Either way the days count from when this start became available, not the offer as such.
    """
    moved = draft.start_date != stored["start_date"]
    return Standing(
        first_published=stored["first_published" if moved else "start_date"],
        available_on=work.today if moved else stored["available_on"],
        right_and_duty=case.right_and_duty if moved else stored["right_and_duty"],
        asks_notice=moved or draft.notice.basis != stored["notice_basis"],
        advises=advises,
    )


async def _calls(work: Work, intervention_id: UUID) -> tuple[ContactAttempt, ...]:
    rows = await work.fetch("contact_attempts", intervention_id)
    return tuple(ContactAttempt(row["attempted_on"], row["reached"]) for row in rows)


async def _shorten(
    work: Work,
    case: Case,
    draft: InterventionDraft,
    kind: InterventionKind,
    path: Path,
    held: Stored,
    import_id: UUID,
) -> Done:
    """R81: an import whose texts a caseworker shortened comes into the plan, or changes it.

    The rules for offers advise of what the company applied for, and hold for what is the
    caseworker's own.
    """
    advises = _advises_of(draft, held)
    draft = replace(draft, origin="VITAS", external_id=held["external_id"], system=held["system"])
    await work.execute("release_import", import_id)
    await settle_items(work, case.citizen_id, "IMPORT_TOO_LONG", import_id)
    known = await work.fetchrow("imported_intervention", held["system"], held["external_id"])
    if known is not None:
        stored = await stored_intervention(work, case, known["intervention_id"])
        return await rewrite(work, case, stored, draft, kind, path, advises=advises)
    standing = new_standing(work, case, advises=advises)
    work.check(
        is_of_same_kind((held["kind"], None), (draft.kind, draft.scheme), (*path, "kind")),
        await rules_of(work, case, draft, kind, path, standing),
        course_is_registered(case.target_group, await kinds_with(work, case, kind)),
    )
    row = columns_of(draft, is_offer=kind.is_offer(draft.scheme))
    return await put_into_plan(
        work, case, draft, kind, {**row, "agreed_with_name": None}, await caseworker_of(work)
    )


def _advises_of(draft: InterventionDraft, held: Stored) -> frozenset[str]:
    same_start = draft.start_date == held["start_date"]
    same_occupation = draft.occupation_code == held["occupation_code"]
    return (OF_THE_START if same_start else frozenset()) | (
        OF_THE_OCCUPATION if same_occupation else frozenset()
    )
