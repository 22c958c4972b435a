"""Imports with a text that is too long: kept apart, shortened by a caseworker, never cut."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis, strategies as st

from app.domain.viewer import Role
from tests.schema.companies import HELD, LONG, held, send, shorten, waiting, whole
from tests.schema.eyes import UPDATE, operation
from tests.schema.interventions import codes, events
from tests.schema.test_closed_plan import close
from tests.story import member, new_citizen
from tests.world import OTHER_JOBCENTER, World


@pytest.mark.rule("R80", "refused")
@pytest.mark.rule("R81", "refused")
async def test_a_text_that_is_too_long_keeps_the_import_apart_and_uncut(world: World) -> None:
    citizen = await new_citizen(world)
    answer = await send(world, citizen, why=LONG)
    assert answer["interventionId"] is None
    assert ("R81", "IMPORT_TOO_LONG", ["input", "why"]) in [
        (w["rule"], w["code"], w["path"]) for w in answer["warnings"]
    ]
    (import_,) = await held(world, citizen)
    assert import_ == {
        "id": answer["heldImportId"],
        "externalId": "V-1",
        "kind": "WAGE_SUBSIDY",
        "interventionId": None,
        "why": LONG,
        "description": "Du svejser skibsdele.",
        "startDate": "2026-03-16",
        "workplace": "Kobberlærkens Svejseværk, Havnegade 3",
        "caseworkerName": "Rikke Sandholt",
        "tooLong": [{"field": "why", "length": 1501, "limit": 1500}],
    }
    assert await waiting(world, citizen) == [answer["heldImportId"]]
    assert await whole(world, citizen) is None
    assert await events(world, citizen) == []
    # once while it is open, also when the company sends other facts
    sent: list[dict[str, Any]] = [{}, {"hoursPerWeek": 30}]
    for more in sent:
        assert (await send(world, citizen, why=LONG, **more))["heldImportId"] == import_["id"]
    assert await waiting(world, citizen) == [import_["id"]]


@pytest.mark.rule("R81", "allowed")
async def test_a_caseworker_shortens_what_is_held_and_brings_it_into_the_plan(
    world: World,
) -> None:
    citizen = await new_citizen(world, rightAndDuty=True)
    start = {"startDate": "2026-03-01"}
    number = (await send(world, citizen, why=LONG, **start))["heldImportId"]
    still = await shorten(world, citizen, number, why=LONG, **start)
    assert codes(still) == [("R80", "TEXT_TOO_LONG")]
    other = await shorten(world, citizen, number, kind="UTILITY_JOB", **start)
    assert codes(other) == [("R93", "KIND_CHANGED")]
    assert await waiting(world, citizen) == [number]
    done = await shorten(world, citizen, number, **start)
    assert done["__typename"] == "UpdateInterventionPayload", done
    (stored,) = (await whole(world, citizen))["interventions"]
    assert (stored["origin"], stored["externalId"]) == ("VITAS", "V-1")
    assert stored["why"] == "Du har svejset i mange år."
    assert await held(world, citizen) == [] == await waiting(world, citizen)
    assert await events(world, citizen) == ["OFFER_GIVEN"]
    # the company's long text, sent again, is neither held nor laid over the short one
    again = await send(world, citizen, why=LONG, **start)
    assert (again["interventionId"], again["heldImportId"]) == (stored["id"], None)
    gone = await shorten(world, citizen, number)
    assert gone["__typename"] == "NotFound"


@pytest.mark.rule("R81", "allowed")
async def test_a_corrected_import_settles_what_was_held(world: World) -> None:
    citizen = await new_citizen(world)
    await send(world, citizen, description=LONG)
    fixed = await send(world, citizen)
    assert fixed["interventionId"] and fixed["heldImportId"] is None
    assert await held(world, citizen) == [] == await waiting(world, citizen)
    # a change that is too long waits beside what is in the plan
    change = await send(world, citizen, why=LONG, hoursPerWeek=20)
    (import_,) = await held(world, citizen)
    assert import_["interventionId"] == change["interventionId"] == fixed["interventionId"]
    (stored,) = (await whole(world, citizen))["interventions"]
    assert stored["what"]["hoursDisplay"] == "37 timer per uge"
    await shorten(world, citizen, import_["id"], hoursPerWeek=20)
    (stored,) = (await whole(world, citizen))["interventions"]
    assert (stored["id"], stored["what"]["hoursDisplay"]) == (
        fixed["interventionId"],
        "20 timer per uge",
    )
    assert await waiting(world, citizen) == []


@pytest.mark.rule("R81", "allowed")
async def test_an_application_sent_again_after_the_closing_answers_its_id_and_writes_nothing(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    number = (await send(world, citizen))["interventionId"]
    await close(world, citizen)
    before = await whole(world, citizen)
    again = await send(world, citizen)
    assert (again["interventionId"], again["heldImportId"]) == (number, None)
    assert again["warnings"] == []
    assert await whole(world, citizen) == before
    assert (await send(world, citizen, hoursPerWeek=20))["__typename"] == "NotFound"


@pytest.mark.rule("R81", "refused")
async def test_what_is_held_ends_with_the_plan_and_waits_anew_when_it_is_sent_anew(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    number = (await send(world, citizen))["interventionId"]
    change: dict[str, Any] = {"why": LONG, "hoursPerWeek": 20}
    await send(world, citizen, **change)
    await send(world, citizen, externalId="V-2", why=LONG)
    assert len(await waiting(world, citizen)) == len(await held(world, citizen)) == 2
    await close(world, citizen)
    assert await waiting(world, citizen) == [] == await held(world, citizen)
    # the change of what stands in the closed plan came too late
    again = await send(world, citizen, **change)
    assert (again["interventionId"], again["heldImportId"]) == (number, None)
    assert await waiting(world, citizen) == []
    # what never came into a plan is an application like any other
    anew = await send(world, citizen, externalId="V-2", why=LONG)
    assert await waiting(world, citizen) == [anew["heldImportId"]]
    assert [one["id"] for one in await held(world, citizen)] == [anew["heldImportId"]]


async def test_only_the_citizens_own_jobcenter_reads_and_shortens_what_is_held(
    world: World,
) -> None:
    citizen = await member(world)
    number = (await send(world, citizen, why=LONG))["heldImportId"]
    for role in (Role.FUND, Role.CITIZEN, Role.SYSTEM):
        token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
        answer = await world.post(token, HELD, id=citizen)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    stranger = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    assert (await world.ask(stranger, HELD, id=citizen))["citizen"] is None
    given = {
        "citizenId": citizen,
        "interventionId": number,
        "intervention": {"company": {"kind": "WAGE_SUBSIDY"}},
    }
    data = await world.ask(stranger, operation([(UPDATE, given)]), i0=given)
    assert data["f0"]["__typename"] == "NotFound"


@pytest.mark.rule("R80", "allowed")
@pytest.mark.rule("R80", "refused")
@hypothesis(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    what=st.integers(1495, 1505),
    why=st.integers(1495, 1505),
    place=st.integers(295, 305),
)
async def test_an_import_is_held_exactly_when_a_text_is_over_its_limit(
    world: World, what: int, why: int, place: int
) -> None:
    citizen = await new_citizen(world)
    texts = {"description": "æ" * what, "why": "ø" * why, "workplace": "å" * place}
    answer = await send(world, citizen, externalId=citizen, **texts)
    over = [
        name
        for name, length, limit in (
            ("description", what, 1500),
            ("why", why, 1500),
            ("workplace", place, 300),
        )
        if length > limit
    ]
    assert (answer["heldImportId"] is not None) == bool(over)
    assert (answer["interventionId"] is None) == bool(over)
    found = await held(world, citizen)
    assert [text["field"] for one in found for text in one["tooLong"]] == over
