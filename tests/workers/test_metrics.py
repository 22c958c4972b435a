"""What operations sees: the numbers of the ledger, a worker's own port, and what they say of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY, Counter, Gauge, generate_latest

import app.main
import app.workers.main  # noqa: F401 - whatever they load may bring metrics of its own
from app.domain.notice import Channel
from app.settings import Settings, SettingsError, load_settings
from app.store.db import open_pool
from app.workers.backlog import Backlog
from app.workers.monitor import Health, serve_metrics
from tests.silence import line_to
from tests.world import World

from .gateway import Gateway
from .place import MORNING, Place
from .sending import send_all

DOCUMENT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
ROW = re.compile(r"^\| `(minplan_\w+)` \| ([^|]*) \|", re.MULTILINE)
LABELS = {
    *("channel", "provider", "outcome", "status", "decision"),
    *("reason", "verdict", "kind", "minutes", "type", "field", "code", "whose"),
}


def exposed() -> dict[str, set[str]]:
    """Every metric of the code as Prometheus reads it, with its labels."""
    return {
        one._name + ("_total" if isinstance(one, Counter) else ""): set(one._labelnames)
        for one in {*REGISTRY._collector_to_names}
        if isinstance(one, Counter | Gauge) and one._name.startswith("minplan_")
    }


def value(name: str, **labels: object) -> float | None:
    return REGISTRY.get_sample_value(name, {key: str(one) for key, one in labels.items()})


def waiting(kind: str = "notice", channel: Channel = Channel.SMS) -> dict[str, float | None]:
    """How many messages of each status there are."""
    return {
        status: value("minplan_backlog_messages", channel=channel, kind=kind, status=status)
        for status in ("PENDING", "RETRYING", "CLAIMED", "UNCERTAIN")
    }


def late(kind: str = "notice") -> list[tuple[float | None, float | None]]:
    """How many SMS could have been taken within 1, 5 and 10 minutes, and the share that was not."""
    of = [{"channel": Channel.SMS, "kind": kind, "minutes": minutes} for minutes in (1, 5, 10)]
    ready, share = "minplan_backlog_ready_last_hour", "minplan_backlog_late_share"
    return [(value(ready, **one), value(share, **one)) for one in of]


def oldest_due(kind: str = "notice") -> float | None:
    return value("minplan_backlog_oldest_due_seconds", channel=Channel.SMS, kind=kind)


async def measure(place: Place, **settings: object) -> None:
    """As a process does that has just started."""
    await Backlog(load_settings(**settings), place.pool, place.clock).show()


async def message(place: Place, ready: timedelta, **columns: object) -> None:
    """An SMS that became ready so long ago, to a citizen of its own."""
    citizen_id = await place.citizen()
    at = place.clock.now - ready
    given = {"status": "PENDING", "ready_at": at, "due_at": at, **columns}
    names = ", ".join(given)
    values = ", ".join(f"${number}" for number in range(2, len(given) + 2))
    await place.pool.execute(
        f"insert into delivery (citizen_id, channel, {names}) values ($1, 'SMS', {values})",
        *(citizen_id, *given.values()),
    )


async def code(place: Place) -> object:
    """A one-time code that somebody asked for."""
    return await place.pool.fetchval(
        "insert into contact_code (citizen_id, channel, asked_at)"
        " values ($1, 'SMS', $2) returning contact_code_id",
        *(await place.citizen(), place.clock.now),
    )


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_the_document_names_every_metric_with_its_labels_and_no_other() -> None:
    documented = {
        name: set(re.findall(r"`(\w+)`", labels)) for name, labels in ROW.findall(DOCUMENT)
    }
    assert documented == exposed()


def test_every_alarm_asks_for_metrics_that_there_are() -> None:
    alarms = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert len(alarms) >= 15
    for alarm in alarms:
        for key in ("- alert:", "expr:", "labels:", "severity:", "annotations:", "summary:"):
            assert key in alarm, alarm
    named = {name for alarm in alarms for name in re.findall(r"minplan_\w+", alarm)}
    assert named <= set(exposed())
    for_operators = {name for name in exposed() if "operator_alarms" in name}
    assert for_operators and for_operators <= named


def test_no_label_can_hold_anything_of_a_person() -> None:
    assert {label for labels in exposed().values() for label in labels} <= LABELS


async def test_what_is_sent_leaves_nothing_of_its_citizen_in_the_metrics(
    place: Place, gateway: Gateway
) -> None:
    ids = await send_all(place, gateway, sms="29384756", email="signe.havn@borger.example")
    await measure(place)
    said = generate_latest().decode()
    assert 'minplan_delivery_outcomes_total{channel="EMAIL",status="SENT"}' in said
    for private in ("29384756", "signe.havn", "borger.example", *map(str, ids)):
        assert private not in said
    labels = {label for _, label in re.findall(r'(\w+)="([^"]*)"', said)}
    # apart from what the Python client tells of Python itself
    assert [one for one in labels if re.search(r"[0-9a-f]{8}-|\d{6}|@", one)] == []


async def test_messages_are_counted_by_channel_and_status_and_codes_apart(place: Place) -> None:
    await place.notice(await place.citizen())
    await message(place, minutes(3), status="RETRYING")
    await message(place, minutes(3), status="CLAIMED", claimed_until=place.clock.now)
    await message(place, minutes(3), status="UNCERTAIN")
    decided = {"settled_at": MORNING, "decided_at": MORNING, "decision": "SILENCE"}
    await message(place, minutes(3), status="UNCERTAIN", **decided)
    await message(place, minutes(3), contact_code_id=await code(place))
    await measure(place)
    assert waiting() == {"PENDING": 1, "RETRYING": 1, "CLAIMED": 1, "UNCERTAIN": 1}
    assert waiting("code") == {"PENDING": 1, "RETRYING": 0, "CLAIMED": 0, "UNCERTAIN": 0}
    assert waiting(channel=Channel.EMAIL)["PENDING"] == 1
    named = {"channel": Channel.SMS, "kind": "notice"}
    decisions = "minplan_backlog_uncertain_decided_last_day"
    assert value(decisions, **named, decision="SILENCE") == 1
    assert value(decisions, **named, decision="RESEND") == 0
    assert value("minplan_backlog_oldest_ready_seconds", **named) == 180


async def test_the_oldest_is_as_old_as_it_might_have_been_sent(place: Place) -> None:
    await message(place, minutes(7))
    # tried in vain, and due again in a while: old, but not overdue
    await message(place, minutes(50), status="RETRYING", due_at=MORNING + minutes(1))
    await measure(place)
    assert oldest_due() == 7 * 60
    assert value("minplan_backlog_oldest_ready_seconds", channel="SMS", kind="notice") == 50 * 60


async def test_at_night_no_message_is_late_but_a_code_is(place: Place) -> None:
    await message(place, minutes(0))
    await message(place, minutes(0), contact_code_id=await code(place))
    place.clock.turn(timedelta(hours=12))  # half past ten in the evening
    await measure(place)
    assert (oldest_due(), oldest_due("code")) == (0, 12 * 3600)
    place.clock.turn(timedelta(hours=10, minutes=25))  # five to nine, and then five past
    await measure(place)
    assert oldest_due() == 0
    place.clock.turn(minutes(10))
    await measure(place)
    assert oldest_due() == 5 * 60
    await measure(place, send_window_start_hour=0, send_window_end_hour=24)
    assert oldest_due() == (22 * 60 + 35) * 60


async def test_the_share_that_was_late_is_of_those_that_could_be_in_time(place: Place) -> None:
    for ready, took in ((61, 5), (30, 20), (30, 1), (7, 0.5), (4, None), (0.5, None)):
        accepted = None if took is None else place.clock.now - minutes(ready) + minutes(took)
        sent = {"status": "SENT", "accepted_at": accepted} if accepted else {}
        await message(place, minutes(ready), **sent)
    await message(place, minutes(20), status="FAILED", settled_at=MORNING)
    await message(place, minutes(20), status="DROPPED", settled_at=MORNING)
    await message(place, minutes(2), contact_code_id=await code(place))
    await measure(place)
    assert late() == [(5, 3 / 5), (4, 2 / 4), (3, 2 / 3)]
    assert late("code") == [(1, 1), (0, 0), (0, 0)]


async def test_what_was_given_up_counts_for_a_day(place: Place) -> None:
    for hours in (1, 23, 25):
        settled = place.clock.now - timedelta(hours=hours)
        await message(place, timedelta(hours=30), status="FAILED", settled_at=settled)
    await measure(place)
    named = {"channel": Channel.SMS, "kind": "notice"}
    assert value("minplan_backlog_failed_last_day", **named, status="FAILED") == 2
    assert value("minplan_backlog_failed_last_day", **named, status="EXPIRED") == 0


async def test_who_asks_often_does_not_make_the_database_count_often(place: Place) -> None:
    backlog = Backlog(load_settings(), place.pool, place.clock)
    await backlog.show()
    assert waiting()["PENDING"] == 0
    await place.notice(await place.citizen())
    await asyncio.gather(*(backlog.show() for _ in range(5)))
    assert waiting()["PENDING"] == 0


async def test_a_database_that_does_not_answer_holds_nobody_up(place: Place) -> None:
    await measure(place)
    measured = value("minplan_backlog_measured_timestamp_seconds")
    loop = asyncio.get_running_loop()
    async with place.pool.acquire() as holding, holding.transaction():
        await holding.execute("lock table delivery in access exclusive mode")
        began = loop.time()
        await measure(place)
        assert loop.time() - began < 5
    assert value("minplan_backlog_measured_timestamp_seconds") == measured


@asynccontextmanager
async def served(place: Place, loops: Iterable["asyncio.Task[None]"] = ()) -> AsyncIterator[str]:
    """A worker's port; its address."""
    settings = load_settings(worker_metrics_port=0)
    backlog = Backlog(settings, place.pool, place.clock)
    health = Health(place.pool, list(loops))
    async with serve_metrics(settings, backlog, health) as port:
        yield f"http://127.0.0.1:{port}"


