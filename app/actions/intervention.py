"""Interventions: creating one of any kind (R22, R49, R76-R94) and telling its status (R82)."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final
from uuid import UUID

from app.actions.common import (
    phone_number,
    refuse_hidden_plan,
    refuse_unknown_occupations,
    shortage_of,
    written,
)
from app.domain.case import Case
from app.domain.intervention import InterventionDraft, InterventionKind
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.breach import Path, Verdict
from app.rules.intervention import course_is_registered, intervention, is_a_kind
from app.rules.notice import event_of_new_intervention
from app.rules.offer import offer
from app.rules.plan import is_in_own_words
from app.store.cases import authority_of, caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

_DIGITS: Final[Mapping[str, int]] = {"cvr": 8, "p_number": 10}


async def create_intervention(
    work: Work,
    citizen_id: UUID,
    draft: InterventionDraft,
    *,
    expected_version: int | None = None,
    shows_organisation: bool = True,
    path: Path = ("input",),
) -> Done:
    """Puts an intervention into the plan; the citizen is told, and the fund of a member.

    path: where the client wrote the draft. Raises `NotFound` for a citizen, plan or goal out of
    reach, `BadUserInput` for what no intervention can have, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    refuse_hidden_plan(work, case)
    draft = _tidy(draft, path)
    await refuse_unknown_occupations(work, [(draft.occupation_code, (*path, "occupationCode"))])
    kinds = await _kinds(work)
    work.check(is_a_kind(draft.kind, kinds, (*path, "kind")))
    kind = kinds[draft.kind]
    if (draft.scheme is not None) and kind.code != "EDUCATION":
        raise BadUserInput(
            "Only an intervention of kind EDUCATION has a scheme.", (*path, "scheme")
        )
    present = {kind.code} | {r["kind"] for r in await work.fetch("kinds_in_plan", case.plan_id)}
    work.check(
        await _rules(work, case, draft, kind, path),
        course_is_registered(case.target_group, present),
    )
    plan_id = await plan_of(work, case)
    links = await _links(work, plan_id, draft)
    caseworker_id = await caseworker_of(work)
    is_offer = kind.is_offer(draft.scheme)
    intervention_id = await work.fetchval(
        "create_intervention",
        *(plan_id, caseworker_id, shows_organisation, case.plan_type, work.now),
        *(case.right_and_duty, is_offer, _row(draft, is_offer)),
    )
    for goal_id, is_job_goal in links:
        job, education = (goal_id, None) if is_job_goal else (None, goal_id)
        await work.execute("link_goal", intervention_id, job, education)
    for attempt in draft.notice.contact_attempts if is_offer else ():
        await work.execute(
            "record_contact_attempt", intervention_id, attempt.attempted_on, attempt.reached
        )
    hidden = kind.hidden_from_fund or not case.plan_type_visible_to_fund
    if not hidden:
        await _tell_fund(work, case, draft, kind)
    work.touch(
        plan_id,
        citizen_id,
        "interventions",
        trigger="OFFER" if is_offer else "INTERVENTION",
        event=event_of_new_intervention(kind, draft.scheme),
        hidden_from_fund=hidden,
    )
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"intervention_id": intervention_id})


async def set_intervention_status(
    work: Work,
    citizen_id: UUID,
    intervention_id: UUID,
    status: str | None,
    *,
    expected_version: int | None = None,
) -> Done:
    """Tells the latest status of an intervention, blank for none; the citizen is told.

    Raises `NotFound` for a citizen or intervention out of reach, `RulesBroken` with all broken
    rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    status = written(status)
    path: Path = ("input", "text")
    work.check(text.fits(status, text.STATUS["text"], path), is_in_own_words(status, path))
    caseworker_id = await caseworker_of(work)
    told = await work.fetchrow(
        "set_intervention_status", intervention_id, case.plan_id, status, caseworker_id, work.now
    )
    if told is None or case.plan_id is None:
        raise NotFound("There is no such intervention.")
    work.touch(
        case.plan_id,
        citizen_id,
        "interventions",
        trigger="STATUS",
        event=NoticeEvent.PLAN_CHANGED,
        hidden_from_fund=told["hidden_from_fund"],
    )
    work.watch(case.plan_id, case)
    return Done(citizen_id, case.plan_id, {"intervention_id": intervention_id})


async def _kinds(work: Work) -> dict[str, InterventionKind]:
    rows = await work.fetch("intervention_kinds", work.today)
    return {row["code"]: InterventionKind(**row) for row in rows}


async def _rules(
    work: Work, case: Case, draft: InterventionDraft, kind: InterventionKind, path: Path
) -> list[Verdict]:
    """What the rules of interventions say, and of an offer those of offers too."""
    policy = work.policy
    answers: list[Verdict] = [
        *intervention(
            draft,
            kind,
            authority_of(work.viewer.role),
            case.responsible,
            work.today,
            policy.unemployment_fund_six_week,
            {"description": policy.text_limit_what, "why": policy.text_limit_why},
            path,
        )
    ]
    if kind.is_offer(draft.scheme):
        shortage = await shortage_of(work, case.citizen_id, [draft.occupation_code])
        status = shortage.get(draft.occupation_code or "", "UNKNOWN")
        days = policy.offer_notice_days
        answers += offer(draft, case.right_and_duty, status, work.today, days, path)
    return answers


async def _links(work: Work, plan_id: UUID, draft: InterventionDraft) -> list[tuple[UUID, bool]]:
    """The goals the intervention serves, each once, and whether it is a job goal."""
    wanted = list(dict.fromkeys(UUID(goal_id) for goal_id in draft.goal_ids))
    if not wanted:
        return []
    rows = await work.fetch("goals_to_link", plan_id, wanted)
    if len(rows) < len(wanted):
        raise NotFound("There is no such goal.")
    return [(row["goal_id"], row["is_job_goal"]) for row in rows]


async def _tell_fund(
    work: Work, case: Case, draft: InterventionDraft, kind: InterventionKind
) -> None:
    """R129: the fund of a dagpenge recipient hears of what it may see of the jobcenter's."""
    if case.fund is None or not case.target_group.is_unemployment_benefit:
        return
    if work.viewer.role is not Role.FUND:
        codes = [kind.code, *([draft.scheme] if draft.scheme else [])]
        await work.execute(
            "tell_fund_of_intervention",
            *(case.fund.organisation_id, case.citizen_id, codes, work.now),
        )


def _tidy(draft: InterventionDraft, path: Path) -> InterventionDraft:
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


def _row(draft: InterventionDraft, is_offer: bool) -> dict[str, Any]:
    """The draft by column; what only offers have is left out of others."""
    row = asdict(draft)
    notice = row.pop("notice")
    row.pop("goal_ids")
    if is_offer:
        return {**row, "notice_basis": notice["basis"], "notice_on": notice["notified_on"]}
    return {**row, "outside_shortage_reason": None}
