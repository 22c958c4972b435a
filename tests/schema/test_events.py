"""Each publication leaves one event for DFDG, of ids and codes; where nobody listens, none."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.dev.embedded import Servers
from app.domain.viewer import Role
from app.settings import load_settings
from app.store.events import payload_of
from tests.schema.eyes import REGISTER, do, intervention
from tests.story import conversation, hold_conversation, member, new_citizen
from tests.world import FUND, World, open_world

NOBODY = "http://127.0.0.1:9/events"


@pytest.fixture
async def listened(tmp_path: Path, servers: Servers, database_url: str) -> AsyncIterator[World]:
    """A running API of which DFDG wants the events; no worker takes them away."""
    settings = load_settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=servers.redis_url,
        dfdg_url=NOBODY,
    )
    async with open_world(settings) as opened:
        yield opened


async def events(world: World) -> list[asyncpg.Record]:
    assert world.api.pool is not None
    return await world.api.pool.fetch(
        "select e.*, o.code as organisation from system_event e"
        " left join organisation o on o.organisation_id = e.receiver order by ordinal"
    )


async def versions(world: World, audience: str) -> list[tuple[Any, ...]]:
    assert world.api.pool is not None
    rows = await world.api.pool.fetch(
        "select plan_id, number, trigger, changed_elements from plan_version"
        " where audience = $1 order by published_at, plan_id",
        audience,
    )
    return [tuple(row) for row in rows]


async def test_each_publication_leaves_exactly_one_event_with_version_and_codes(
    listened: World,
) -> None:
    citizen = await new_citizen(listened)
    for _ in range(3):
        assert (await hold_conversation(listened, citizen))["version"]
    told = [event for event in await events(listened) if event["kind"] == "PLAN_PUBLISHED"]
    assert [(e["plan_id"], e["version"], e["trigger"], e["codes"]) for e in told] == await versions(
        listened, "FULL"
    )
    assert [e["version"] for e in told] == list(range(1, len(told) + 1))
    assert {(str(e["citizen_id"]), e["status"], e["receiver"]) for e in told} == {
        (citizen, "PENDING", None)
    }


async def test_an_operation_of_several_fields_leaves_one_event(listened: World) -> None:
    citizen = await new_citizen(listened)
    before = len(await events(listened))
    given = conversation(listened, citizen, "Du ringer til to vikarbureauer.")
    await listened.ask(
        listened.token(Role.JOBCENTER),
        "mutation($input: RegisterConversationInput!) { a: registerConversation(input: $input)"
        " { __typename } b: registerConversation(input: $input) { __typename } }",
        input=given,
    )
    assert len(await events(listened)) == before + 1


async def test_a_preview_and_a_refused_operation_leave_nothing(listened: World) -> None:
    citizen = await new_citizen(listened)
    before = len(await events(listened))
    staff = listened.token(Role.JOBCENTER)
    given = conversation(listened, citizen, "Du ringer til to vikarbureauer.")
    previewed = await listened.ask(
        staff,
        "mutation($input: RegisterConversationInput!) @preview { " + REGISTER % "input" + " }",
        input=given,
    )
    assert previewed["registerConversation"]["version"]
    refused = await listened.ask(
        staff,
        "mutation($input: RegisterConversationInput!) { " + REGISTER % "input" + " }",
        input=given | {"agreementText": "x" * 5000},
    )
    assert refused["registerConversation"]["__typename"] == "RuleBreaches"
    assert len(await events(listened)) == before


@pytest.mark.rule("R129", "allowed")
async def test_a_fund_is_told_of_what_it_may_see_by_its_code_and_codes(listened: World) -> None:
    citizen = await member(listened)
    await create(listened, citizen, "COURSE")
    [told] = [e for e in await events(listened) if e["kind"] == "INTERVENTION_NEW"]
    assert (told["organisation"], told["codes"], told["status"]) == (FUND, ["COURSE"], "PENDING")
    assert (told["plan_id"], told["version"], told["trigger"]) == (None, None, None)


@pytest.mark.rule("R129", "refused")
async def test_of_hidden_kinds_and_plans_no_fund_is_told(listened: World) -> None:
    citizen = await member(listened)
    await create(listened, citizen, "SOCIAL")
    hidden = await member(listened, "RESOURCE_PROGRAMME")
    await create(listened, hidden, "COURSE")
    told = await events(listened)
    assert [e for e in told if e["receiver"] is not None] == []
    assert [e["kind"] for e in told].count("PLAN_PUBLISHED") == len(
        await versions(listened, "FULL")
    )


async def create(world: World, citizen: str, kind: str) -> None:
    step = intervention(world, citizen, kind, description="Hemmelig beskrivelse")
    [made] = await do(world, world.token(Role.JOBCENTER), step)
    assert made["__typename"] == "CreateInterventionPayload", made


async def test_no_word_of_a_plan_and_no_fact_of_a_person_is_in_what_is_sent(
    listened: World,
) -> None:
    citizen = await member(listened)
    text = "Signe ringer til Vikarbureauet Havnen på 20 30 10 10."
    await hold_conversation(listened, citizen, text)
    await create(listened, citizen, "COURSE")
    assert listened.api.pool is not None
    sent = b"\n".join(
        payload_of({**event, "receiver": event["organisation"]}) for event in await events(listened)
    ).decode()
    assert sent.count("plan.published") == len(await versions(listened, "FULL"))
    facts = await listened.api.pool.fetchrow(
        "select given_name, surname, municipality_code from citizen where citizen_id = $1::uuid",
        citizen,
    )
    words = {*text.split(), "Hemmelig", "beskrivelse", "Havnegade", "Præstholm", *facts.values()}  # type: ignore[union-attr]  # the citizen is there
    assert [word for word in words if len(word) > 3 and word in sent] == []


async def test_where_nobody_listens_nothing_waits_to_be_sent(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    await create(world, citizen, "COURSE")
    kept = await events(world)
    # what a fund was told of is kept, and never sent
    assert [(e["kind"], e["status"], e["organisation"]) for e in kept] == [
        ("INTERVENTION_NEW", None, FUND)
    ]
    metrics = (await world.client.get(f"{world.base_url}/metrics")).text
    assert "minplan_event" in metrics


async def test_the_metrics_tell_what_waits(listened: World) -> None:
    citizen = await new_citizen(listened)
    await hold_conversation(listened, citizen)
    metrics = (await listened.client.get(f"{listened.base_url}/metrics")).text
    waiting = len(await versions(listened, "FULL"))
    assert f"minplan_events_pending {float(waiting)}" in metrics
