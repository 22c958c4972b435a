"""What becomes of an intervention in the plan, as caseworkers write it and as others see it."""

from datetime import date, timedelta

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import (
    intervention,
    operation,
)
from tests.schema.interventions import (
    act,
    call,
    cancel,
    codes,
    create,
    events,
    seen,
    status,
    update,
)
from tests.story import member, new_citizen
from tests.world import World


async def test_an_update_replaces_the_facts_and_keeps_id_and_history(world: World) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen)
    (before,) = await seen(world, citizen)
    answer = await act(
        world, *update(world, citizen, number, why="Du vil i gang.", latestStatus=None)
    )
    assert (answer["__typename"], answer["version"]) == ("UpdateInterventionPayload", 2)
    (after,) = await seen(world, citizen, Role.CITIZEN)
    assert after == {**before, "why": "Du vil i gang."}
    assert after["latestStatus"]["text"] == "Aftalt."
    assert await events(world, citizen) == ["PLAN_CHANGED", "AGREEMENT_NEW"]


async def test_an_update_without_a_change_makes_no_version_and_no_notice(world: World) -> None:
    citizen = await new_citizen(world)
    calls = [{"at": "2026-03-01", "reached": False}] * 2
    number = await create(world, citizen, "COURSE", contactAttempts=calls)
    same = update(world, citizen, number, "COURSE", contactAttempts=calls)
    answer = await act(world, *same)
    assert (answer["__typename"], answer["version"]) == ("UpdateInterventionPayload", 1)
    assert await events(world, citizen) == ["OFFER_GIVEN"]


@pytest.mark.rule("R94", "allowed")
@pytest.mark.rule("R94", "refused")
async def test_an_update_replaces_the_goals_that_an_intervention_serves(world: World) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    data = await world.ask(
        world.token(Role.JOBCENTER),
        "mutation($i: SetJobGoalsInput!) { setJobGoals(input: $i) {"
        " ... on SetJobGoalsPayload { plan { jobGoals { id text } } } } }",
        i={
            "citizenId": citizen,
            "jobGoals": [{"term": "SHORT_TERM", "priority": 1, "jobFunctionText": "Gartneri"}],
        },
    )
    goal = data["setJobGoals"]["plan"]["jobGoals"][0]["id"]
    number = await create(world, citizen)
    linked = await act(world, *update(world, citizen, number, goalIds=[goal]))
    assert linked["warnings"] == []
    assert (await seen(world, citizen))[0]["goalLinks"] == [{"text": "Gartneri"}]
    bare = await act(world, *update(world, citizen, number))
    assert [warning["code"] for warning in bare["warnings"]] == ["NO_GOAL_LINK"]
    assert (await seen(world, citizen))[0]["goalLinks"] == []


@pytest.mark.rule("R93", "refused")
async def test_kind_and_scheme_of_an_intervention_stay(world: World) -> None:
    citizen = await new_citizen(world)
    mentor = await create(world, citizen)
    school = await create(world, citizen, "EDUCATION")
    wrong = [
        update(world, citizen, mentor, "OTHER_AGREED"),
        update(world, citizen, school, "EDUCATION", scheme="ORDINARY_EDUCATION"),
    ]
    for field, given in wrong:
        answer = await act(world, field, given)
        assert ("R93", "KIND_CHANGED") in codes(answer)
    assert await events(world, citizen) == ["AGREEMENT_NEW", "AGREEMENT_NEW"]


@pytest.mark.rule("R3", "allowed")
@pytest.mark.rule("R3", "refused")
async def test_a_start_may_lie_in_the_past_back_to_the_day_it_was_published(world: World) -> None:
    citizen = await new_citizen(world)
    published = world.day[0]
    number = await create(world, citizen)
    world.at(date(2026, 3, 20))
    for start, refused in ((published - timedelta(days=1), True), (published, False)):
        answer = await act(world, *update(world, citizen, number, startDate=str(start)))
        assert (answer["__typename"] == "RuleBreaches") == refused
        if refused:
            assert codes(answer) == [("R3", "PLAN_NOT_PUBLISHED")]
            assert answer["breaches"][0]["path"] == ["input", "intervention", "mentor", "startDate"]
    late = await act(
        world,
        *intervention(world, citizen, "MENTOR", startDate=str(world.day[0] - timedelta(days=1))),
    )
    assert codes(late) == [("R3", "PLAN_NOT_PUBLISHED")]


