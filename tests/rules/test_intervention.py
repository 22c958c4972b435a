"""Interventions of all kinds: who may create which, what must be filled in, when they run."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.domain.authority import Authority
from app.domain.intervention import OPEN_END_KINDS, InterventionDraft
from app.rules.breach import Breach, Finding, breaches, findings
from app.rules.intervention import (
    course_is_registered,
    has_period,
    hours_fit,
    intervention,
    is_complete,
    may_be_created_by,
)
from app.rules.plan import starts_in_the_plan

from .code_lists import DAGPENGE, FUND, GROUPS, JOBCENTER, KINDS

TODAY = date(2026, 3, 1)
MENTOR = InterventionDraft(
    kind="MENTOR",
    start_date=date(2026, 3, 15),
    description="En mentor to timer om ugen.",
    why="Du vil have en at spørge.",
    place="Kantinen Ravkorn",
    goal_ids=("g1",),
)


@pytest.mark.rule("R22", "allowed")
def test_every_kind_has_its_demands_and_the_jobcenter_creates_them_all() -> None:
    for kind in KINDS.values():
        assert may_be_created_by(kind, None, JOBCENTER, FUND) is None
        assert is_complete(InterventionDraft(kind.code, None, "", ""), kind)


@pytest.mark.rule("R22", "allowed")
@pytest.mark.rule("R23", "allowed")
def test_a_fund_creates_two_kinds_in_its_own_period() -> None:
    allowed = [
        kind.code
        for kind in KINDS.values()
        if may_be_created_by(kind, "SIX_WEEK_JOB_TRAINING", FUND, FUND) is None
    ]
    assert allowed == ["EDUCATION", "OTHER_AGREED"]


@pytest.mark.parametrize(
    ("code", "scheme", "responsible", "policy", "expected"),
    [
        ("AID", None, FUND, True, ("R22", "FORBIDDEN_KIND")),
        ("COURSE", None, FUND, True, ("R22", "FORBIDDEN_KIND")),
        ("EDUCATION", "ORDINARY_EDUCATION", FUND, True, ("R22", "FORBIDDEN_KIND")),
        ("EDUCATION", None, FUND, True, ("R22", "FORBIDDEN_KIND")),
        ("EDUCATION", "SIX_WEEK_JOB_TRAINING", FUND, False, ("R23", "FORBIDDEN_KIND")),
        ("EDUCATION", "SIX_WEEK_JOB_TRAINING", JOBCENTER, True, ("R19", "NOT_RESPONSIBLE")),
        ("OTHER_AGREED", None, JOBCENTER, True, ("R19", "NOT_RESPONSIBLE")),
        ("OTHER_AGREED", None, None, True, ("R19", "NOT_RESPONSIBLE")),
    ],
)
@pytest.mark.rule("R22", "refused")
@pytest.mark.rule("R23", "refused")
def test_what_a_fund_may_not_create(
    code: str,
    scheme: str | None,
    responsible: Authority | None,
    policy: bool,
    expected: tuple[str, str],
) -> None:
    refused = may_be_created_by(KINDS[code], scheme, FUND, responsible, policy)
    assert refused is not None
    assert (refused.rule, refused.code) == expected


@pytest.mark.rule("R76", "allowed")
@pytest.mark.rule("R78", "allowed")
@pytest.mark.rule("R79", "allowed")
@pytest.mark.rule("R80", "allowed")
@pytest.mark.rule("R94", "allowed")
def test_a_complete_intervention_breaks_nothing() -> None:
    answers = intervention(MENTOR, KINDS["MENTOR"], JOBCENTER, JOBCENTER, TODAY)
    assert breaches(answers) == []
    assert findings(answers) == []


@pytest.mark.parametrize(
    ("kind", "change", "missing"),
    [
        ("MENTOR", {"description": " "}, ("description",)),
        ("MENTOR", {"start_date": None}, ("start_date",)),
        ("MENTOR", {"why": ""}, ("why",)),
        ("MENTOR", {"place": None}, ("where",)),
        ("WAGE_SUBSIDY", {"place": None}, ("where",)),
        ("WAGE_SUBSIDY", {"place": None, "workplace": "Kobberlærken"}, ()),
        ("SOCIAL", {"place": None, "provider": "Støttehuset"}, ()),
        ("EDUCATION", {}, ("scheme",)),
        ("AID", {}, ("who", "aid_form", "aid_category")),
        ("AID", {"aid_form": "LOAN", "aid_category": "It", "provider": "Depotet"}, ()),
    ],
)
@pytest.mark.rule("R76", "allowed")
@pytest.mark.rule("R76", "refused")
def test_each_kind_names_the_fields_it_lacks(
    kind: str, change: dict[str, Any], missing: tuple[str, ...]
) -> None:
    draft = replace(MENTOR, kind=kind, **change)
    found = is_complete(draft, KINDS[kind], ("input",))
    assert len(found) == len(missing)
    assert all(b.details["missing"] == missing for b in found)


def test_the_path_leads_to_the_field_that_is_missing() -> None:
    draft = replace(MENTOR, place=None, start_date=None)
    paths = [b.path for b in is_complete(draft, KINDS["MENTOR"], ("input", "mentor"))]
    assert paths == [("input", "mentor", "startDate"), ("input", "mentor", "place")]


@given(st.sampled_from(list(KINDS)), st.integers(-3, 3))
@pytest.mark.rule("R78", "allowed")
@pytest.mark.rule("R78", "refused")
def test_an_end_is_no_earlier_than_the_start(code: str, days: int) -> None:
    start = date(2026, 3, 1)
    answer = has_period(start, start + timedelta(days=days), KINDS[code])
    assert (answer is None) == (days >= 0)


@pytest.mark.rule("R78", "allowed")
@pytest.mark.rule("R78", "refused")
def test_only_five_kinds_run_without_an_end() -> None:
    open_ended = {code for code, kind in KINDS.items() if has_period(TODAY, None, kind) is None}
    assert open_ended == OPEN_END_KINDS
    assert len(open_ended) == 5


@given(st.none() | st.integers(-2, 62), st.none() | st.integers(-2, 62))
@pytest.mark.rule("R79", "allowed")
@pytest.mark.rule("R79", "refused")
def test_hours_and_minutes_are_0_to_59(hours: int | None, minutes: int | None) -> None:
    wrong = [n for n in (hours, minutes) if n is not None and not 0 <= n <= 59]
    assert len(hours_fit(hours, minutes)) == len(wrong)


@given(st.integers(-3, 3))
@pytest.mark.rule("R3", "allowed")
@pytest.mark.rule("R3", "refused")
def test_an_intervention_starts_on_or_after_its_publication_and_imports_only_warn(
    days: int,
) -> None:
    start = TODAY + timedelta(days=days)
    by_hand, imported = (starts_in_the_plan(start, TODAY, o) for o in ("MANUAL", "DFDG_IMPORT"))
    assert (by_hand is None) == (imported is None) == (days >= 0)
    assert by_hand is None or isinstance(by_hand, Breach)
    assert imported is None or isinstance(imported, Finding)


@pytest.mark.rule("R80", "refused")
def test_what_and_why_have_a_configured_length() -> None:
    draft = replace(MENTOR, description="å" * 1501, why="å" * 21)
    kind = KINDS["MENTOR"]
    found = breaches(
        intervention(draft, kind, JOBCENTER, JOBCENTER, TODAY, limits={"why": 20}, path=("input",))
    )
    assert [(b.code, b.path, b.details) for b in found] == [
        ("TEXT_TOO_LONG", ("input", "description"), {"limit": 1500, "length": 1501}),
        ("TEXT_TOO_LONG", ("input", "why"), {"limit": 20, "length": 21}),
    ]


@pytest.mark.rule("R94", "refused")
def test_an_intervention_without_a_goal_only_warns() -> None:
    draft = replace(MENTOR, goal_ids=())
    answers = intervention(draft, KINDS["MENTOR"], JOBCENTER, JOBCENTER, TODAY)
    assert breaches(answers) == []
    assert [f.code for f in findings(answers)] == ["NO_GOAL_LINK"]


@pytest.mark.rule("R83", "allowed")
@pytest.mark.rule("R83", "refused")
def test_a_resource_programme_is_reminded_of_social_and_health_interventions() -> None:
    reminded = [g.code for g in GROUPS.values() if course_is_registered(g, {"MENTOR"})]
    assert reminded == ["RESOURCE_PROGRAMME", "JOB_CLARIFICATION"]
    assert course_is_registered(GROUPS["RESOURCE_PROGRAMME"], {"HEALTH"}) is None
    assert course_is_registered(DAGPENGE, ()) is None
