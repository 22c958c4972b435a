"""Joint recommendations: a fund and the citizen ask, the jobcenter decides, and who hears of it."""

from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import HIDDEN_KINDS, do, intervention
from tests.story import REFUSED, member, new_citizen
from tests.world import OTHER_FUND, OTHER_JOBCENTER, World

RECOMMEND = (
    "mutation($input: RecommendInterventionInput!) { recommendIntervention(input: $input) {"
    " __typename ... on RecommendInterventionPayload { version recommendationId warnings { code }"
    " plan { jointRecommendations { status } } } " + REFUSED + " } }"
)
DECIDE = (
    "mutation($input: DecideRecommendationInput!) { decideRecommendation(input: $input) {"
    " __typename ... on DecideRecommendationPayload { version interventionIds warnings { code }"
    " plan { jointRecommendations { status } } } " + REFUSED + " } }"
)
RECOMMENDATIONS = (
    "query($id: ID!) { citizen(id: $id) { plan { version jointRecommendations { id createdBy"
    " organisation proposedKind text wantedStart sentAt status decidedBy decidedAt"
    " interventions { id kind origin } } } } }"
)
INBOX = "{ inbox(first: 50) { edges { node { id kind citizenId subjectId } } } }"
NOTICES = "{ notifications(first: 50) { edges { node { event version } } } }"
EARLIER = (
    "query($id: ID!, $number: Int!) { citizen(id: $id) { plan(version: $number)"
    " { version jointRecommendations { status } } } }"
)


def recommendation(citizen: str, **more: Any) -> dict[str, Any]:
    """Input for a recommendation that can be sent."""
    return {
        "citizenId": citizen,
        "citizenAgrees": True,
        "proposedKind": "COMPANY_INTERNSHIP",
        "text": "En praktik i et værksted vil vise, hvad du kan.",
        "wantedStart": "2026-03-16",
        **more,
    }


async def recommend(world: World, citizen: str, **more: Any) -> dict[str, Any]:
    answer = await world.ask(
        world.token(Role.FUND), RECOMMEND, input=recommendation(citizen, **more)
    )
    found: dict[str, Any] = answer["recommendIntervention"]
    return found


async def sent(world: World, citizen: str, **more: Any) -> str:
    """The id of a recommendation that is sent."""
    found: str = (await recommend(world, citizen, **more))["recommendationId"]
    return found


async def decide(world: World, citizen: str, wanted: str, **more: Any) -> dict[str, Any]:
    given = {"citizenId": citizen, "recommendationId": wanted, "granted": True, **more}
    answer = await world.ask(world.token(Role.JOBCENTER), DECIDE, input=given)
    found: dict[str, Any] = answer["decideRecommendation"]
    return found


async def recommendations(world: World, role: Role, citizen: str) -> list[dict[str, Any]]:
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    answer = await world.ask(token, RECOMMENDATIONS, id=citizen)
    found: list[dict[str, Any]] = answer["citizen"]["plan"]["jointRecommendations"]
    return found


async def waits(world: World, role: Role, citizen: str, organisation: str | None = None) -> Any:
    """What waits about the citizen in an inbox: kinds with their subjects."""
    answer = await world.ask(world.token(role, organisation=organisation), INBOX)
    nodes = [edge["node"] for edge in answer["inbox"]["edges"]]
    return [
        (n["kind"], n["subjectId"])
        for n in nodes
        if n["citizenId"] == citizen and n["kind"] != "MISSING_SOUGHT_JOB"
    ]


async def events(world: World, citizen: str) -> list[tuple[str, list[str]]]:
    """What the systems of funds are told of the citizen."""
    assert world.api.pool is not None
    rows = await world.api.pool.fetch(
        "select kind, codes from system_event where citizen_id = $1 and receiver is not null"
        " order by system_event_id",
        citizen,
    )
    return [(row["kind"], row["codes"]) for row in rows]


def wanted_of(world: World, citizen: str, *kinds: str) -> list[dict[str, Any]]:
    """The oneOf inputs of complete interventions."""
    return [intervention(world, citizen, kind)[1]["intervention"] for kind in kinds]


