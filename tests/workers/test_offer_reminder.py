"""A reminder of an offer that was called off before it was sent (R124)."""

from uuid import UUID

import pytest

from app.actions.intervention import cancel_intervention
from tests.actions.desk import JOBCENTER_VIEWER, day

from .days import Calendar, send_all
from .gateway import Gateway
from .test_reminder import reachable


async def offered(calendar: Calendar, citizen_id: UUID, what: str) -> UUID:
    """The id of an offer that has just been published."""
    told = await calendar.offer(citizen_id, description=f"Du svejser {what}.")
    found: UUID = told.done.values["intervention_id"]
    return found


async def call_off(calendar: Calendar, citizen_id: UUID, offer: UUID) -> None:
    await calendar.desk.run(
        JOBCENTER_VIEWER,
        lambda work: cancel_intervention(work, citizen_id, offer, "Pladsen findes ikke mere."),
    )


@pytest.mark.rule("R124", "allowed")
@pytest.mark.rule("R124", "refused")
@pytest.mark.parametrize(("cancelled", "outcome"), [(1, ("SENT", None)), (2, ("DROPPED", "past"))])
async def test_an_offer_cancelled_before_nine_drops_the_reminder_unless_another_runs(
    calendar: Calendar, gateway: Gateway, cancelled: int, outcome: tuple[str, str | None]
) -> None:
    citizen_id = await reachable(calendar)
    offers = [await offered(calendar, citizen_id, text) for text in ("rør", "skibsdele")]
    await send_all(calendar, gateway, day(0), 13)
    await calendar.look(day(5), 0)
    for offer in reversed(offers[-cancelled:]):
        await call_off(calendar, citizen_id, offer)
    await send_all(calendar, gateway, day(5), 10)
    assert await calendar.outcomes("ACK_REMINDER") == [outcome]


@pytest.mark.rule("R124", "refused")
async def test_an_older_offer_that_was_acknowledged_keeps_no_reminder_of_a_cancelled_one(
    calendar: Calendar, gateway: Gateway
) -> None:
    citizen_id = await reachable(calendar)
    await offered(calendar, citizen_id, "rør")
    await calendar.acknowledge(citizen_id)
    newer = await offered(calendar, citizen_id, "skibsdele")
    await send_all(calendar, gateway, day(0), 13)
    assert await calendar.look(day(5), 0) == ["ACK_REMINDER"]
    await call_off(calendar, citizen_id, newer)
    await send_all(calendar, gateway, day(5), 10)
    assert await calendar.outcomes("ACK_REMINDER") == [("DROPPED", "past")]
