"""The Python client gql, with its transports as its users write them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosedError

from app.domain.viewer import Role
from tests.world import JOBCENTER, World

Connect = Callable[[str, Mapping[str, str]], AsyncTransport]

CASELOAD = "{ caseload(first: 1) { edges { node { id plan { version } } } } }"
CONVERSATION = """mutation($input: RegisterConversationInput!) {
  registerConversation(input: $input) { ... on RegisterConversationPayload { version } }
}"""
UPDATED = """subscription($id: ID!, $seen: Int) {
  planUpdated(citizenId: $id, afterVersion: $seen) { version changedElements }
}"""


def by_aiohttp(url: str, headers: Mapping[str, str]) -> AsyncTransport:
    return AIOHTTPTransport(url, headers=headers)


def by_httpx(url: str, headers: Mapping[str, str]) -> AsyncTransport:
    return HTTPXAsyncTransport(url, headers=dict(headers))


def by_websocket(url: str, headers: Mapping[str, str]) -> AsyncTransport:
    return WebsocketsTransport(url.replace("http:", "ws:"), init_payload=dict(headers))


transports = pytest.mark.parametrize("connect", [by_aiohttp, by_httpx, by_websocket])


def client(demo: World, connect: Connect, token: str, **options: Any) -> Client:
    headers = {"authorization": f"Bearer {token}"}
    return Client(transport=connect(f"{demo.base_url}/graphql", headers), **options)


def conversation(citizen_id: str) -> GraphQLRequest:
    given = {
        "citizenId": citizen_id,
        "authority": "JOBCENTER",
        "heldAt": "2026-03-02T09:00:00+01:00",
        "mode": "PHONE",
        "agreementText": "Du ringer til to vikarbureauer.",
    }
    return GraphQLRequest(CONVERSATION, variable_values={"input": given})


@transports
async def test_gql_queries_and_changes_a_plan(demo: World, connect: Connect) -> None:
    staff = demo.token(Role.JOBCENTER, organisation=JOBCENTER)
    async with client(demo, connect, staff) as session:
        [edge] = (await session.execute(GraphQLRequest(CASELOAD)))["caseload"]["edges"]
        citizen = edge["node"]
        made = await session.execute(conversation(citizen["id"]))
        assert made["registerConversation"]["version"] == citizen["plan"]["version"] + 1


@transports
async def test_gql_is_told_of_a_refusal_with_its_code(demo: World, connect: Connect) -> None:
    async with client(demo, connect, demo.token(Role.JOBCENTER)) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(
                GraphQLRequest("{ notifications(first: 1) { edges { cursor } } }")
            )
        assert refused.value.errors is not None
        assert refused.value.errors[0]["extensions"]["code"] == "FORBIDDEN"
        assert await session.execute(GraphQLRequest("{ viewer { role } }"))


@transports
async def test_gql_fetches_the_schema_and_validates_with_it(demo: World, connect: Connect) -> None:
    staff = demo.token(Role.JOBCENTER)
    async with client(demo, connect, staff, fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        assert session.client.schema.get_type("Citizen") is not None
        assert await session.execute(GraphQLRequest(CASELOAD))


async def test_gql_is_told_of_new_versions_and_resumes(demo: World) -> None:
    staff = demo.token(Role.JOBCENTER, organisation=JOBCENTER)
    async with client(demo, by_aiohttp, staff) as office:
        [edge] = (await office.execute(GraphQLRequest(CASELOAD)))["caseload"]["edges"]
        citizen_id, seen = edge["node"]["id"], edge["node"]["plan"]["version"]
        own = demo.token(Role.CITIZEN, citizen=citizen_id)

        for _ in range(2):  # the second socket begins where the first one ended
            variables = {"id": citizen_id, "seen": seen}
            async with client(demo, by_websocket, own) as session:
                live = session.subscribe(GraphQLRequest(UPDATED, variable_values=variables))
                made = (await office.execute(conversation(citizen_id)))["registerConversation"]
                async with asyncio.timeout(10):
                    assert (await anext(live))["planUpdated"]["version"] == made["version"]
                # missed between the two
                await live.aclose()
            seen = made["version"]
            await office.execute(conversation(citizen_id))


async def test_gql_with_a_token_that_is_none_is_closed_with_4403(demo: World) -> None:
    with pytest.raises(TransportConnectionFailed) as refused:
        async with client(demo, by_websocket, "nonsense"):
            pass
    closed = refused.value.__cause__
    assert isinstance(closed, ConnectionClosedError)
    assert closed.rcvd is not None
    assert closed.rcvd.code == 4403
