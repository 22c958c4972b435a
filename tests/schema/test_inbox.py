"""The inbox as something to work with: what waits, what is done, and by whom."""

from typing import Any
from uuid import uuid4

from app.domain.viewer import Role
from tests.schema.eyes import do, group
from tests.schema.test_recommendation import decide, sent
from tests.story import MEMBERSHIP, REFUSED, hold_conversation, member, new_citizen
from tests.world import FUND, OTHER_FUND, OTHER_JOBCENTER, World

INBOX = (
    "query($first: Int! = 50, $after: String, $done: Boolean! = false, $kinds: [InboxKind!]) {"
    " inbox(first: $first, after: $after, done: $done, kinds: $kinds) { edges { cursor"
    " node { id kind citizenId subjectId done doneAt doneBy } } pageInfo { hasNextPage } } }"
)
SET_DONE = (
    "mutation($input: SetInboxItemDoneInput!) { setInboxItemDone(input: $input) { __typename"
    " ... on SetInboxItemDonePayload { item { id done doneAt doneBy citizenName { full } } } "
    + REFUSED
    + " } }"
)
MOVE = (
    "mutation($input: UpsertCitizenInput!) { upsertCitizen(input: $input) { __typename"
    " ... on UpsertCitizenPayload { citizenId } } }"
)


async def page(world: World, token: str, **wanted: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await world.ask(token, INBOX, **wanted))["inbox"]
    return found


async def items(world: World, token: str, **wanted: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await page(world, token, **wanted))["edges"]]


async def set_done(world: World, token: str, item: str, done: bool = True) -> dict[str, Any]:
    answer = await world.ask(token, SET_DONE, input={"itemId": item, "done": done})
    found: dict[str, Any] = answer["setInboxItemDone"]
    return found


async def task(world: World, citizen: str) -> str:
    """The id of the jobcenter's item that the citizen has no sought job."""
    await hold_conversation(world, citizen)
    found = await items(world, world.token(Role.JOBCENTER), kinds=["MISSING_SOUGHT_JOB"])
    own: str = next(item["id"] for item in found if item["citizenId"] == citizen)
    return own


async def test_an_item_is_put_away_with_a_name_and_taken_out_again(world: World) -> None:
    citizen = await new_citizen(world)
    item = await task(world, citizen)
    token = world.token(Role.JOBCENTER, name="Troels Agerskov")
    done = await set_done(world, token, item)
    assert (done["item"]["done"], done["item"]["doneBy"]) == (True, "Troels Agerskov")
    assert done["item"]["citizenName"] == {"full": "Signe Lindhave"}
    assert await items(world, token) == []
    (kept,) = await items(world, token, done=True)
    assert (kept["id"], kept["doneBy"]) == (item, "Troels Agerskov")
    assert kept["doneAt"] == done["item"]["doneAt"]

    opened = await set_done(world, token, item, done=False)
    assert (opened["item"]["done"], opened["item"]["doneAt"], opened["item"]["doneBy"]) == (
        False,
        None,
        None,
    )
    assert [i["id"] for i in await items(world, token)] == [item]
    assert await items(world, token, done=True) == []


async def test_who_was_first_to_put_an_item_away_stays(world: World) -> None:
    citizen = await new_citizen(world)
    item = await task(world, citizen)
    first = await set_done(world, world.token(Role.JOBCENTER, name="Troels Agerskov"), item)
    again = await set_done(world, world.token(Role.JOBCENTER, name="Asta Møllegård"), item)
    assert again == first


async def test_what_came_up_again_is_open_once(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    item = await task(world, citizen)
    await set_done(world, token, item)
    again = await task(world, citizen)
    assert again != item
    answer = await world.post(token, SET_DONE, input={"itemId": item, "done": False})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert [i["id"] for i in await items(world, token)] == [again]


async def test_a_matter_that_settles_itself_is_done_by_nobody(world: World) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    await decide(world, citizen, wanted, granted=False)
    token = world.token(Role.JOBCENTER)
    (item,) = await items(world, token, done=True, kinds=["RECOMMENDATION_SENT"])
    assert (item["subjectId"], item["done"], item["doneBy"]) == (wanted, True, None)
    assert item["doneAt"] is not None


async def test_kinds_are_chosen_and_pages_follow_each_other(world: World) -> None:
    token = world.token(Role.JOBCENTER)
    wanted = []
    for _ in range(3):
        citizen = await member(world)
        await hold_conversation(world, citizen)
        wanted.append(await sent(world, citizen))
    only = {"kinds": ["RECOMMENDATION_SENT"]}
    first = await page(world, token, first=2, **only)
    assert [e["node"]["subjectId"] for e in first["edges"]] == wanted[:0:-1]
    assert first["pageInfo"]["hasNextPage"]
    rest = await page(world, token, first=2, after=first["edges"][-1]["cursor"], **only)
    assert [e["node"]["subjectId"] for e in rest["edges"]] == wanted[:1]
    assert not rest["pageInfo"]["hasNextPage"]
    assert await items(world, token, kinds=[]) == []


async def test_an_item_of_another_organisation_is_not_there(world: World) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    (item,) = await items(world, world.token(Role.JOBCENTER), kinds=["RECOMMENDATION_SENT"])
    assert item["subjectId"] == wanted
    strangers = [
        world.token(Role.FUND),
        world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER),
    ]
    for token in strangers:
        assert (await set_done(world, token, item["id"]))["__typename"] == "NotFound"
    for nothing in (str(uuid4()), "nothing"):
        answer = await set_done(world, world.token(Role.JOBCENTER), nothing)
        assert answer["__typename"] == "NotFound"