@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R90", "refused")
@pytest.mark.rule("R92", "allowed")
@pytest.mark.rule("R92", "refused")
async def test_notice_and_call_are_asked_anew_when_the_start_of_an_offer_moves(
    world: World,
) -> None:
    citizen = await new_citizen(world, rightAndDuty=True)
    talked = {"noticeBasis": "CONVERSATION", "noticeOn": str(world.day[0])}
    number = await create(world, citizen, "COURSE", startDate="2026-03-03", **talked)
    world.at(date(2026, 3, 4))
    same = {"startDate": "2026-03-03", **talked}
    kept = await act(world, *update(world, citizen, number, "COURSE", why="Til dig.", **same))
    assert kept["__typename"] == "UpdateInterventionPayload"
    # the day it became available is the day the new start stands in the plan
    moved = await act(world, *update(world, citizen, number, "COURSE", startDate="2026-03-12"))
    assert codes(moved) == [("R90", "OFFER_TOO_EARLY"), ("R92", "PHONE_ATTEMPT_REQUIRED")]
    moved = await act(world, *update(world, citizen, number, "COURSE", startDate="2026-03-13"))
    assert codes(moved) == [("R92", "PHONE_ATTEMPT_REQUIRED")]
    # nor is the notice taken from under a start that rested on it
    bare = update(world, citizen, number, "COURSE", startDate="2026-03-03")
    assert [rule for rule, _ in codes(await act(world, *bare))] == ["R90", "R92"]
    assert (await act(world, *call(citizen, number, world.day[0], reached=False)))["version"] == 3
    moved = await act(world, *update(world, citizen, number, "COURSE", startDate="2026-03-13"))
    assert moved["__typename"] == "UpdateInterventionPayload"
    (stored,) = await seen(world, citizen)
    assert stored["offer"] == {
        "noticeBasis": None,
        "noticeOn": None,
        "contactAttempts": [{"at": "2026-03-04", "reached": False}],
    }


@pytest.mark.rule("R76", "refused")
@pytest.mark.rule("R78", "refused")
@pytest.mark.rule("R79", "refused")
@pytest.mark.rule("R80", "refused")
@pytest.mark.rule("R49", "refused")
async def test_an_update_keeps_the_rules_of_creation_and_tells_all_that_are_broken(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen, "COURSE")
    wrong = {"why": " ", "endDate": "2026-03-15", "hoursPerWeek": 60, "description": "å" * 1501}
    answer = await act(world, *update(world, citizen, number, "COURSE", **wrong))
    assert sorted(rule for rule, _ in codes(answer)) == ["R76", "R78", "R79", "R80"]
    assert all(b["path"][:3] == ["input", "intervention", "education"] for b in answer["breaches"])


@pytest.mark.rule("R82", "allowed")
async def test_the_latest_status_is_told_while_it_runs_and_when_it_is_over(world: World) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen)
    for day, text in ((date(2026, 3, 20), "Det går godt."), (date(2026, 5, 1), "Du fik job.")):
        world.at(day)
        answer = await act(world, *status(citizen, number, text))
        assert answer["__typename"] == "SetInterventionStatusPayload"
        assert (await seen(world, citizen))[0]["latestStatus"]["text"] == text
    again = await act(world, *status(citizen, number, "Du fik job."))
    assert again["version"] == 3
    await act(world, *status(citizen, number, None))
    assert (await seen(world, citizen, Role.CITIZEN))[0]["latestStatus"] is None
    assert await events(world, citizen) == [*["PLAN_CHANGED"] * 3, "AGREEMENT_NEW"]


@pytest.mark.rule("R82", "refused")
async def test_an_intervention_is_called_off_once_and_stays_in_the_plan(world: World) -> None:
    citizen = await member(world)
    number = await create(world, citizen)
    assert (await act(world, *cancel(citizen, number)))["version"] == 2
    for role in (Role.JOBCENTER, Role.CITIZEN, Role.FUND):
        (stored,) = await seen(world, citizen, role)
        assert (stored["id"], stored["status"]) == (number, "CANCELLED")
        assert (stored["cancelReason"], bool(stored["cancelledAt"])) == (
            "Virksomheden er lukket.",
            True,
        )
    assert await events(world, citizen) == ["PLAN_CHANGED", "AGREEMENT_NEW"]
    for step in (cancel(citizen, number), update(world, citizen, number, why="Igen.")):
        assert codes(await act(world, *step)) == [("R82", "INTERVENTION_OVER")]
    told = await act(world, *status(citizen, number, "Vi finder en anden."))
    assert told["__typename"] == "SetInterventionStatusPayload"
    ended = await create(world, citizen)
    world.at(date(2026, 4, 16))
    running = await act(world, *update(world, citizen, ended, why="Til sidste dag."))
    assert running["__typename"] == "UpdateInterventionPayload"
    world.at(date(2026, 4, 17))
    assert codes(await act(world, *cancel(citizen, ended))) == [("R82", "INTERVENTION_OVER")]


