"""The caseload: pages of the viewer's own citizens, with stable cursors and filters."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import do, talk
from tests.story import member, new_citizen
from tests.world import OTHER_FUND, OTHER_JOBCENTER, World

PAGE = (
    "query($first: Int!, $after: String, $filter: CaseloadFilter) {"
    " caseload(first: $first, after: $after, filter: $filter) {"
    " edges { cursor node { id name { full } } } pageInfo { hasNextPage endCursor } } }"
)


async def pages(world: World, token: str, size: int) -> list[str]:
    """The ids of the caseload, read page by page."""
    found: list[str] = []
    after = None
    while True:
        data = (await world.ask(token, PAGE, first=size, after=after))["caseload"]
        assert len(data["edges"]) <= size
        found += [edge["node"]["id"] for edge in data["edges"]]
        if not data["pageInfo"]["hasNextPage"]:
            return found
        after = data["pageInfo"]["endCursor"]


async def test_pages_of_the_caseload_hold_each_own_citizen_once_and_nobody_else(
    world: World,
) -> None:
    own = [await member(world, name={"given": given, "surname": "Holm"}) for given in "CABBA"]
    await new_citizen(world, municipality=OTHER_JOBCENTER, fund=OTHER_FUND)
    for role in (Role.JOBCENTER, Role.FUND):
        token = world.token(role)
        whole = await pages(world, token, 100)
        assert sorted(whole) == sorted(own)
        for size in (1, 2, 3, 5):
            assert await pages(world, token, size) == whole


async def test_a_page_after_a_cursor_stays_the_same_when_somebody_comes_before_it(
    world: World,
) -> None:
    for given in "BCD":
        await new_citizen(world, name={"given": given, "surname": "Holm"})
    token = world.token(Role.JOBCENTER)
    first = (await world.ask(token, PAGE, first=2))["caseload"]
    after = first["pageInfo"]["endCursor"]
    before = (await world.ask(token, PAGE, first=2, after=after))["caseload"]
    await new_citizen(world, name={"given": "A", "surname": "Holm"})
    assert (await world.ask(token, PAGE, first=2, after=after))["caseload"] == before


def forged(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "ÆØÅ", "====", forged("[]"), forged('["a"]'), forged('["a", "b"]')),
        forged('["a", 5]'),
        forged('["a", "018f5b3e-0000-7000-8000-000000000000", "c"]'),
        forged('["a\\u0000", "018f5b3e-0000-7000-8000-000000000000"]'),
        forged('{"a": "b"}'),
        forged("[" * 2_000),
    ],
)
async def test_a_cursor_that_is_not_ours_is_refused(world: World, cursor: str) -> None:
    answer = await world.post(world.token(Role.JOBCENTER), PAGE, first=5, after=cursor)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_cursor_made_of_anothers_citizen_leads_to_nobody_out_of_reach(
    world: World,
) -> None:
    first = {"given": "A", "surname": "A"}
    other = await new_citizen(world, municipality=OTHER_JOBCENTER, name=first)
    own = await new_citizen(world, name={"given": "B", "surname": "B"})
    cursor = forged(f'["A A", "{other}"]')
    page = (await world.ask(world.token(Role.JOBCENTER), PAGE, first=5, after=cursor))["caseload"]
    assert [edge["node"]["id"] for edge in page["edges"]] == [own]


@pytest.mark.parametrize("first", [0, -1, 101, 2**31])
async def test_a_page_has_from_one_to_a_hundred_rows(world: World, first: int) -> None:
    answer = await world.post(world.token(Role.JOBCENTER), PAGE, first=first)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"name": "BO%"}, ["Bo% Holm"]),
        ({"name": "_"}, ["Ea_ Holm"]),
        ({"name": "holm"}, ["Bo% Holm", "Ea_ Holm", "Signe Holm"]),
        ({"targetGroup": "UNEMPLOYMENT_BENEFIT"}, ["Signe Holm"]),
        ({"planType": "JOB_PLAN"}, ["Bo% Holm"]),
        ({"notAcknowledged": True}, ["Bo% Holm"]),
        ({"deadlineBefore": "2030-01-01"}, []),
        ({"name": "holm", "planType": "JOB_PLAN", "notAcknowledged": True}, ["Bo% Holm"]),
    ],
)
async def test_filters_take_from_the_own_citizens_only(
    world: World, wanted: dict[str, Any], found: list[str]
) -> None:
    for given in ("Bo%", "Ea_", "Signe"):
        group = "UNEMPLOYMENT_BENEFIT" if given == "Signe" else "CASH_BENEFIT_JOB_READY"
        citizen = await new_citizen(world, group, name={"given": given, "surname": "Holm"})
        if given == "Bo%":
            await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    elsewhere = {"given": "Bo%", "surname": "Holm"}
    await new_citizen(world, "UNEMPLOYMENT_BENEFIT", municipality=OTHER_JOBCENTER, name=elsewhere)
    page = await world.ask(world.token(Role.JOBCENTER), PAGE, first=5, filter=wanted)
    assert [edge["node"]["name"]["full"] for edge in page["caseload"]["edges"]] == found
