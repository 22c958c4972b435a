"""What becomes of an event: delivered, tried again, dead, brought back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.store import events
from app.store.db import Connection
from app.workers.outbound import measure
from tests.channels.servers import unused_port

from .event_stream import GONE, event, fund_event, outbound, row, statuses, sweep
from .place import MORNING, Place
from .receiver import DataBase


async def test_a_version_is_told_by_ids_numbers_and_codes(
    place: Place, data_base: DataBase
) -> None:
    citizen, plan = await place.citizen(), uuid4()
    event_id = await event(place, citizen, 5, plan)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    assert data_base.events == [
        {
            "type": "plan.published",
            "timestamp": MORNING.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {
                "citizenId": str(citizen),
                "planId": str(plan),
                "version": 5,
                "trigger": "OFFER",
                "changedElements": ["TIMELINE"],
            },
        }
    ]
    assert (data_base.taken, data_base.unsigned) == ([event_id], 0)
    stored = await row(place, event_id)
    assert (stored["status"], stored["attempts"], stored["outcome"]) == ("DELIVERED", 1, None)
    assert stored["settled_at"] == MORNING


@pytest.mark.rule("R26", "allowed")
@pytest.mark.parametrize("kind", ["INTERVENTION_NEW", "RECOMMENDATION_DECIDED"])
async def test_an_event_for_a_fund_names_the_fund_and_codes(
    place: Place, data_base: DataBase, kind: str
) -> None:
    """R26, R129: told as the fund's event, with its codes and nothing of the plan."""
    citizen = await place.citizen()
    await fund_event(place, citizen, kind)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    [sent] = data_base.events
    code = await place.pool.fetchval(
        "select min(code) from organisation where kind = 'UNEMPLOYMENT_FUND'"
    )
    assert sent["type"] == f"fund.{kind.lower()}"
    assert sent["data"] == {"citizenId": str(citizen), "receiver": code, "codes": ["COURSE"]}


async def test_the_hours_of_the_citizens_messages_are_not_those_of_events(
    place: Place, data_base: DataBase
) -> None:
    place.clock.turn(timedelta(hours=15))
    await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    assert await statuses(place) == ["DELIVERED"]


@pytest.mark.rule("R128", "allowed")
async def test_a_failure_is_tried_again_under_the_same_id_with_the_same_body(
    place: Place, data_base: DataBase
) -> None:
    data_base.answers = [(500, {}), (429, {"retry-after": "600"})]
    event_id = await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("PENDING", "receiver_500")
        assert stored["due_at"] == MORNING + timedelta(minutes=1)
        await sweep(made)
        assert len(data_base.asked) == 1
        place.clock.turn(timedelta(minutes=1))
        await sweep(made)
        assert (await row(place, event_id))["due_at"] == place.clock.now + timedelta(minutes=10)
        place.clock.turn(timedelta(minutes=10))
        await sweep(made)
    assert await statuses(place) == ["DELIVERED"]
    assert data_base.asked == [event_id] * 3
    assert len(set(data_base.bodies)) == 1


async def test_a_receiver_that_does_not_answer_is_asked_again(
    place: Place, data_base: DataBase
) -> None:
    event_id = await event(place, await place.citizen())
    data_base.open.clear()
    async with outbound(place, data_base.url, total=0.2) as made:
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("PENDING", "no_answer_in_time")


@pytest.mark.rule("R128", "refused")
async def test_what_fails_for_a_day_is_dead_and_visible_to_operations(place: Place) -> None:
    event_id = await event(place, await place.citizen())
    async with unused_port() as port, outbound(place, f"http://127.0.0.1:{port}/") as made:
        while (stored := await row(place, event_id))["status"] == "PENDING":
            place.clock.now = max(place.clock.now, stored["due_at"])
            await sweep(made)
    assert (stored["status"], stored["outcome"]) == ("DEAD", "receiver_unreachable")
    assert timedelta(hours=24) <= stored["settled_at"] - MORNING < timedelta(hours=25)


@pytest.mark.rule("R128", "allowed")
@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_wrong_secret_or_path_kills_nothing_while_it_is_mended(
    place: Place, data_base: DataBase, status: int
) -> None:
    data_base.answers = [(status, {})] * 2
    event_id = await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        for minutes in (1, 5):
            await sweep(made)
            stored = await row(place, event_id)
            assert (stored["status"], stored["outcome"]) == ("PENDING", f"receiver_{status}")
            place.clock.turn(timedelta(minutes=minutes))
        await sweep(made)
    assert data_base.taken == [event_id]


@pytest.mark.rule("R128", "refused")
async def test_what_the_receiver_refuses_is_dead_at_once_and_stays_so_until_it_is_brought_back(
    place: Place, data_base: DataBase
) -> None:
    data_base.answers = [GONE]
    event_id = await event(place, await place.citizen())
    async with outbound(place, data_base.url) as made:
        await sweep(made)
        place.clock.turn(timedelta(days=1))
        await sweep(made)
        stored = await row(place, event_id)
        assert (stored["status"], stored["outcome"]) == ("DEAD", "receiver_410")
        assert len(data_base.asked) == 1
        async with place.pool.acquire() as connection:
            assert await events.revive(connection, UUID(event_id)) == [UUID(event_id)]
            assert await events.revive(connection, UUID(event_id)) == []
        await sweep(made)
    assert data_base.taken == [event_id]
    assert await statuses(place) == ["DELIVERED"]


async def test_operations_see_what_waits_and_what_is_dead(
    place: Place, data_base: DataBase
) -> None:
    def shown(name: str) -> float | None:
        from prometheus_client import REGISTRY

        return REGISTRY.get_sample_value(name)

    async def look(connection: Connection) -> tuple[Any, ...]:
        await measure(connection, place.clock.now)
        names = ("oldest_pending_seconds", "pending", "dead")
        return tuple(shown(f"minplan_events_{name}") for name in names)

    async with place.pool.acquire() as connection:
        assert await look(connection) == (0, 0, 0)
    data_base.answers = [GONE]
    citizen = await place.citizen()
    await event(place, citizen)
    async with outbound(place, data_base.url) as made:
        await sweep(made)
    await event(place, citizen, 2)
    place.clock.turn(timedelta(minutes=3))
    async with place.pool.acquire() as connection:
        assert await look(connection) == (180, 1, 1)


@pytest.mark.parametrize(
    "codes",
    [
        ["Anna Prøve"],
        ["0101901234"],
        ["TIMELINE", "010190-1234"],
        ["A B"],
        ["A,B"],
        ["NULL", None],
        ["{A"],
        [""],
        ["Æ"],
        [None],
    ],
)
async def test_nothing_but_a_code_can_be_written_as_one(
    place: Place, codes: list[str | None]
) -> None:
    citizen = await place.citizen()
    with pytest.raises(asyncpg.CheckViolationError):
        await place.pool.execute(
            "insert into system_event (kind, citizen_id, plan_id, version, trigger, codes,"
            " created_at) values ('PLAN_PUBLISHED', $1, $1, 1, 'OFFER', $2, $3)",
            citizen,
            codes,
            datetime.now(UTC),
        )
