"""The citizen's facts as the systems of the authorities send them: idempotent by CPR number."""

from collections.abc import Sequence
from uuid import UUID

from app.actions.citizen_facts import NEW, Facts, checked_facts, number_of
from app.actions.responsibility import derive_responsibility, move_responsibility
from app.actions.target_group import change_group, known_group, on_day
from app.domain.absent import ABSENT, given
from app.domain.authority import Authority
from app.domain.citizen import CitizenDraft, ExemptionFact
from app.domain.cpr import InvalidCpr, birth_date
from app.domain.notice import NoticeEvent
from app.domain.target_group import TargetGroup
from app.errors import BadUserInput, NotFound
from app.rules.target_group import exists_on, may_have_plan_type
from app.store.cases import lock_case
from app.store.cpr import CprVault
from app.store.work import Done, Work

YOUTH_FACTS = ("birth_date", "has_vocational_education", "has_dependent_children")
"""Columns that decide whether a youth is the jobcenter's from day one (R16)."""

NEEDED = {
    "given_name": "name",
    "municipality_code": "municipalityCode",
}
"""Columns without which there is no citizen, and the input field each comes from."""


async def upsert_citizen(work: Work, draft: CitizenDraft) -> Done:
    """Registers a citizen, or changes the facts that the draft mentions; the same again is nothing.

    Raises `NotFound` for an unknown `citizen_id`, `BadUserInput` for what cannot be understood or
    is missing for a new citizen, `RulesBroken` with broken rules.
    """
    digits = number_of(draft, work.today)
    _refuse_impossible(given(draft.digital_exemptions, ()))
    facts = {**await checked_facts(work, draft), "birth_date": birth_date(digits)}
    group = None if draft.target_group is ABSENT else await known_group(work, draft.target_group)
    citizen_id = await _known(work, draft, digits)
    if citizen_id is None:
        citizen_id = await _register(work, draft, digits, facts, group)
    if citizen_id is None:  # somebody else registered the number in the meantime
        citizen_id = await _known(work, draft, digits)
        if citizen_id is None:
            raise NotFound("There is no such citizen.")
    await _change(work, citizen_id, draft, facts, group)
    return Done(citizen_id, None, {"citizen_id": citizen_id})


async def citizen_of(work: Work, citizen_id: UUID | None, cpr: str | None) -> UUID:
    """The citizen that an import names by id or by number, exactly one of them.

    Raises `BadUserInput` for none, both or no number, `NotFound` for an unknown number.
    """
    if (citizen_id is None) == (cpr is None):
        raise BadUserInput(
            "Name the citizen by citizenId or by civilRegistrationNumber.", path=("input",)
        )
    if citizen_id is not None:
        return citizen_id
    try:
        index = vault_of(work).index(cpr or "")
    except InvalidCpr:
        raise BadUserInput(
            "This is not a civil registration number.", path=("input", "civilRegistrationNumber")
        ) from None
    found: UUID | None = await work.fetchval("find_citizen_by_cpr", index)
    if found is None:
        raise NotFound("There is no such citizen.")
    return found


def vault_of(work: Work) -> CprVault:
    """The operation's vault; an operation without one must not meet a CPR number."""
    if work.vault is None:
        raise RuntimeError("this operation has no vault for civil registration numbers")
    return work.vault


async def _known(work: Work, draft: CitizenDraft, digits: str) -> UUID | None:
    """The citizen that the draft means, locked; its number corrected if need be."""
    vault = vault_of(work)
    index = vault.index(digits)
    holder: UUID | None = await work.fetchval("lock_citizen_by_cpr", index)
    if draft.citizen_id is None or holder == draft.citizen_id:
        return holder
    await lock_case(work, draft.citizen_id)
    if holder is not None:
        raise BadUserInput(
            "Another citizen has this number.", path=("input", "civilRegistrationNumber")
        )
    await work.execute("correct_cpr", draft.citizen_id, vault.encrypt(digits), index)
    work.touch_citizen(draft.citizen_id)
    return draft.citizen_id


