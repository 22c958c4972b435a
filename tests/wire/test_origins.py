"""Pages of other origins: what their browsers may send, and which of them may read an answer."""

from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import httpx
import pytest

from app.domain.viewer import Role
from app.settings import Settings, SettingsError, load_settings
from tests.schema.test_operation import count_rows
from tests.story import CONVERSATION, conversation, new_citizen
from tests.world import World, open_world

PAGE, ELSEWHERE = "https://minplan.example", "https://evil.example"
QUERY = {"query": '{ municipalities(search: "101") { name } }'}
ANSWER = {"data": {"municipalities": [{"name": "København"}]}}


@pytest.fixture
async def listing(settings: Settings) -> AsyncIterator[World]:
    """An API that one other origin's pages may use."""
    listed = f"{PAGE}:443/, http://localhost:3000"
    async with open_world(settings.model_copy(update={"allowed_origins": listed})) as world:
        yield world


async def send(world: World, method: str = "POST", **headers: str) -> httpx.Response:
    """A query; `headers` by their names with `_`, `{own}` in them is the host's own origin."""
    given = {
        name.replace("_", "-"): value.format(own=world.base_url) for name, value in headers.items()
    }
    request: dict[str, Any] = {"json": QUERY} if method == "POST" else {"params": QUERY}
    return await world.client.request(method, f"{world.base_url}/graphql", headers=given, **request)


ANYWHERE: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({"sec_fetch_site": "none"}, True),
    ({"sec_fetch_site": "same-origin", "origin": "{own}"}, True),
    ({"sec_fetch_site": "cross-site"}, False),
    ({"sec_fetch_site": "same-site"}, False),
    ({"sec_fetch_site": "anything"}, False),
    ({"sec_fetch_site": "cross-site", "origin": ELSEWHERE}, False),
    ({"sec_fetch_site": "cross-site", "origin": "null"}, False),
    ({"origin": ELSEWHERE}, False),
    ({"origin": "null"}, False),
    ({"origin": ""}, False),
    ({"origin": f"{PAGE}.evil.example"}, False),
    ({"origin": f"{ELSEWHERE}/{PAGE}"}, False),
    ({"origin": f"https://minplan.example@{ELSEWHERE}"}, False),
    ({"origin": f"{PAGE} {ELSEWHERE}"}, False),
    ({"origin": f"{PAGE}:444"}, False),
    ({"origin": "http://minplan.example"}, False),
    ({"origin": "chrome-extension://minplan.example"}, False),
]


async def test_without_a_list_only_pages_of_the_host_itself_are_answered(world: World) -> None:
    for headers, is_answered in [*ANYWHERE, ({"origin": "{own}"}, True)]:
        await told(world, headers, is_answered)


async def test_a_host_may_be_an_address_of_the_newer_kind(settings: Settings) -> None:
    host, page = "[::1]:8000", "http://[2001:db8::1]:3000"
    async with open_world(settings) as world:
        response = await send(world, host=host, origin=f"http://{host}")
        assert response.json() == ANSWER
        assert (await send(world, host=host, origin=page)).status_code == 403
    listing = settings.model_copy(update={"allowed_origins": page})
    async with open_world(listing) as world:
        response = await send(world, host=host, origin=page)
        assert response.json() == ANSWER
        assert response.headers["access-control-allow-origin"] == page


async def test_with_a_list_the_pages_of_its_origins_are_answered(listing: World) -> None:
    for headers, is_answered in [
        *ANYWHERE,
        ({"origin": PAGE}, True),
        ({"sec_fetch_site": "cross-site", "origin": PAGE}, True),
        ({"sec_fetch_site": "same-site", "origin": "http://localhost:3000"}, True),
        ({"sec_fetch_site": "cross-site, none", "origin": ELSEWHERE}, False),
        ({"origin": "{own}"}, False),
    ]:
        await told(listing, headers, is_answered)


async def told(world: World, headers: dict[str, str], is_answered: bool) -> None:
    for method in ("GET", "POST"):
        response = await send(world, method, **headers)
        if is_answered:
            assert response.json() == ANSWER, headers
        else:
            assert response.status_code == 403, headers
            (error,) = response.json()["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN" and "data" not in response.json()


async def test_a_foreign_page_is_refused_whatever_it_asks_for(world: World) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"):
        for accept in ("text/event-stream", "application/json", "text/html"):
            response = await send(
                world, method, sec_fetch_site="cross-site", accept=accept, authorization="Bearer x"
            )
            assert response.status_code == 403, (method, accept)


async def test_a_mutation_of_a_foreign_page_stores_nothing(world: World) -> None:
    citizen = await new_citizen(world)
    before = await count_rows(world)
    body = {
        "query": CONVERSATION,
        "variables": {"input": conversation(world, citizen, "Hej.")},
    }
    login = {"authorization": f"Bearer {world.token(Role.JOBCENTER)}"}
    url = f"{world.base_url}/graphql"
    refused = await world.client.post(url, json=body, headers={**login, "origin": ELSEWHERE})
    assert refused.status_code == 403
    assert await count_rows(world) == before
    assert (await world.client.post(url, json=body, headers=login)).status_code == 200


async def test_a_browser_that_asks_first_is_told_what_a_listed_page_may_send(
    listing: World,
) -> None:
    for origin, method in product((PAGE, "http://localhost:3000"), ("GET", "POST", "DELETE")):
        response = await send(
            listing,
            "OPTIONS",
            origin=origin,
            access_control_request_method=method,
            access_control_request_headers=(
                "accept-language,authorization,content-type,idempotency-key,last-event-id,"
                "x-graphql-event-stream-token"
            ),
        )
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in response.headers["vary"]


async def test_a_browser_that_asks_first_is_refused_the_rest(listing: World) -> None:
    post = {"origin": PAGE, "access_control_request_method": "POST"}
    for headers in (
        {**post, "origin": ELSEWHERE},
        {**post, "origin": "null"},
        {**post, "access_control_request_method": "PATCH"},
        {**post, "access_control_request_headers": "x-anything"},
    ):
        response = await send(listing, "OPTIONS", **headers)
        assert response.status_code == 400
        if headers["origin"] != PAGE:
            assert "access-control-allow-origin" not in response.headers


async def test_a_listed_page_may_read_answers_and_refusals_and_no_other_page(
    listing: World,
) -> None:
    for headers in ({}, {"authorization": "Bearer x"}, {"accept": "text/html"}):
        response = await send(listing, origin=PAGE, **headers)
        assert response.headers["access-control-allow-origin"] == PAGE
        shown = set(response.headers["access-control-expose-headers"].split(", "))
        assert {"ratelimit", "ratelimit-policy", "retry-after", "idempotency-replayed"} <= shown
        assert "access-control-allow-credentials" not in response.headers
    for foreign in ({"origin": ELSEWHERE}, {}):
        assert "access-control-allow-origin" not in (await send(listing, **foreign)).headers


async def test_a_listed_page_may_read_an_event_stream(listing: World) -> None:
    response = await send(listing, origin=PAGE, accept="text/event-stream")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["access-control-allow-origin"] == PAGE
    assert "event: complete" in response.text


async def test_without_a_list_no_page_of_another_origin_may_read_anything(world: World) -> None:
    response = await send(world, origin=world.base_url)
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "listed",
    ["*", "null", "minplan.example", f"{PAGE}, *", f"{PAGE}/app", "https://*.example", "https://"],
)
def test_a_list_that_holds_no_origin_is_refused_at_the_start(listed: str) -> None:
    with pytest.raises(SettingsError, match="MINPLAN_ALLOWED_ORIGINS"):
        load_settings(allowed_origins=listed)