@pytest.mark.rule("R24", "allowed")
@pytest.mark.rule("R25", "allowed")
async def test_what_fund_and_citizen_agree_on_stands_in_the_plan_and_waits_at_the_jobcenter(
    world: World,
) -> None:
    citizen = await member(world)
    answer = await recommend(world, citizen)
    assert answer["plan"]["jointRecommendations"] == [{"status": "SENT"}]
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        (seen,) = await recommendations(world, role, citizen)
        assert seen["id"] == answer["recommendationId"]
        assert seen["proposedKind"] == "COMPANY_INTERNSHIP"
        assert seen["wantedStart"] == "2026-03-16"
        assert (seen["status"], seen["decidedAt"], seen["interventions"]) == ("SENT", None, [])
    assert await waits(world, Role.JOBCENTER, citizen) == [("RECOMMENDATION_SENT", seen["id"])]
    assert await waits(world, Role.FUND, citizen) == []
    notices = await world.ask(world.token(Role.CITIZEN, citizen=citizen), NOTICES)
    assert [e["node"] for e in notices["notifications"]["edges"]] == [
        {"event": "PLAN_CHANGED", "version": 1}
    ]


@pytest.mark.rule("R24", "refused")
async def test_without_the_citizens_agreement_nothing_is_sent_and_the_answer_shows_another_way(
    world: World,
) -> None:
    citizen = await member(world)
    answer = await recommend(world, citizen, citizenAgrees=False)
    (breach,) = answer["breaches"]
    assert (breach["code"], breach["rule"]) == ("RECOMMENDATION_REQUIRES_AGREEMENT", "R24")
    assert breach["path"] == ["input", "citizenAgrees"]
    assert "Borgeren kan selv kontakte jobcenteret." in breach["message"]
    assert await waits(world, Role.JOBCENTER, citizen) == []


@pytest.mark.rule("R25", "refused")
async def test_a_fund_recommends_only_in_its_own_months(world: World) -> None:
    citizen = await member(world)
    await recommend(world, citizen)
    world.at(world.day[0].replace(month=6, day=2))
    answer = await recommend(world, citizen, wantedStart=None)
    assert [(b["code"], b["rule"]) for b in answer["breaches"]] == [("NOT_RESPONSIBLE", "R25")]


async def test_all_that_is_wrong_with_a_recommendation_is_said_at_once(world: World) -> None:
    citizen = await member(world)
    answer = await recommend(
        world,
        citizen,
        citizenAgrees=False,
        proposedKind="AID",
        text="å" * 1501,
        wantedStart="2026-03-01",
    )
    assert {(b["code"], b["path"][-1]) for b in answer["breaches"]} == {
        ("RECOMMENDATION_REQUIRES_AGREEMENT", "citizenAgrees"),
        ("FORBIDDEN_KIND", "proposedKind"),
        ("PLAN_NOT_PUBLISHED", "wantedStart"),
        ("TEXT_TOO_LONG", "text"),
    }


@pytest.mark.parametrize("kind", HIDDEN_KINDS)
async def test_a_fund_recommends_nothing_that_it_may_not_know_of(world: World, kind: str) -> None:
    citizen = await member(world)
    answer = await recommend(world, citizen, proposedKind=kind)
    assert [b["code"] for b in answer["breaches"]] == ["FORBIDDEN_KIND"]


async def test_a_stranger_or_a_hidden_plan_is_not_there_to_recommend_for(world: World) -> None:
    stranger = await new_citizen(world, "UNEMPLOYMENT_BENEFIT", fund=OTHER_FUND)
    hidden = await member(world, "RESOURCE_PROGRAMME")
    for citizen in (stranger, hidden):
        assert (await recommend(world, citizen))["__typename"] == "NotFound"


@pytest.mark.rule("R26", "allowed")
async def test_a_granted_recommendation_creates_its_interventions_in_one_version(
    world: World,
) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    inputs = wanted_of(world, citizen, "COURSE", "MENTOR")
    answer = await decide(world, citizen, wanted, interventions=inputs)
    assert (answer["version"], len(answer["interventionIds"])) == (2, 2)
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        (seen,) = await recommendations(world, role, citizen)
        assert seen["status"] == "GRANTED"
        assert seen["decidedAt"] is not None
        assert {i["id"] for i in seen["interventions"]} == set(answer["interventionIds"])
        assert {i["origin"] for i in seen["interventions"]} == {"RECOMMENDATION"}
    assert await waits(world, Role.JOBCENTER, citizen) == []
    assert await waits(world, Role.FUND, citizen) == [("RECOMMENDATION_DECIDED", wanted)]
    assert sorted(await events(world, citizen)) == [
        ("INTERVENTION_NEW", ["COURSE"]),
        ("INTERVENTION_NEW", ["MENTOR"]),
        ("RECOMMENDATION_DECIDED", ["GRANTED", "COMPANY_INTERNSHIP"]),
    ]
    notices = await world.ask(world.token(Role.CITIZEN, citizen=citizen), NOTICES)
    told = [e["node"] for e in notices["notifications"]["edges"]]
    assert told[0] == {"event": "OFFER_GIVEN", "version": 2}
    assert len(told) == 2


