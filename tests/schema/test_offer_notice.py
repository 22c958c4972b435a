"""The notice of an offer goes with its start: it cannot be taken from under it, nor outlive it."""

from datetime import date
from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.companies import LONG, held, send, shorten, waiting
from tests.schema.eyes import operation
from tests.schema.interventions import act, call, codes, create, seen, update
from tests.story import new_citizen
from tests.world import World

CREATED = date(2026, 3, 2)
MOVED = date(2026, 3, 10)
TOLD = {"noticeBasis": "LETTER", "noticeOn": str(MOVED)}


@pytest.mark.rule("R90", "refused")
@pytest.mark.rule("R91", "refused")
async def test_a_notice_is_not_taken_from_under_a_start_that_was_moved_since(world: World) -> None:
    """R90 counts from the day this start became available, not from the first publication."""
    citizen = await new_citizen(world)
    number = await create(world, citizen, "COURSE")
    world.at(MOVED)
    early = {"startDate": "2026-03-11"}
    moved = await act(world, *update(world, citizen, number, "COURSE", **early, **TOLD))
    assert moved["__typename"] == "UpdateInterventionPayload"
    bare = await act(world, *update(world, citizen, number, "COURSE", **early))
    assert codes(bare) == [("R90", "OFFER_TOO_EARLY")]
    assert (await seen(world, citizen))[0]["offer"]["noticeBasis"] == "LETTER"


@pytest.mark.rule("R90", "refused")
async def test_nor_is_it_taken_in_the_operation_that_moves_the_start(world: World) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen, "COURSE")
    world.at(MOVED)
    early = {"startDate": "2026-03-11"}
    steps = [
        update(world, citizen, number, "COURSE", **early, **TOLD),
        update(world, citizen, number, "COURSE", **early),
    ]
    given = {f"i{place}": step[1] for place, step in enumerate(steps)}
    answer = await world.post(world.token(Role.JOBCENTER), operation(steps), **given)
    assert codes(answer["data"]["f1"]) == [("R90", "OFFER_TOO_EARLY")]
    (stored,) = await seen(world, citizen)
    assert (stored["startDate"], stored["offer"]["noticeBasis"]) == ("2026-03-16", None)


@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R92", "allowed")
@pytest.mark.rule("R92", "refused")
async def test_a_start_that_was_available_in_time_needs_no_other_notice(world: World) -> None:
    """Days and calls before the publication are those before this start was published."""
    citizen = await new_citizen(world, rightAndDuty=True)
    talked = {"noticeBasis": "CONVERSATION", "noticeOn": str(CREATED)}
    number = await create(world, citizen, "COURSE", **talked)
    world.at(MOVED)
    again = {"noticeBasis": "CONVERSATION", "noticeOn": str(MOVED)}
    later = {"startDate": "2026-03-19"}
    await act(world, *update(world, citizen, number, "COURSE", **later, **again))
    world.at(date(2026, 3, 17))
    bare = update(world, citizen, number, "COURSE", **later)
    assert codes(await act(world, *bare)) == [("R92", "PHONE_ATTEMPT_REQUIRED")]
    # a call between the first publication and that of this start
    await act(world, *call(citizen, number, date(2026, 3, 9), reached=False))
    assert (await act(world, *bare))["__typename"] == "UpdateInterventionPayload"
    (stored,) = await seen(world, citizen)
    assert (stored["startDate"], stored["offer"]["noticeBasis"]) == ("2026-03-19", None)


@pytest.mark.rule("R81", "refused")
@pytest.mark.rule("R90", "refused")
@pytest.mark.rule("R92", "refused")
async def test_what_a_caseworker_writes_of_a_held_import_keeps_the_rules_of_offers(
    world: World,
) -> None:
    citizen = await new_citizen(world, rightAndDuty=True)
    number = (await send(world, citizen, why=LONG))["heldImportId"]
    moved = await shorten(world, citizen, number, startDate="2026-03-03")
    assert codes(moved) == [("R90", "OFFER_TOO_EARLY"), ("R92", "PHONE_ATTEMPT_REQUIRED")]
    future: dict[str, Any] = {"noticeBasis": "LETTER", "noticeOn": "2026-03-03"}
    assert codes(await shorten(world, citizen, number, **future)) == [("R91", "INVALID_PERIOD")]
    half = await shorten(world, citizen, number, noticeBasis="LETTER")
    assert codes(half) == [("R91", "INTERVENTION_INCOMPLETE")]
    assert await waiting(world, citizen) == [number]
    assert [one["id"] for one in await held(world, citizen)] == [number]


@pytest.mark.rule("R81", "refused")
@pytest.mark.rule("R90", "refused")
async def test_nor_does_a_held_change_move_what_is_in_the_plan_around_them(world: World) -> None:
    citizen = await new_citizen(world)
    await send(world, citizen)
    number = (await send(world, citizen, why=LONG, startDate="2026-03-20"))["heldImportId"]
    moved = await shorten(world, citizen, number, startDate="2026-03-03")
    assert codes(moved) == [("R90", "OFFER_TOO_EARLY")]
    done = await shorten(world, citizen, number, startDate="2026-03-20")
    assert done["__typename"] == "UpdateInterventionPayload"


@pytest.mark.rule("R81", "allowed")
@pytest.mark.rule("R90", "allowed")
async def test_the_start_that_a_company_applied_for_only_advises_the_caseworker(
    world: World,
) -> None:
    citizen = await new_citizen(world, rightAndDuty=True)
    tomorrow = {"startDate": "2026-03-03"}
    number = (await send(world, citizen, why=LONG, **tomorrow))["heldImportId"]
    done = await shorten(world, citizen, number, **tomorrow)
    assert {w["code"] for w in done["warnings"]} >= {"OFFER_TOO_EARLY", "PHONE_ATTEMPT_REQUIRED"}


@pytest.mark.rule("R90", "allowed")
@pytest.mark.rule("R91", "refused")
async def test_a_notice_of_the_old_start_is_none_of_the_start_that_a_company_moves_to(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    number = (await send(world, citizen))["interventionId"]
    told = {"noticeBasis": "LETTER", "noticeOn": str(CREATED)}
    await shorten(world, citizen, number, **told)
    kept = await send(world, citizen, endDate="2026-07-15")
    assert kept["warnings"] == []
    assert (await seen(world, citizen))[0]["offer"]["noticeBasis"] == "LETTER"
    moved = await send(world, citizen, startDate="2026-03-05")
    assert [w["code"] for w in moved["warnings"]] == ["OFFER_TOO_EARLY"]
    offer = (await seen(world, citizen))[0]["offer"]
    assert (offer["noticeBasis"], offer["noticeOn"]) == (None, None)
