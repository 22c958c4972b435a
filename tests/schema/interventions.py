"""Steps and views that tests of interventions share."""

from datetime import date
from typing import Any

from app.domain.viewer import Role
from tests.schema.eyes import (
    CALL,
    CANCEL,
    STATUS,
    UPDATE,
    Step,
    do,
    intervention,
    operation,
)
from tests.world import World

INTERVENTIONS = (
    "query($id: ID!) { citizen(id: $id) { plan { version interventions { id kind status why"
    " what { description occupation occupationCode } startDate endDate cancelledAt cancelReason"
    " goalLinks { text }"
    " latestStatus { text author } offer { noticeBasis noticeOn contactAttempts { at reached } }"
    " } } } }"
)
NOTICES = "{ notifications(first: 50) { edges { node { event } } } }"


async def act(world: World, *step: Any, role: Role = Role.JOBCENTER) -> dict[str, Any]:
    """The answer of one step, whatever it is."""
    field, given = step
    data = await world.ask(world.token(role), operation([(field, given)]), i0=given)
    answer: dict[str, Any] = data["f0"]
    return answer


async def seen(world: World, citizen: str, role: Role = Role.JOBCENTER) -> list[dict[str, Any]]:
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = await world.ask(token, INTERVENTIONS, id=citizen)
    found: list[dict[str, Any]] = data["citizen"]["plan"]["interventions"]
    return found


async def events(world: World, citizen: str) -> list[str]:
    """What the citizen was told, newest first."""
    data = await world.ask(world.token(Role.CITIZEN, citizen=citizen), NOTICES)
    return [edge["node"]["event"] for edge in data["notifications"]["edges"]]


async def create(world: World, citizen: str, kind: str = "MENTOR", **more: Any) -> str:
    (answer,) = await do(
        world, world.token(Role.JOBCENTER), intervention(world, citizen, kind, **more)
    )
    found: str = answer["interventionId"]
    return found


def update(world: World, citizen: str, number: str, kind: str = "MENTOR", **more: Any) -> Step:
    """The same input as created it, with what is to be different."""
    _, given = intervention(world, citizen, kind, **more)
    return UPDATE, {**given, "interventionId": number}


def status(citizen: str, number: str, text: str | None) -> Step:
    return STATUS, {"citizenId": citizen, "interventionId": number, "text": text}


def cancel(citizen: str, number: str, reason: str = "Virksomheden er lukket.") -> Step:
    return CANCEL, {"citizenId": citizen, "interventionId": number, "reason": reason}


def call(citizen: str, number: str, at: date, reached: bool = True, **more: Any) -> Step:
    given = {"citizenId": citizen, "interventionId": number, "at": str(at), "reached": reached}
    return CALL, {**given, **more}


def codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(breach["rule"], breach["code"]) for breach in answer["breaches"]]
