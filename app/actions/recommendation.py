"""Joint recommendations: a fund and the citizen ask, the jobcenter decides (R24-R26)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from app.actions.common import refuse_hidden_plan, required
from app.actions.event import tell_fund
from app.actions.inbox import put_into_inbox, settle_items
from app.actions.intervention import create_intervention
from app.domain.authority import Authority
from app.domain.case import Case, Fund
from app.domain.intervention import InterventionDraft, InterventionKind
from app.domain.notice import NoticeEvent
from app.domain.recommendation import RecommendationDraft
from app.errors import BadUserInput, NotFound, RulesBroken
from app.rules import text
from app.rules.breach import Breach, Path
from app.rules.intervention import is_a_kind
from app.rules.plan import is_in_own_words, starts_in_the_plan
from app.rules.recommendation import (
    citizen_agrees,
    fund_is_responsible,
    is_undecided,
    may_be_recommended,
)
from app.store.cases import caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

MOST_INTERVENTIONS: Final = 20
"""How many interventions one decision may create."""

Wanted = tuple[Path, InterventionDraft]
"""Where the client wrote an intervention, and what it is."""


async def recommend_intervention(
    work: Work,
    citizen_id: UUID,
    draft: RecommendationDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Sends a recommendation to the jobcenter of the home municipality; the citizen is told.

    Raises `NotFound` for a citizen or plan out of reach, `BadUserInput` for a blank text,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    refuse_hidden_plan(work, case)
    wording = required(draft.text, ("input", "text"))
    _check(work, case, replace(draft, text=wording), await _kinds(work))
    plan_id = await plan_of(work, case)
    caseworker_id = await caseworker_of(work)
    recommendation_id: UUID = await work.fetchval(
        "send_recommendation",
        *(plan_id, caseworker_id, draft.proposed_kind, wording, draft.wanted_start, work.now),
    )
    await put_into_inbox(
        work,
        Authority.JOBCENTER,
        case.municipality_code,
        citizen_id,
        "RECOMMENDATION_SENT",
        recommendation_id,
    )
    _touch(work, case, plan_id)
    return Done(citizen_id, plan_id, {"recommendation_id": recommendation_id})


async def decide_recommendation(
    work: Work,
    citizen_id: UUID,
    recommendation_id: UUID,
    wanted: Sequence[Wanted] | None,
    *,
    expected_version: int | None = None,
) -> Done:
    """Grants a recommendation, and creates the interventions `wanted` of it; None rejects it.

    All of it is one version and one notice. Raises `NotFound` for a citizen or recommendation out
    of reach, `BadUserInput` for too many interventions and for what none can have, `RulesBroken`
    with the broken rules of all of them.
    """
    case = await lock_case(work, citizen_id, expected_version)
    sent = None
    if case.plan_id is not None:
        sent = await work.fetchrow("read_recommendation", recommendation_id, case.plan_id)
    if sent is None or case.plan_id is None:
        raise NotFound("There is no such recommendation.")
    work.check(is_undecided(sent["status"], ("input", "recommendationId")))
    status = "REJECTED" if wanted is None else "GRANTED"
    caseworker_id = await caseworker_of(work)
    created = await _created(work, citizen_id, wanted or ())
    await work.execute(
        "decide_recommendation",
        *(recommendation_id, status, caseworker_id, work.now, case.plan_type),
    )
    await work.execute("link_recommendation", created, recommendation_id)
    await settle_items(work, citizen_id, "RECOMMENDATION_SENT", recommendation_id)
    if case.fund is not None and case.fund.organisation_id == sent["fund_id"]:
        await _tell_fund(work, case, case.fund, recommendation_id, [status, sent["proposed_kind"]])
    _touch(work, case, case.plan_id)
    return Done(citizen_id, case.plan_id, {"intervention_ids": created})


async def _kinds(work: Work) -> dict[str, InterventionKind]:
    rows = await work.fetch("intervention_kinds", work.today)
    return {row["code"]: InterventionKind(**row) for row in rows}


def _check(
    work: Work, case: Case, draft: RecommendationDraft, kinds: dict[str, InterventionKind]
) -> None:
    kind = kinds.get(draft.proposed_kind)
    at_kind, at_start, at_text = (
        ("input", name) for name in ("proposedKind", "wantedStart", "text")
    )
    start = draft.wanted_start
    work.check(
        [
            citizen_agrees(draft.citizen_agrees),
            fund_is_responsible(case.responsible),
            is_a_kind(draft.proposed_kind, kinds, at_kind),
            None if kind is None else may_be_recommended(kind, at_kind),
            None if start is None else starts_in_the_plan(start, work.today, path=at_start),
            text.fits(draft.text, text.RECOMMENDATION["text"], at_text),
            is_in_own_words(draft.text, at_text),
        ]
    )


async def _created(work: Work, citizen_id: UUID, wanted: Sequence[Wanted]) -> list[UUID]:
    """Ids of the interventions, created one by one; the breaches of all are raised together."""
    if len(wanted) > MOST_INTERVENTIONS:
        raise BadUserInput(
            f"A decision creates at most {MOST_INTERVENTIONS} interventions.",
            ("input", "interventions"),
        )
    created: list[UUID] = []
    broken: list[Breach] = []
    for path, draft in wanted:
        try:
            done = await create_intervention(
                work, citizen_id, replace(draft, origin="RECOMMENDATION"), path=path
            )
        except RulesBroken as refused:
            broken += refused.breaches
        else:
            created.append(done.values["intervention_id"])
    if broken:
        raise RulesBroken(broken)
    return created


async def _tell_fund(
    work: Work, case: Case, fund: Fund, recommendation_id: UUID, codes: list[str]
) -> None:
    """The fund that recommended hears of the decision while the citizen is its member (R26).

    Not where the plan's type has become one that it may not see (R88).
    """
    if not case.plan_type_visible_to_fund:
        return
    await put_into_inbox(
        work,
        Authority.UNEMPLOYMENT_FUND,
        fund.code,
        case.citizen_id,
        "RECOMMENDATION_DECIDED",
        recommendation_id,
    )
    await tell_fund(work, fund.organisation_id, case.citizen_id, "RECOMMENDATION_DECIDED", codes)


def _touch(work: Work, case: Case, plan_id: UUID) -> None:
    """The recommendations stand in the section of the interventions."""
    work.touch(
        plan_id,
        case.citizen_id,
        "interventions",
        trigger="INTERVENTION",
        event=NoticeEvent.PLAN_CHANGED,
        hidden_from_fund=not case.plan_type_visible_to_fund,
    )
    work.watch(plan_id, case)