async def test_a_worker_tells_its_metrics_on_a_port_of_its_own(place: Place) -> None:
    await place.notice(await place.citizen(email=None))
    async with served(place) as url, httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    line = 'minplan_backlog_messages{channel="SMS",kind="notice",status="PENDING"} 1.0'
    assert line in answer.text


async def test_a_worker_is_well_while_its_loops_run(place: Place) -> None:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(_until(stop)) for _ in range(2)]
    async with served(place, tasks) as url, httpx.AsyncClient() as client:
        well = await client.get(f"{url}/healthz")
        assert (well.status_code, well.json()) == (200, {"loops": True, "postgresql": True})
        stop.set()
        await asyncio.wait(tasks)
        ended = await client.get(f"{url}/healthz")
        assert (ended.status_code, ended.json()["loops"]) == (503, False)


async def test_a_worker_answers_while_its_database_is_silent(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.workers.backlog.TIME_LIMIT", 0.1)
    monkeypatch.setattr("app.workers.monitor.PING_SECONDS", 0.1)
    async with (
        line_to(place.database_url) as line,
        open_pool(line.url) as pool,
        served(replace(place, pool=pool)) as url,
        httpx.AsyncClient() as client,
    ):
        line.fall_silent()
        for path in ("/metrics", "/healthz"):
            assert (await client.get(f"{url}{path}")).status_code == 200


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def test_a_port_that_is_taken_is_an_error_that_names_the_setting(place: Place) -> None:
    async with served(place) as url:
        port = int(url.rpartition(":")[2])
        settings = load_settings(worker_metrics_port=port)
        backlog = Backlog(settings, place.pool, place.clock)
        with pytest.raises(SettingsError, match="MINPLAN_WORKER_METRICS_PORT"):
            async with serve_metrics(settings, backlog, Health(place.pool, [])):
                raise AssertionError


async def test_without_a_port_a_worker_opens_none(place: Place, settings: Settings) -> None:
    backlog = Backlog(settings, place.pool, place.clock)
    async with serve_metrics(settings, backlog, Health(place.pool, [])) as port:
        assert port is None


async def test_the_api_tells_the_same_of_the_database(world: World) -> None:
    said = (await world.client.get(f"{world.base_url}/metrics")).text
    for group in ('channel="SMS",kind="notice"', 'channel="EMAIL",kind="code"'):
        assert f'minplan_backlog_messages{{{group},status="PENDING"}} 0.0' in said