async def _register(
    work: Work, draft: CitizenDraft, digits: str, facts: Facts, group: TargetGroup | None
) -> UUID | None:
    """A new citizen in its target group; None when the number has just been registered."""
    for column, field in NEEDED.items():
        if column not in facts:
            raise BadUserInput("A new citizen needs this.", path=("input", field))
    if group is None:
        raise BadUserInput("A new citizen needs this.", path=("input", "targetGroup"))
    start = given(draft.contact_course_start, work.today)
    group = await on_day(work, group, start)
    work.check(exists_on(group, start), may_have_plan_type(group, path=("input", "targetGroup")))
    vault = vault_of(work)
    citizen_id: UUID | None = await work.fetchval(
        "register_citizen",
        *(vault.encrypt(digits), vault.index(digits), work.now),
        {**NEW, **facts, "contact_course_start": start},
    )
    if citizen_id is None:
        return None
    await work.execute(
        "add_target_group_period", citizen_id, group.code, group.default_plan_type, start
    )
    work.touch_citizen(citizen_id)
    await derive_responsibility(work, await lock_case(work, citizen_id), start)
    return citizen_id


async def _change(
    work: Work, citizen_id: UUID, draft: CitizenDraft, facts: Facts, group: TargetGroup | None
) -> None:
    """What differs from the stored facts; nothing for a repeated import."""
    row = await work.fetchrow("read_citizen_facts", citizen_id)
    stored: Facts = dict(row or {})
    wanted = {**stored, **facts}
    if wanted != stored:
        await work.execute("store_citizen_facts", citizen_id, wanted)
        work.touch_citizen(citizen_id)
    await _set_exemptions(work, citizen_id, draft)
    case = await lock_case(work, citizen_id)
    if wanted["municipality_code"] != stored["municipality_code"]:
        await move_responsibility(work, case)
        await work.execute(
            "move_tasks", citizen_id, stored["municipality_code"], wanted["municipality_code"]
        )
        work.left.add((citizen_id, Authority.JOBCENTER, stored["municipality_code"]))
    new_start = wanted["contact_course_start"] != stored["contact_course_start"]
    start = wanted["contact_course_start"] if new_start else work.today
    if group is not None:
        await change_group(
            work,
            case,
            group,
            start,
            keeps_course=draft.contact_course_start is not ABSENT,
            path=("input", "contactCourseStart" if new_start else "targetGroup"),
        )
    if new_start:
        await derive_responsibility(work, await lock_case(work, citizen_id), start)
    elif any(wanted[column] != stored[column] for column in YOUTH_FACTS):
        await derive_responsibility(work, await lock_case(work, citizen_id), work.today)
    if wanted != stored and case.plan_id is not None and case.full_version:
        # the first benefit date stands in the head, the name in comments
        sections = ("head", "description", "comments")
        work.touch(
            case.plan_id,
            citizen_id,
            *sections,
            trigger="CITIZEN",
            event=NoticeEvent.PLAN_CHANGED,
        )


def _refuse_impossible(exemptions: Sequence[ExemptionFact]) -> None:
    """Raises `BadUserInput` for one that ends before it begins, and two of a kind on one day."""
    places = {one: index for index, one in enumerate(exemptions)}  # the same twice is once
    last: dict[str, ExemptionFact] = {}
    for one in sorted(places, key=lambda fact: fact.valid_from):
        place = ("input", "digitalExemptions", places[one])
        if one.valid_to is not None and one.valid_to <= one.valid_from:
            raise BadUserInput("An exemption ends after it begins.", path=(*place, "to"))
        before = last.get(one.kind)
        if before is not None and (before.valid_to is None or before.valid_to > one.valid_from):
            raise BadUserInput("Another one of the kind is not over.", path=(*place, "from"))
        last[one.kind] = one


async def _set_exemptions(work: Work, citizen_id: UUID, draft: CitizenDraft) -> None:
    """The registers' exemptions as a whole; what the jobcenter decided individually stays."""
    if draft.digital_exemptions is ABSENT:
        return
    rows = await work.fetch("register_exemptions", citizen_id)
    stored = {ExemptionFact(row["kind"], row["valid_from"], row["valid_to"]) for row in rows}
    wanted = set(draft.digital_exemptions)
    if wanted == stored:
        return
    await work.execute("drop_register_exemptions", citizen_id)
    for fact in sorted(wanted, key=lambda one: (one.kind, one.valid_from)):
        await work.execute(
            "add_register_exemption", citizen_id, fact.kind, fact.valid_from, fact.valid_to
        )
    work.touch_citizen(citizen_id)
