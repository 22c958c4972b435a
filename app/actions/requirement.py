"""Job search requirements: a new one takes the place of the old (R21, R70-R75)."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.actions.common import (
    refuse_hidden_plan,
    refuse_unknown_municipalities,
    refuse_unknown_occupations,
    required,
    written,
)
from app.domain.authority import Authority
from app.domain.notice import NoticeEvent
from app.domain.requirement import AreaDraft, RequirementDraft
from app.errors import BadUserInput
from app.rules.breach import Path
from app.rules.requirement import previous_ends_on, requirement
from app.store.cases import authority_of, caseworker_of, lock_case, organisation_of, plan_of
from app.store.work import Done, Work

MOST_APPLICATIONS: Final = 1_000
"""The largest expected number of applications that is taken for meant."""


async def issue_job_search_requirement(
    work: Work,
    citizen_id: UUID,
    draft: RequirementDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Issues a requirement as the viewer's authority; the citizen is told.

    What it overlaps ends the day before it starts; what would start later is replaced and stays
    as history. Raises `NotFound` for a citizen out of reach, `BadUserInput` for unknown
    occupations and municipalities, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    refuse_hidden_plan(work, case)
    draft = _tidy(draft)
    await _refuse_unknown(work, draft)
    own = authority_of(work.viewer.role)
    previous_from = await work.fetchval("previous_requirement_from", case.plan_id, own, work.today)
    work.check(requirement(draft, case.target_group, own, previous_from))
    plan_id = await plan_of(work, case)
    await _end_previous(work, plan_id, own, draft)
    caseworker_id = await caseworker_of(work)
    organisation = await organisation_of(work)
    requirement_id = await work.fetchval(
        "issue_requirement",
        *(plan_id, own, organisation["organisation_id"], caseworker_id, draft.industries),
        *(draft.agreement_text, draft.other_expectations, draft.expected_count, draft.full_time),
        *(draft.unsolicited, draft.valid_from, draft.valid_to),
        list(dict.fromkeys(draft.occupation_codes)),
        [area.municipality_code for area in draft.areas],
        [area.label for area in draft.areas],
    )
    work.touch(
        plan_id,
        citizen_id,
        "requirements",
        trigger="REQUIREMENT",
        event=NoticeEvent.AGREEMENT_NEW,
        hidden_from_fund=own is Authority.JOBCENTER,
    )
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"requirement_id": requirement_id})


async def _refuse_unknown(work: Work, draft: RequirementDraft) -> None:
    path: Path = ("input",)
    await refuse_unknown_occupations(
        work,
        [(code, (*path, "occupationCodes", i)) for i, code in enumerate(draft.occupation_codes)],
    )
    await refuse_unknown_municipalities(
        work,
        [
            (area.municipality_code, (*path, "geographicAreas", i, "municipalityCode"))
            for i, area in enumerate(draft.areas)
        ],
    )
    if draft.expected_count is not None and not 0 <= draft.expected_count <= MOST_APPLICATIONS:
        raise BadUserInput(f"This must be from 0 to {MOST_APPLICATIONS}.", (*path, "expectedCount"))


async def _end_previous(work: Work, plan_id: UUID, own: Authority, draft: RequirementDraft) -> None:
    """Makes room for the new period; one replaced as a whole keeps its first day (R75)."""
    period = (draft.valid_from, draft.valid_to)
    rows = await work.fetch("overlapping_requirements", plan_id, own, *period)
    for row in rows:
        last_day = previous_ends_on(draft.valid_from, row["valid_to"])
        never = row["valid_from"] - timedelta(days=1)
        await work.execute("end_requirement", row["requirement_id"], max(last_day, never))


def _tidy(draft: RequirementDraft) -> RequirementDraft:
    """The draft without blank texts; raises `BadUserInput` for a blank industry or area."""
    return replace(
        draft,
        industries=tuple(
            required(industry, ("input", "industries", index))
            for index, industry in enumerate(draft.industries)
        ),
        agreement_text=written(draft.agreement_text),
        other_expectations=written(draft.other_expectations),
        areas=tuple(_area(area, index) for index, area in enumerate(draft.areas)),
    )


def _area(area: AreaDraft, index: int) -> AreaDraft:
    if area.municipality_code is not None:
        return replace(area, label=written(area.label))
    return AreaDraft(label=required(area.label, ("input", "geographicAreas", index, "label")))
