"""Interventions of every kind: what is stored of each, who may, and who hears of it."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.actions.education_goal import set_education_goals
from app.actions.intervention import set_intervention_status
from app.actions.job_goal import set_job_goals
from app.domain.goal import EducationGoalDraft, JobGoalDraft
from app.domain.intervention import ContactAttempt, InterventionDraft, Notice
from app.domain.viewer import Viewer
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import (
    CLERK,
    COLLEAGUE,
    FUND,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    STRANGER,
    WELDER,
    Desk,
    Outcome,
    day,
)
from tests.actions.interventions import (
    AGREED,
    AID,
    ASSISTANCE,
    MENTOR,
    SCHOOL,
    SOCIAL,
    SUBSIDY,
    create,
    refused,
)


@pytest.mark.parametrize(
    ("draft", "type_name", "event"),
    [
        (MENTOR, "MentorIntervention", "AGREEMENT_NEW"),
        (SUBSIDY, "CompanyIntervention", "OFFER_GIVEN"),
        (SCHOOL, "EducationIntervention", "AGREEMENT_NEW"),
        (
            replace(SCHOOL, kind="COURSE", scheme=None, start_date=day(9)),
            "EducationIntervention",
            "OFFER_GIVEN",
        ),
        (AID, "AidIntervention", "AGREEMENT_NEW"),
        (ASSISTANCE, "AssistanceIntervention", "AGREEMENT_NEW"),
        (SOCIAL, "SocialHealthIntervention", "AGREEMENT_NEW"),
        (AGREED, "OtherIntervention", "AGREEMENT_NEW"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.rule("R76", "allowed")
@pytest.mark.rule("R84", "allowed")
@pytest.mark.rule("R93", "allowed")
@pytest.mark.rule("R93", "refused")
async def test_each_kind_is_stored_with_its_own_fields(
    desk: Desk, draft: InterventionDraft, type_name: str, event: str
) -> None:
    citizen_id = await desk.citizen()
    outcome = await create(desk, citizen_id, replace(draft, latest_status="I gang"))
    assert await desk.value("select event from notice") == event
    stored = (await desk.plan(citizen_id))["interventions"][0]
    assert stored["id"] == str(outcome.done.values["intervention_id"])
    assert (stored["type_name"], stored["kind"], stored["scheme"]) == (
        type_name,
        draft.kind,
        draft.scheme,
    )
    own = ("mentor_tasks", "course", "aid_category", "task_description", "code_label", "workplace")
    assert {name: stored[name] for name in own} == {name: getattr(draft, name) for name in own}
    assert stored["latest_status"]["author"] == "Troels Agerskov"
    assert (stored["offer"] is not None) is (event == "OFFER_GIVEN")
    assert "NO_GOAL_LINK" in outcome.warnings


@pytest.mark.rule("R91", "allowed")
@pytest.mark.rule("R92", "allowed")
@pytest.mark.rule("R49", "allowed")
async def test_an_offer_shows_its_occupation_its_notice_and_its_calls(desk: Desk) -> None:
    citizen_id = await desk.citizen(right_and_duty=True)
    calls = (ContactAttempt(day(-1), reached=False), ContactAttempt(day(0), reached=True))
    notice = Notice("PHONE", day(0), calls)
    await create(desk, citizen_id, replace(SUBSIDY, start_date=day(1), notice=notice))
    stored = (await desk.plan(citizen_id))["interventions"][0]
    assert (stored["occupation"], stored["contact_phone"]) == ("Svejser", "00113337")
    assert stored["agreed_organisation"] == "Jobcenter København"
    assert stored["offer"] == {
        "notice_basis": "PHONE",
        "notice_on": day(0).isoformat(),
        "contact_attempts": [
            {"at": day(-1).isoformat(), "reached": False},
            {"at": day(0).isoformat(), "reached": True},
        ],
        "outside_shortage_reason": None,
        "right_and_duty": True,
    }


@pytest.mark.rule("R3", "refused")
@pytest.mark.rule("R49", "refused")
@pytest.mark.rule("R76", "refused")
@pytest.mark.rule("R78", "refused")
@pytest.mark.rule("R79", "refused")
@pytest.mark.rule("R80", "refused")
@pytest.mark.rule("R90", "refused")
@pytest.mark.rule("R91", "refused")
@pytest.mark.rule("R92", "refused")
async def test_an_offer_breaks_all_its_rules_at_once(desk: Desk) -> None:
    citizen_id = await desk.citizen(right_and_duty=True)
    bad = replace(
        SUBSIDY,
        start_date=day(8),
        end_date=day(7),
        why=" ",
        workplace=None,
        hours_per_week=60,
        description="x" * 1501,
        occupation_code=CLERK,
    )
    rules = await refused(desk, citizen_id, bad)
    assert sorted(rules) == ["R49", "R76", "R76", "R78", "R79", "R80", "R90", "R92"]
    half = replace(SUBSIDY, start_date=day(-1), notice=Notice("LETTER"))
    assert sorted(await refused(desk, citizen_id, half)) == ["R3", "R91", "R92"]


@pytest.mark.rule("R3", "allowed")
@pytest.mark.rule("R93", "refused")
async def test_what_is_no_offer_needs_no_notice_and_an_import_may_have_started(desk: Desk) -> None:
    citizen_id = await desk.citizen(right_and_duty=True)
    await create(desk, citizen_id, replace(SCHOOL, start_date=day(0)))
    imported = replace(
        AGREED, start_date=day(-9), origin="VITAS", external_id="VITAS-1", end_date=day(9)
    )
    outcome = await create(desk, citizen_id, imported)
    assert "PLAN_NOT_PUBLISHED" in outcome.warnings
    stored = (await desk.plan(citizen_id))["interventions"][0]
    assert (stored["origin"], stored["external_id"]) == ("VITAS", "VITAS-1")


@pytest.mark.rule("R78", "allowed")
@pytest.mark.rule("R78", "refused")
async def test_an_open_end_only_where_the_kind_may_run_on(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await create(desk, citizen_id, AID)
    assert await refused(desk, citizen_id, replace(SUBSIDY, end_date=None)) == ["R78"]


@pytest.mark.rule("R94", "allowed")
@pytest.mark.rule("R94", "refused")
@pytest.mark.rule("R83", "allowed")
@pytest.mark.rule("R83", "refused")
async def test_an_intervention_serves_goals_of_its_own_plan(desk: Desk) -> None:
    citizen_id, other = await desk.citizen("RESOURCE_PROGRAMME"), await desk.citizen()
    goals = [JobGoalDraft("SHORT_TERM", 1, occupation_code=WELDER)]
    await desk.run(JOBCENTER_VIEWER, lambda work: set_job_goals(work, other, goals))
    await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_job_goals(work, citizen_id, goals),
        lambda work: set_education_goals(work, citizen_id, [EducationGoalDraft("Smed", 1)]),
    )
    plan = await desk.plan(citizen_id)
    ids = (plan["job_goals"][0]["id"], plan["education_goals"][0]["id"])
    outcome = await create(desk, citizen_id, replace(MENTOR, goal_ids=(*ids, ids[0])))
    assert outcome.warnings == ["COURSE_INTERVENTION_MISSING"]
    links = (await desk.plan(citizen_id))["interventions"][0]["goal_links"]
    assert [(link["type"], link["text"]) for link in links] == [
        ("JOB_GOAL", "Svejser"),
        ("EDUCATION_GOAL", "Smed"),
    ]
    assert (await create(desk, citizen_id, SOCIAL)).warnings == ["NO_GOAL_LINK"]
    foreign = (await desk.plan(other))["job_goals"][0]["id"]
    with pytest.raises(NotFound):
        await create(desk, citizen_id, replace(MENTOR, goal_ids=(foreign,)))


@pytest.mark.rule("R22", "allowed")
@pytest.mark.rule("R22", "refused")
@pytest.mark.rule("R23", "allowed")
async def test_a_fund_creates_its_own_kinds_in_its_period_only(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    for draft in (SCHOOL, AGREED):
        await create(desk, citizen_id, draft, FUND_VIEWER)
    assert await refused(desk, citizen_id, MENTOR, FUND_VIEWER) == ["R22"]
    course = replace(SCHOOL, scheme="ORDINARY_EDUCATION", start_date=day(9))
    assert await refused(desk, citizen_id, course, FUND_VIEWER) == ["R22"]
    later = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    assert await refused(desk, later, AGREED, FUND_VIEWER) == ["R19"]
    assert await desk.value("select count(*) from system_event") == 0


@pytest.mark.rule("R129", "allowed")
@pytest.mark.rule("R129", "refused")
@pytest.mark.rule("R22", "allowed")
async def test_the_fund_hears_of_what_it_may_see_and_of_nothing_else(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    for draft in (AID, SCHOOL, MENTOR):
        await create(desk, citizen_id, draft)
    async with desk.pool.acquire() as connection:
        rows = await connection.fetch(
            "select o.code, e.codes from system_event e"
            " join organisation o on o.organisation_id = e.receiver order by system_event_id"
        )
    assert [(row["code"], row["codes"]) for row in rows] == [
        (FUND, ["EDUCATION", "SIX_WEEK_JOB_TRAINING"]),
        (FUND, ["MENTOR"]),
    ]
    seen = (await desk.plan(citizen_id, FUND_VIEWER))["interventions"]
    assert {item["kind"] for item in seen} == {"EDUCATION", "MENTOR"}
    outsider = await desk.citizen()
    await create(desk, outsider, MENTOR)
    assert await desk.value("select count(*) from system_event") == 2


@pytest.mark.rule("R84", "refused")
async def test_input_that_no_intervention_can_have_is_refused_with_its_path(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"cvr": "1234"}, "cvr"),
        ({"p_number": "x"}, "pNumber"),
        ({"contact_phone": "ring"}, "contactPhone"),
        ({"occupation_code": "0000"}, "occupationCode"),
        ({"scheme": "ORDINARY_EDUCATION"}, "scheme"),
    ]
    for change, field in wrong:
        with pytest.raises(BadUserInput) as answer:
            await create(desk, citizen_id, replace(SUBSIDY, **change))
        assert answer.value.path == ("input", field)
    assert await refused(desk, citizen_id, replace(MENTOR, kind="TRANSPORT")) == ["R84"]
    with pytest.raises(NotFound):
        await create(desk, citizen_id, MENTOR, STRANGER)


@pytest.mark.rule("R82", "allowed")
@pytest.mark.rule("R80", "refused")
async def test_the_latest_status_is_told_repeated_and_taken_back(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    created = await create(desk, citizen_id, MENTOR)
    intervention_id: UUID = created.done.values["intervention_id"]

    async def tell(text: str | None, viewer: Viewer = JOBCENTER_VIEWER) -> Outcome:
        return await desk.run(
            viewer,
            lambda work: set_intervention_status(work, citizen_id, intervention_id, text),
        )

    assert (await tell("Det går godt.")).versions["FULL"] == 2
    assert (await tell("Det går godt.", COLLEAGUE)).versions == {}
    status = (await desk.plan(citizen_id))["interventions"][0]["latest_status"]
    assert (status["text"], status["author"]) == ("Det går godt.", "Troels Agerskov")
    with pytest.raises(RulesBroken) as answer:
        await tell("x" * 1501)
    assert [breach.rule for breach in answer.value.breaches] == ["R80"]
    assert (await tell(None)).notices == 1
    assert (await desk.plan(citizen_id))["interventions"][0]["latest_status"] is None
    intervention_id = uuid4()
    with pytest.raises(NotFound):
        await tell("Ukendt")