@pytest.mark.rule("R26", "refused")
async def test_a_rejected_recommendation_creates_nothing_and_the_fund_hears_of_it(
    world: World,
) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    answer = await decide(world, citizen, wanted, granted=False)
    assert answer["interventionIds"] == []
    (seen,) = await recommendations(world, Role.FUND, citizen)
    assert (seen["status"], seen["interventions"]) == ("REJECTED", [])
    assert await waits(world, Role.FUND, citizen) == [("RECOMMENDATION_DECIDED", wanted)]
    assert await events(world, citizen) == [
        ("RECOMMENDATION_DECIDED", ["REJECTED", "COMPANY_INTERNSHIP"])
    ]


@pytest.mark.rule("R26", "refused")
async def test_a_recommendation_is_decided_once(world: World) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    await decide(world, citizen, wanted, granted=False)
    inputs = wanted_of(world, citizen, "MENTOR")
    again = await decide(world, citizen, wanted, interventions=inputs)
    assert [(b["code"], b["rule"]) for b in again["breaches"]] == [("ALREADY_DECIDED", "R26")]
    (seen,) = await recommendations(world, Role.JOBCENTER, citizen)
    assert (seen["status"], seen["interventions"]) == ("REJECTED", [])


async def test_the_breaches_of_all_interventions_are_said_at_once_and_nothing_is_decided(
    world: World,
) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    early, incomplete = wanted_of(world, citizen, "COURSE", "MENTOR")
    early["education"]["startDate"] = "2026-03-04"
    incomplete["mentor"]["why"] = ""
    answer = await decide(world, citizen, wanted, interventions=[early, incomplete])
    paths = {(b["code"], *b["path"][1:4]) for b in answer["breaches"]}
    assert ("OFFER_TOO_EARLY", "interventions", "0", "education") in paths
    assert ("INTERVENTION_INCOMPLETE", "interventions", "1", "mentor") in paths
    (seen,) = await recommendations(world, Role.JOBCENTER, citizen)
    assert seen["status"] == "SENT"
    assert await waits(world, Role.JOBCENTER, citizen) == [("RECOMMENDATION_SENT", wanted)]


async def test_a_rejection_with_interventions_is_not_understood(world: World) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    given = {"citizenId": citizen, "recommendationId": wanted, "granted": False}
    inputs = wanted_of(world, citizen, "MENTOR")
    answer = await world.post(
        world.token(Role.JOBCENTER), DECIDE, input={**given, "interventions": inputs}
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_another_jobcenter_and_another_citizens_recommendation_are_not_there(
    world: World,
) -> None:
    citizen, other = await member(world), await member(world)
    wanted = await sent(world, citizen)
    assert (await decide(world, other, wanted))["__typename"] == "NotFound"
    given = {"citizenId": citizen, "recommendationId": wanted, "granted": True}
    elsewhere = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    answer = await world.ask(elsewhere, DECIDE, input=given)
    assert answer["decideRecommendation"]["__typename"] == "NotFound"


async def test_earlier_versions_show_the_recommendation_as_it_was(world: World) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    await decide(world, citizen, wanted, granted=False)
    reader = world.token(Role.CITIZEN, citizen=citizen)
    answer = await world.ask(reader, EARLIER, id=citizen, number=1)
    assert answer["citizen"]["plan"]["jointRecommendations"] == [{"status": "SENT"}]


async def test_a_version_from_before_there_were_recommendations_has_none(world: World) -> None:
    citizen = await member(world)
    await do(world, world.token(Role.JOBCENTER), intervention(world, citizen, "MENTOR"))
    await sent(world, citizen)
    assert world.api.pool is not None
    async with world.api.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "update plan_version set interventions = fragment(json_build_object('interventions',"
            " convert_from('{'::bytea || interventions || '}'::bytea, 'UTF8')::json"
            " -> 'interventions')) where number = 1"
        )
    answer = await world.ask(world.token(Role.JOBCENTER), EARLIER, id=citizen, number=1)
    assert answer["citizen"]["plan"] == {"version": 1, "jointRecommendations": []}
