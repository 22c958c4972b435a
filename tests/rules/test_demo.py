"""The demo plans keep the law: what is loaded through the actions breaks no rule."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.authority import Authority, Basis, ResponsibilityPeriod
from app.domain.conversation import ConversationDraft
from app.domain.goal import EducationGoalDraft, JobGoalDraft, SubGoalDraft
from app.domain.intervention import ContactAttempt, InterventionDraft, Notice
from app.domain.requirement import AreaDraft, RequirementDraft
from app.rules.breach import breaches
from app.rules.conversation import conversation
from app.rules.education_goal import education_goals
from app.rules.intervention import intervention
from app.rules.job_goal import job_goals
from app.rules.offer import offer
from app.rules.requirement import requirement
from app.rules.responsibility import follow_without_gap

from .code_lists import GROUPS, JOBCENTER, KINDS

EXAMPLES = json.loads(
    (Path(__file__).parents[2] / "db/demo/examples.json").read_text(encoding="utf-8")
)
PLANS = [
    plan
    for part in ("plans", "derived_plans", "own_cases")
    for plan in EXAMPLES[part]
    if plan.get("data")
]
INTERVENTIONS = [*EXAMPLES["interventions"], *EXAMPLES["supporting_interventions"]]


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


def _notice(stored: dict[str, Any] | None) -> Notice:
    if stored is None:
        return Notice()
    attempts = (
        ContactAttempt(date.fromisoformat(attempt["on"]), attempt["reached"])
        for attempt in stored["contact_attempts"]
    )
    return Notice(stored["notice_basis"], _day(stored["notice_on"]), tuple(attempts))


def _draft(stored: dict[str, Any]) -> InterventionDraft:
    what, where, who = stored["what"], stored.get("where", {}), stored.get("who", {})
    return InterventionDraft(
        kind=stored["kind"],
        scheme=stored.get("scheme"),
        start_date=_day(stored["when"]["start"]),
        end_date=_day(stored["when"]["end"]),
        description=what["description"],
        why=stored["why"],
        hours_per_week=what.get("hours_per_week"),
        origin=stored["origin"],
        goal_ids=tuple(stored["goal_links"]),
        notice=_notice(stored["offer"]),
        workplace=where.get("workplace"),
        place=where.get("provider_place"),
        contact_name=who.get("contact_person"),
        provider=who.get("provider"),
        aid_form=stored.get("aid_form"),
        aid_category=what.get("category"),
        mentor_tasks=what.get("mentor_tasks"),
    )


@pytest.mark.parametrize("stored", INTERVENTIONS, ids=lambda stored: stored["id"])
def test_an_intervention_of_the_demo_breaks_no_rule(stored: dict[str, Any]) -> None:
    draft, kind = _draft(stored), KINDS[stored["kind"]]
    published_on = date.fromisoformat(stored["published_on"])
    assert breaches(intervention(draft, kind, JOBCENTER, JOBCENTER, published_on)) == []
    assert kind.is_offer(draft.scheme) == (stored["offer"] is not None)
    if stored["offer"]:
        right_and_duty = stored["offer"]["right_and_duty"]
        assert breaches(offer(draft, right_and_duty, "UNKNOWN", published_on, 8)) == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan["id"])
def test_the_goals_and_conversations_of_a_demo_plan_break_no_rule(plan: dict[str, Any]) -> None:
    group, data = GROUPS[plan["target_group"]], plan["data"]
    written = [
        JobGoalDraft(
            goal["term"],
            goal["priority"],
            occupation_code=goal["text"] if goal["type"] == "OCCUPATION" else None,
            job_function_text=goal["text"] if goal["type"] == "JOB_FUNCTION" else None,
            long_term_description=goal.get("long_term_description"),
            sub_goals=tuple(SubGoalDraft(sub["text"]) for sub in goal.get("sub_goals", [])),
        )
        for goal in data["job_goals"]
    ]
    educations = [EducationGoalDraft(g["text"], g["priority"]) for g in data["education_goals"]]
    assert breaches(job_goals(written, group, {}), education_goals(educations, group)) == []
    for held in data["conversations"]:
        own = Authority(held["authority"])
        held_at = datetime.fromisoformat(held["held_at"])
        draft = ConversationDraft(own, held_at, held["mode"], held["agreement_text"])
        assert breaches(conversation(draft, own, held_at.date())) == []


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan["id"])
def test_the_requirements_and_responsibilities_of_a_demo_plan_break_no_rule(
    plan: dict[str, Any],
) -> None:
    for stored in plan["data"]["requirements"]:
        draft = RequirementDraft(
            date.fromisoformat(stored["valid_from"]),
            tuple(stored["occupations"]),
            tuple(stored["industries"]),
            tuple(AreaDraft(**area) for area in stored["geographic_areas"]),
            stored["agreement_text"],
            stored["other_expectations"],
        )
        issuer = Authority(stored["issued_by"]["authority"])
        assert breaches(requirement(draft, GROUPS[plan["target_group"]], issuer, None)) == []
    periods = [
        ResponsibilityPeriod(
            Authority(stored["authority"]),
            stored["organisation"],
            Basis(stored["basis"]),
            date.fromisoformat(stored["from"]),
            _day(stored["to"]),
        )
        for stored in plan["responsibility_periods"]
    ]
    assert follow_without_gap(periods) == []
