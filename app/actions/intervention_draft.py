"""What is asked of an intervention however it is written: by hand, changed, or imported."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.actions.common import phone_number, refuse_unknown_occupations, shortage_of, written
from app.domain.case import Case
from app.domain.intervention import SIX_WEEK_JOB_TRAINING, InterventionDraft, InterventionKind
from app.domain.viewer import Role
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.breach import Breach, Finding, Path, Verdict
from app.rules.intervention import intervention, is_a_kind, is_in_force
from app.rules.offer import offer
from app.store.cases import authority_of
from app.store.work import Work

_DIGITS: Final[Mapping[str, int]] = {"cvr": 8, "p_number": 10}

OF_THE_START: Final = frozenset({"OFFER_TOO_EARLY", "PHONE_ATTEMPT_REQUIRED"})
OF_THE_OCCUPATION: Final = frozenset({"REASON_REQUIRED"})
OF_A_COMPANY: Final = OF_THE_START | OF_THE_OCCUPATION
"""What is asked of an offer that only advises where a company wrote it: it is granted elsewhere."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules compare a draft with.

    first_published: the day the intervention was first in the plan (R3). available_on: the day its
    start date became available (R90). asks_notice: whether start or notice are new. advises: codes
    of the rules for offers that only warn.
    """

    first_published: date
    available_on: date
    right_and_duty: bool
    asks_notice: bool = True
    advises: frozenset[str] = frozenset()


def new_standing(work: Work, case: Case, *, advises: frozenset[str] = frozenset()) -> Standing:
    """Of an intervention that comes into the plan today."""
    return Standing(work.today, work.today, case.right_and_duty, advises=advises)


async def tidied(
    work: Work, draft: InterventionDraft, path: Path
) -> tuple[InterventionDraft, InterventionKind]:
    """The draft without blank texts, and its kind, which may have ended (see `in_force`).

    Raises `BadUserInput` for what no intervention can have, `RulesBroken` for a kind there is not.
    """
    draft = _without_blanks(draft, path)
    await refuse_unknown_occupations(work, [(draft.occupation_code, (*path, "occupationCode"))])
    kinds = await _kinds(work)
    work.check(is_a_kind(draft.kind, kinds, (*path, "kind")))
    if draft.scheme is not None and draft.kind != "EDUCATION":
        raise BadUserInput(
            "Only an intervention of kind EDUCATION has a scheme.", (*path, "scheme")
        )
    return draft, kinds[draft.kind]


async def in_force(work: Work, draft: InterventionDraft, path: Path) -> list[Breach | None]:
    """R84 of what comes into the plan today; what is in it stays, and is written, as it is."""
    there = await work.fetchrow("kind_in_force", draft.kind, draft.scheme, work.today)
    assert there is not None
    return [is_in_force(there[name], (*path, name)) for name in ("kind", "scheme")]


async def rules_of(
    work: Work,
    case: Case,
    draft: InterventionDraft,
    kind: InterventionKind,
    path: Path,
    standing: Standing,
) -> list[Verdict]:
    """What the rules of interventions say, and of an offer those of offers too."""
    limits = {"description": work.policy.text_limit_what, "why": work.policy.text_limit_why}
    answers: list[Verdict] = [
        *intervention(
            draft,
            kind,
            authority_of(work.viewer.role),
            case.responsible,
            standing.first_published,
            await _fund_six_week(work, case, draft),
            limits,
            path,
        )
    ]
    if kind.is_offer(draft.scheme):
        asked = await _rules_of_offer(work, case, draft, path, standing)
        answers += [_advice(a) if a and a.code in standing.advises else a for a in asked]
    return answers


async def links_of(work: Work, plan_id: UUID, draft: InterventionDraft) -> list[tuple[UUID, bool]]:
    """The goals the intervention serves, each once, and whether it is a job goal.

    Raises `NotFound` for what is no goal of the plan.
    """
    wanted = list(dict.fromkeys(UUID(goal_id) for goal_id in draft.goal_ids))
    if not wanted:
        return []
    rows = await work.fetch("goals_to_link", plan_id, wanted)
    if len(rows) < len(wanted):
        raise NotFound("There is no such goal.")
    return [(row["goal_id"], row["is_job_goal"]) for row in rows]


async def link_goals(work: Work, intervention_id: UUID, links: list[tuple[UUID, bool]]) -> None:
    """Stores which goals the intervention serves."""
    for goal_id, is_job_goal in links:
        job, education = (goal_id, None) if is_job_goal else (None, goal_id)
        await work.execute("link_goal", intervention_id, job, education)


def columns_of(draft: InterventionDraft, *, is_offer: bool) -> dict[str, Any]:
    """The draft by column; what only offers have is left out of others."""
    row = asdict(draft)
    notice = row.pop("notice")
    row.pop("goal_ids")
    if is_offer:
        return {**row, "notice_basis": notice["basis"], "notice_on": notice["notified_on"]}
    return {**row, "outside_shortage_reason": None}


async def _kinds(work: Work) -> dict[str, InterventionKind]:
    rows = await work.fetch("intervention_kinds", None)
    return {row["code"]: InterventionKind(**row) for row in rows}


async def _rules_of_offer(
    work: Work, case: Case, draft: InterventionDraft, path: Path, standing: Standing
) -> list[Breach | None]:
    shortage = await shortage_of(work, case.citizen_id, [draft.occupation_code])
    days = await work.fetchval("policy", "offer_notice_days", case.target_group.code, work.today)
    return offer(
        draft,
        standing.right_and_duty,
        shortage.get(draft.occupation_code or "", "UNKNOWN"),
        standing.available_on,
        None if days is None else int(days),
        path,
        today=work.today,
        asks_notice=standing.asks_notice,
    )


async def _fund_six_week(work: Work, case: Case, draft: InterventionDraft) -> bool:
    """Whether funds may write six-week job training today (R23); looked up when one does."""
    if work.viewer.role is not Role.FUND or draft.scheme != SIX_WEEK_JOB_TRAINING:
        return False
    group = case.target_group.code
    switch = await work.fetchval("policy", "unemployment_fund_six_week", group, work.today)
    return bool(switch == "on")


def _advice(answer: Breach) -> Finding:
    return Finding(answer.rule, answer.code, answer.path, **answer.details)


def _without_blanks(draft: InterventionDraft, path: Path) -> InterventionDraft:
    """The draft without blank texts; raises `BadUserInput` for numbers that cannot be."""
    numbers = {
        name: _number(getattr(draft, name), digits, (*path, text.camel(name)))
        for name, digits in _DIGITS.items()
    }
    texts = {name: written(getattr(draft, name)) for name in text.INTERVENTION}
    texts |= {name: texts[name] or "" for name in ("description", "why")}
    phone = phone_number(draft.contact_phone, (*path, "contactPhone"))
    changed: dict[str, Any] = {**numbers, **texts, "contact_phone": phone}
    return replace(draft, **changed)


def _number(given: str | None, digits: int, path: Path) -> str | None:
    number = "".join((given or "").split())
    if number and not re.fullmatch(rf"[0-9]{{{digits}}}", number):
        raise BadUserInput(f"This must be a number of {digits} digits.", path)
    return number or None
