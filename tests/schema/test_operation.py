"""One operation is one transaction, one version and one notice."""

import asyncio

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.story import (
    CONVERSATION,
    REFUSED,
    aid,
    conversation,
    hold_conversation,
    member,
    new_citizen,
    plan_of,
    subscribe_channels,
)
from tests.world import World

TWO = (
    "mutation($a: RegisterConversationInput!, $b: RegisterConversationInput!) {"
    " first: registerConversation(input: $a) { __typename ... on RegisterConversationPayload"
    " { version plan { version agreements { agreementText } } } " + REFUSED + " }"
    " second: registerConversation(input: $b) { __typename ... on RegisterConversationPayload"
    " { version plan { version agreements { agreementText } } } " + REFUSED + " } }"
)
NOTICES = "{ notifications(first: 10) { edges { node { event version } } } }"


async def count_rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        tables = await connection.fetch(
            "select format('select %L as name, count(*) as rows from %I', relname, relname)"
            " from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        counted = await connection.fetch(" union all ".join(table[0] for table in tables))
        return {one["name"]: one["rows"] for one in counted}
    finally:
        await connection.close()


@pytest.mark.rule("R111", "allowed")
@pytest.mark.rule("R122", "allowed")
async def test_two_mutations_of_one_operation_make_one_version_and_one_notice(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    data = await world.ask(
        token,
        TWO,
        a=conversation(world, citizen, "Du søger to job om ugen."),
        b=conversation(world, citizen, "Vi ses igen i april."),
    )
    assert data["first"]["version"] == data["second"]["version"] == 1
    assert data["first"]["plan"]["version"] == 1
    assert len(data["first"]["plan"]["agreements"]) == 1
    assert len(data["second"]["plan"]["agreements"]) == 2
    notices = await world.ask(world.token(Role.CITIZEN, citizen=citizen), NOTICES)
    assert notices["notifications"]["edges"] == [
        {"node": {"event": "CONVERSATION_REGISTERED", "version": 1}}
    ]


@pytest.mark.rule("R113", "allowed")
async def test_each_field_shows_the_history_with_the_version_that_it_would_make(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    history = (
        " versions(first: 5) { edges { node { number trigger publishedBy organisation"
        " changedElements } } } changesSince(version: 1) { version trigger changedElements }"
    )
    data = await world.ask(
        world.token(Role.JOBCENTER, name="Troels Agerskov"),
        TWO.replace("plan { version", "plan { version" + history),
        a=conversation(world, citizen, "Du søger to job om ugen."),
        b=conversation(world, citizen, "Vi ses igen i april."),
    )
    changed = ["LATEST_AGREEMENT_JOBCENTER", "TIMELINE"]
    for field in ("first", "second"):
        plan = data[field]["plan"]
        newest, *older = [edge["node"] for edge in plan["versions"]["edges"]]
        assert newest == {
            "number": 2,
            "trigger": "CONVERSATION",
            "publishedBy": "Troels Agerskov",
            "organisation": "Jobcenter København",
            "changedElements": changed,
        }
        assert [version["number"] for version in older] == [1]
        assert plan["changesSince"] == [
            {"version": 2, "trigger": "CONVERSATION", "changedElements": changed}
        ]
    stored = await count_rows(world)
    assert stored["notice"] == 2


@pytest.mark.rule("R111", "refused")
async def test_a_change_of_nothing_says_that_there_is_no_plan(world: World) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    before = await count_rows(world)
    data = await world.ask(
        world.token(Role.JOBCENTER),
        "mutation($input: SetPlanDescriptionInput!) { setPlanDescription(input: $input)"
        " { __typename ... on SetPlanDescriptionPayload { plan { id } } " + REFUSED + " } }",
        input={"citizenId": citizen, "text": ""},
    )
    assert data["setPlanDescription"] == {
        "__typename": "NotFound",
        "message": "There is no plan yet.",
    }
    assert await count_rows(world) == before


async def test_when_the_second_breaks_a_rule_nothing_is_stored_and_the_first_says_so(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    before = await count_rows(world)
    later = conversation(world, citizen, "§ 41") | {"heldAt": "2031-01-01T09:00:00+01:00"}
    answer = await world.post(
        world.token(Role.JOBCENTER),
        TWO,
        a=conversation(world, citizen, "Du søger to job om ugen."),
        b=later,
    )
    assert answer["data"]["first"] is None
    assert [(e["path"], e["extensions"]["code"]) for e in answer["errors"]] == [
        (["first"], "ROLLED_BACK")
    ]
    assert answer["data"]["second"]["breaches"][0]["code"] == "INVALID_PERIOD"
    assert answer["data"]["second"]["breaches"][0]["path"] == ["input", "heldAt"]
    assert await count_rows(world) == before


async def test_a_field_after_a_refused_one_is_not_tried(world: World) -> None:
    citizen = await new_citizen(world)
    later = conversation(world, citizen, "x") | {"heldAt": "2031-01-01T09:00:00+01:00"}
    answer = await world.post(
        world.token(Role.JOBCENTER), TWO, a=later, b=conversation(world, citizen, "Vi ses.")
    )
    assert answer["data"]["second"] is None
    assert answer["errors"][0]["extensions"]["code"] == "ROLLED_BACK"


@pytest.mark.rule("R110", "allowed")
@pytest.mark.rule("R110", "refused")
async def test_a_preview_answers_as_if_published_and_leaves_nothing(world: World) -> None:
    citizen = await new_citizen(world)
    before = await count_rows(world)
    answer = await world.post(
        world.token(Role.JOBCENTER),
        CONVERSATION.replace(
            "mutation($input: RegisterConversationInput!)",
            "mutation($input: RegisterConversationInput!) @preview",
        ),
        input=conversation(world, citizen, "Du ringer til to vikarbureauer."),
    )
    payload = answer["data"]["registerConversation"]
    assert payload["plan"]["latestAgreement"]["agreementText"] == "Du ringer til to vikarbureauer."
    assert payload["version"] == 1
    assert answer["extensions"]["preview"] is True
    # the caseworker was shown the plan: that is a read, and the only trace
    before["access_log"] += 1
    assert await count_rows(world) == before


@pytest.mark.rule("R113", "refused")
async def test_a_writer_who_saw_an_older_version_is_told_the_newest(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    answer = await hold_conversation(world, citizen, "Noget andet.", expectedVersion=0)
    assert answer["__typename"] == "VersionConflict"
    assert answer["currentVersion"] == 1
    accepted = await hold_conversation(world, citizen, "Noget andet.", expectedVersion=1)
    assert accepted["version"] == 2


@pytest.mark.rule("R111", "allowed")
async def test_twenty_writers_at_once_leave_a_gapless_history_and_lose_nothing(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    answers = await asyncio.gather(
        *(hold_conversation(world, citizen, f"Aftale nummer {n}") for n in range(20))
    )
    assert sorted(a["version"] for a in answers) == list(range(1, 21))
    plan = await plan_of(world, world.token(Role.JOBCENTER), citizen)
    assert plan is not None
    assert {a["agreementText"] for a in plan["agreements"]} == {
        f"Aftale nummer {n}" for n in range(20)
    }
    versions = await world.ask(
        world.token(Role.JOBCENTER),
        "query($id: ID!) { citizen(id: $id) { plan { versions(first: 50) { edges { node"
        " { number trigger } } } } } }",
        id=citizen,
    )
    numbers = [e["node"]["number"] for e in versions["citizen"]["plan"]["versions"]["edges"]]
    assert numbers == list(range(20, 0, -1))


async def test_writers_of_two_citizens_crosswise_both_succeed(world: World) -> None:
    one, other = await new_citizen(world), await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    answers = await asyncio.gather(
        *(
            world.post(
                token, TWO, a=conversation(world, a, "Først."), b=conversation(world, b, "Så.")
            )
            for a, b in [(one, other), (other, one)] * 5
        )
    )
    assert [a.get("errors") for a in answers] == [None] * 10
    plans = [await plan_of(world, token, citizen) for citizen in (one, other)]
    assert [plan["version"] for plan in plans if plan] == [10, 10]


@pytest.mark.rule("R111", "refused")
async def test_what_a_fund_may_not_know_does_not_move_its_number(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    fund, jobcenter = world.token(Role.FUND), world.token(Role.JOBCENTER)
    before = await plan_of(world, fund, citizen)
    data = await world.ask(
        jobcenter,
        "mutation($input: CreateInterventionInput!) { createIntervention(input: $input)"
        " { __typename ... on CreateInterventionPayload { version } " + REFUSED + " } }",
        input=aid(world, citizen),
    )
    assert data["createIntervention"]["version"] == 2, data
    assert await plan_of(world, fund, citizen) == before
    seen = await plan_of(world, jobcenter, citizen)
    assert seen is not None
    assert [i["kind"] for i in seen["interventions"]] == ["AID"]


async def test_each_channel_the_citizen_wants_gets_one_delivery(world: World) -> None:
    citizen = await new_citizen(world)
    await subscribe_channels(world, citizen)
    await hold_conversation(world, citizen)
    await hold_conversation(world, citizen, "Endnu en aftale.")
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        rows = await connection.fetch(
            "select channel from delivery where contact_code_id is null order by channel"
        )
    finally:
        await connection.close()
    # the second message reads the same as the first, which still waits or was just sent
    assert {r["channel"] for r in rows} == {"EMAIL", "SMS"}
    assert len(rows) == 2


async def test_earlier_versions_can_be_read_as_they_were(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen, "Den første aftale.")
    await hold_conversation(world, citizen, "Den anden aftale.")
    token = world.token(Role.CITIZEN, citizen=citizen)
    data = await world.ask(
        token,
        "query($id: ID!) { citizen(id: $id) {"
        " plan(version: 1) { version agreements { agreementText } }"
        " none: plan(version: 9) { version } now: plan { changesSince(version: 1) { version"
        " changedElements trigger } } } }",
        id=citizen,
    )
    assert data["citizen"]["plan"] == {
        "version": 1,
        "agreements": [{"agreementText": "Den første aftale."}],
    }
    assert data["citizen"]["none"] is None
    assert data["citizen"]["now"]["changesSince"] == [
        {
            "version": 2,
            "changedElements": ["LATEST_AGREEMENT_JOBCENTER", "TIMELINE"],
            "trigger": "CONVERSATION",
        }
    ]