async def test_a_letter_is_done_by_sending_it_and_not_by_putting_it_away(world: World) -> None:
    exempt = [{"kind": "DIGITAL_POST", "from": "2026-01-01"}]
    citizen = await new_citizen(world, digitalExemptions=exempt)
    await hold_conversation(world, citizen)
    token = world.token(Role.JOBCENTER)
    (letter,) = await items(world, token, kinds=["LETTER_TASK"])
    assert letter["done"] is False
    assert (await set_done(world, token, letter["id"]))["__typename"] == "NotFound"
    assert world.api.pool is not None
    await world.api.pool.execute(
        "update letter_task set status = 'SENT', sent_at = now(), sent_by = (select caseworker_id"
        " from caseworker limit 1)"
    )
    assert await items(world, token, kinds=["LETTER_TASK"]) == []
    (sent_letter,) = await items(world, token, kinds=["LETTER_TASK"], done=True)
    assert (sent_letter["id"], sent_letter["done"]) == (letter["id"], True)
    assert sent_letter["doneAt"] is not None
    assert sent_letter["doneBy"] is not None


async def test_items_move_with_the_citizen(world: World) -> None:
    citizen = await new_citizen(world, civilRegistrationNumber="0107809901")
    item = await task(world, citizen)
    move = {"civilRegistrationNumber": "0107809901", "municipalityCode": OTHER_JOBCENTER}
    await world.ask(world.token(Role.SYSTEM), MOVE, input=move)
    old = world.token(Role.JOBCENTER)
    new = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
    assert await items(world, old) == []
    assert [i["id"] for i in await items(world, new)] == [item]
    assert (await set_done(world, old, item))["__typename"] == "NotFound"
    assert (await set_done(world, new, item))["__typename"] == "SetInboxItemDonePayload"


async def test_a_funds_items_are_out_of_sight_when_the_membership_ends(world: World) -> None:
    citizen = await member(world)
    await decide(world, citizen, await sent(world, citizen))
    token = world.token(Role.FUND)
    decided = {"kinds": ["RECOMMENDATION_DECIDED"]}
    (item,) = await items(world, token, **decided)
    moved = {"citizenId": citizen, "fundCode": OTHER_FUND, "insurance": "FULL_TIME"}
    system = world.token(Role.SYSTEM)
    await world.ask(system, MEMBERSHIP, input={**moved, "from": str(world.day[0])})
    for organisation in (FUND, OTHER_FUND):
        there = world.token(Role.FUND, organisation=organisation)
        assert await items(world, there, **decided) == []
        assert (await set_done(world, there, item["id"]))["__typename"] == "NotFound"


async def test_a_fund_puts_its_items_away_also_beside_a_hidden_plan(world: World) -> None:
    citizen = await member(world)
    await decide(world, citizen, await sent(world, citizen))
    token = world.token(Role.FUND)
    (item,) = await items(world, token, kinds=["RECOMMENDATION_DECIDED"])
    await do(world, world.token(Role.JOBCENTER), group(citizen, "RESOURCE_PROGRAMME"))
    answer = await set_done(world, token, item["id"])
    assert answer["item"]["done"] is True


async def test_citizens_and_systems_have_no_inbox(world: World) -> None:
    for role in (Role.CITIZEN, Role.SYSTEM, Role.INSTITUTION):
        answer = await world.post(
            world.token(role, citizen=uuid4() if role is Role.CITIZEN else None),
            SET_DONE,
            input={"itemId": str(uuid4()), "done": True},
        )
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
