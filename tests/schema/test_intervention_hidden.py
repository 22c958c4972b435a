"""What becomes of an intervention, and a fund that may not know of it."""

from datetime import date

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import (
    HIDDEN_KINDS,
    PLAN_TYPES,
    Step,
    do,
    group,
    talk,
)
from tests.schema.interventions import call, cancel, create, seen, status, update
from tests.schema.test_redaction import cannot_be_told_apart
from tests.story import member
from tests.world import World

HIDDEN_GROUP = PLAN_TYPES["REHABILITATION_PLAN"]
VISIBLE_GROUP = "UNEMPLOYMENT_BENEFIT"


@pytest.fixture
def world(shared_world: World) -> World:
    """One running API for the file: each story is about citizens of its own."""
    return shared_world


@pytest.mark.parametrize("kind", ["AID", "SOCIAL"])
@pytest.mark.rule("R87", "refused")
async def test_no_change_of_a_hidden_kind_reaches_a_fund(world: World, kind: str) -> None:
    assert kind in HIDDEN_KINDS

    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        if hidden:
            number = await create(world, citizen, kind)
        # each step in one operation with something visible
        changes = (
            [
                update(world, citizen, number, kind, why="Andet."),
                status(citizen, number, "Nyt."),
                cancel(citizen, number),
            ]
            if hidden
            else [None] * 3
        )
        for place, change in enumerate(changes):
            visible = talk(world, citizen, f"Aftale {place}.")
            await do(world, staff, *([change] if change else []), visible)
        if hidden:
            await do(world, staff, status(citizen, number, "Sidste nyt."))

    await cannot_be_told_apart(world, story)


@pytest.mark.parametrize("change", ["update", "cancel", "call", "status", "agreement", "restated"])
@pytest.mark.rule("R135", "refused")
async def test_what_is_written_of_an_intervention_under_a_hidden_type_is_not_for_the_fund(
    world: World, change: str
) -> None:
    """A status is absent for it, and other facts take the intervention with them (R135)."""

    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        number = await create(world, citizen, "COURSE", latestStatus=None)
        told = talk(
            world,
            citizen,
            "Vi taler om din ryg.",
            statuses=[{"interventionId": number, "text": "Din ryg er bedre."}],
        )
        changes: dict[str, list[Step]] = {
            "update": [update(world, citizen, number, "COURSE", why="Din ryg.")],
            "cancel": [cancel(citizen, number, "Din ryg.")],
            "call": [call(citizen, number, world.day[0])],
            "status": [status(citizen, number, "Din ryg.")],
            "agreement": [told],
            "restated": [status(citizen, number, "Ryg."), status(citizen, number, "Din ryg.")],
        }
        await do(world, staff, group(citizen, HIDDEN_GROUP))
        if hidden:
            await do(world, staff, *changes[change])
        if not hidden and change in ("update", "cancel", "call"):
            # as good as never given
            await do(world, staff, update(world, citizen, number, "COURSE", why="Uden betydning."))
        await do(world, staff, group(citizen, VISIBLE_GROUP))
        await do(world, staff, talk(world, citizen, "Du søger to job."))

    await cannot_be_told_apart(world, story)


@pytest.mark.rule("R135", "allowed")
async def test_what_is_written_anew_under_a_visible_type_is_the_funds_to_see_again(
    world: World,
) -> None:
    citizen = await member(world)
    staff = world.token(Role.JOBCENTER)
    number = await create(world, citizen, "COURSE")
    await do(world, staff, group(citizen, HIDDEN_GROUP))
    hidden = [update(world, citizen, number, "COURSE", why="Ryg."), status(citizen, number, "Ryg.")]
    await do(world, staff, *hidden)
    await do(world, staff, group(citizen, VISIBLE_GROUP))
    assert await seen(world, citizen, Role.FUND) == []
    # a call does not bring back what was written under the hidden type
    await do(world, staff, call(citizen, number, world.day[0]))
    assert await seen(world, citizen, Role.FUND) == []
    await do(world, staff, update(world, citizen, number, "COURSE", latestStatus=None))
    (stored,) = await seen(world, citizen, Role.FUND)
    assert (stored["why"], stored["latestStatus"]) == ("Du kommer nærmere et job.", None)
    await do(world, staff, status(citizen, number, "Du er i gang."))
    (stored,) = await seen(world, citizen, Role.FUND)
    assert stored["latestStatus"]["text"] == "Du er i gang."


@pytest.mark.rule("R135", "refused")
@pytest.mark.rule("R135", "allowed")
@pytest.mark.parametrize("by", ["call", "update"])
async def test_a_call_is_for_the_fund_only_if_it_was_recorded_under_a_visible_type(
    world: World, by: str
) -> None:
    """Also when the rest of the intervention is written anew under one."""
    citizen = await member(world)
    staff = world.token(Role.JOBCENTER)
    number = await create(
        world, citizen, "COURSE", contactAttempts=[{"at": "2026-02-26", "reached": False}]
    )
    await do(world, staff, group(citizen, HIDDEN_GROUP))
    hidden = [{"at": "2026-02-27", "reached": True}]
    await do(
        world,
        staff,
        call(citizen, number, date(2026, 2, 27))
        if by == "call"
        else update(world, citizen, number, "COURSE", contactAttempts=hidden),
    )
    await do(world, staff, group(citizen, VISIBLE_GROUP))
    await do(world, staff, update(world, citizen, number, "COURSE", why="Til dig."))
    await do(world, staff, call(citizen, number, date(2026, 2, 28)))
    days = {}
    for role in (Role.FUND, Role.CITIZEN, Role.JOBCENTER):
        (stored,) = await seen(world, citizen, role)
        days[role] = [attempt["at"] for attempt in stored["offer"]["contactAttempts"]]
    assert days[Role.FUND] == ["2026-02-26", "2026-02-28"]
    assert days[Role.CITIZEN] == days[Role.JOBCENTER] == ["2026-02-26", "2026-02-27", "2026-02-28"]