async def test_a_reason_is_needed_to_call_something_off_and_has_a_limit(world: World) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen)
    field, given = cancel(citizen, number, " ")
    blank = await world.post(world.token(Role.JOBCENTER), operation([(field, given)]), i0=given)
    assert blank["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    long = await act(world, *cancel(citizen, number, "x" * 1501))
    assert codes(long) == [("R80", "TEXT_TOO_LONG")]
    assert (await seen(world, citizen))[0]["status"] == "PLANNED"


@pytest.mark.rule("R91", "allowed")
@pytest.mark.rule("R92", "allowed")
async def test_a_call_is_added_to_an_offer_and_may_be_its_notice(world: World) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen, "COURSE")
    yesterday, today = world.day[0] - timedelta(days=1), world.day[0]
    assert (await act(world, *call(citizen, number, yesterday, reached=False)))["version"] == 2
    assert (await act(world, *call(citizen, number, today, isNotice=True)))["version"] == 3
    (stored,) = await seen(world, citizen, Role.CITIZEN)
    assert stored["offer"] == {
        "noticeBasis": "PHONE",
        "noticeOn": str(today),
        "contactAttempts": [
            {"at": str(yesterday), "reached": False},
            {"at": str(today), "reached": True},
        ],
    }
    assert await events(world, citizen) == ["PLAN_CHANGED", "PLAN_CHANGED", "OFFER_GIVEN"]
    # told in person before, the call changes nothing of it
    written = {"noticeBasis": "LETTER", "noticeOn": str(yesterday)}
    other = await create(world, citizen, "COURSE", **written)
    await act(world, *call(citizen, other, today, isNotice=True))
    offer = next(one["offer"] for one in await seen(world, citizen) if one["id"] == other)
    assert (offer["noticeBasis"], offer["noticeOn"]) == ("LETTER", str(yesterday))


@pytest.mark.rule("R92", "refused")
@pytest.mark.rule("R93", "refused")
async def test_a_call_is_about_an_offer_was_made_and_tells_only_who_answered(world: World) -> None:
    citizen = await new_citizen(world)
    course, mentor = await create(world, citizen, "COURSE"), await create(world, citizen)
    tomorrow = world.day[0] + timedelta(days=1)
    both = await act(world, *call(citizen, course, tomorrow, reached=False, isNotice=True))
    assert codes(both) == [("R92", "INVALID_PERIOD"), ("R92", "NOT_REACHED")]
    assert [b["path"] for b in both["breaches"]] == [["input", "at"], ["input", "isNotice"]]
    none = await act(world, *call(citizen, mentor, world.day[0]))
    assert codes(none) == [("R93", "NOT_AN_OFFER")]
    early = [{"at": str(tomorrow), "reached": True}]
    new = await act(world, *intervention(world, citizen, "COURSE", contactAttempts=early))
    assert codes(new) == [("R92", "INVALID_PERIOD")]
    await act(world, *cancel(citizen, course))
    over = await act(world, *call(citizen, course, world.day[0]))
    assert codes(over) == [("R82", "INTERVENTION_OVER")]


async def test_nobody_else_changes_an_intervention_and_none_of_another_plan(world: World) -> None:
    citizen, other = await member(world), await member(world)
    number = await create(world, citizen)
    for field, given in (
        update(world, citizen, number),
        status(citizen, number, "Nyt."),
        cancel(citizen, number),
        call(citizen, number, world.day[0]),
    ):
        for role in (Role.FUND, Role.SYSTEM, Role.INSTITUTION, Role.CITIZEN):
            token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
            answer = await world.post(token, operation([(field, given)]), i0=given)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        foreign = await act(world, field, {**given, "citizenId": other})
        assert foreign["__typename"] == "NotFound"
