"""Tokens: whose claims are believed, and what makes a viewer."""

import logging
import traceback
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from app.domain.viewer import ANONYMOUS, Role, Viewer
from app.errors import Unauthenticated
from app.identity import HttpKeySource, Identity
from tests.broker import (
    AUDIENCE,
    CITIZEN,
    ISSUER,
    KEYS,
    NOW,
    Broker,
    Clock,
    claims,
    configured,
    refused,
    signed,
    source_of,
)


@pytest.fixture
def broker() -> Iterator[Broker]:
    running = Broker()
    yield running
    running.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(broker: Broker, clock: Clock) -> HttpKeySource:
    return source_of(broker, clock)


@pytest.fixture
def identity(source: HttpKeySource, clock: Clock) -> Identity:
    return Identity(configured(), source, clock=clock)


async def test_without_a_token_the_viewer_is_anonymous(identity: Identity, broker: Broker) -> None:
    assert await identity.viewer(None) is ANONYMOUS
    assert broker.requests == 0


@pytest.mark.parametrize("alg", KEYS)
async def test_a_token_of_each_algorithm_is_believed(identity: Identity, alg: str) -> None:
    viewer = await identity.viewer(f"Bearer {signed(claims(), alg)}")
    assert viewer == Viewer(Role.CITIZEN, "borger-1", "Åse Ørum", None, CITIZEN, NOW + 600)


@pytest.mark.parametrize(
    ("role", "organisation"),
    [("jobcenter", "101"), ("fund", "F01"), ("institution", "280051"), ("system", "VITAS")],
)
async def test_staff_and_systems_carry_their_organisation(
    identity: Identity, role: str, organisation: str
) -> None:
    payload = claims(role=role, organisation=organisation, citizen_id=None)
    viewer = await identity.viewer(f"bearer {signed(payload)}")
    assert (viewer.role, viewer.organisation_code) == (Role(role), organisation)
    assert viewer.citizen_id is None
    await refused(identity, signed(claims(role=role, citizen_id=None)))
    await refused(identity, signed(claims(role=role, citizen_id=None, organisation="")))


async def test_a_list_of_audiences_may_hold_ours(identity: Identity) -> None:
    viewer = await identity.viewer(f"Bearer {signed(claims(aud=['another', AUDIENCE]))}")
    assert viewer.role is Role.CITIZEN


@pytest.mark.parametrize(
    "change",
    [
        {"iss": None},
        {"iss": ISSUER + "/"},
        {"iss": [ISSUER]},
        {"aud": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": ["another"]},
        {"aud": {AUDIENCE: 1}},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": NOW - 30},
        {"nbf": NOW + 31},
        {"iat": NOW + 31},
        {"iat": "yesterday"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "nul\x00"},
        {"sub": "\ud800"},
        {"sub": "x" * 256},
        {"name": ["Åse"]},
        {"role": None},
        {"role": "anonymous"},
        {"role": "CITIZEN"},
        {"role": ["citizen"]},
        {"role": "jobcenter", "organisation": "Roskilde"},
        {"role": "jobcenter", "organisation": 101},
        {"role": "jobcenter", "organisation": "١٠١"},
        {"citizen_id": None},
        {"citizen_id": "1"},
        {"citizen_id": 1},
    ],
    ids=repr,
)
async def test_claims_that_do_not_make_a_viewer_are_refused(
    identity: Identity, change: dict[str, Any]
) -> None:
    await refused(identity, signed(claims(**change)))


@pytest.mark.parametrize(
    "change", [{"exp": NOW - 29}, {"nbf": NOW + 30}, {"iat": NOW + 30}, {"exp": 10**4000}]
)
async def test_times_are_taken_with_the_leeway(identity: Identity, change: dict[str, Any]) -> None:
    assert (await identity.viewer(f"Bearer {signed(claims(**change))}")).role is Role.CITIZEN


@pytest.mark.parametrize("payload", [[], "text", 7, None, [claims()]])
async def test_claims_that_are_no_object_are_refused(identity: Identity, payload: object) -> None:
    await refused(identity, signed(payload))


async def test_unusual_but_harmless_headers_are_accepted(identity: Identity) -> None:
    token = signed(claims(), typ="at+jwt", x5t="abc", pi_atm="1")
    assert (await identity.viewer(f"Bearer {token}")).role is Role.CITIZEN


async def test_nothing_of_a_token_is_logged_or_told(
    identity: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="app")
    token = signed(claims(role="Hemmeligt", sub="Hemmeligt", name="Hemmeligt"))
    failure = await refused(identity, token)
    told = str(failure) + "".join(traceback.format_exception(failure)) + caplog.text
    assert "Hemmeligt" not in told
    assert not any(piece in told for piece in token.split("."))


async def test_a_remembered_token_still_expires(identity: Identity, clock: Clock) -> None:
    authorization = f"Bearer {signed(claims(exp=NOW + 60))}"
    first = await identity.viewer(authorization)
    clock.now = NOW + 89
    assert await identity.viewer(authorization) is first
    clock.now = NOW + 90
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            await identity.viewer(authorization)


async def test_no_more_tokens_are_remembered_than_configured(
    source: HttpKeySource, clock: Clock
) -> None:
    identity = Identity(configured(token_cache_size=2), source, clock=clock)
    tokens = [f"Bearer {signed(claims(sub=f'borger-{number}'))}" for number in range(3)]
    first, second, third = [await identity.viewer(token) for token in tokens]
    assert await identity.viewer(tokens[2]) is third
    assert await identity.viewer(tokens[1]) is second
    again = await identity.viewer(tokens[0])
    assert again == first
    assert again is not first


async def test_a_citizen_is_found_by_cpr_number_where_the_broker_gives_no_id(
    source: HttpKeySource, clock: Clock
) -> None:
    async def by_cpr(number: str) -> UUID | None:
        return CITIZEN if number == "0101901234" else None

    named = configured(claim_civil_registration_number="cprNumberIdentifier")
    identity = Identity(named, source, citizen_by_cpr=by_cpr, clock=clock)
    payload = claims(citizen_id=None, cprNumberIdentifier="010190-1234")
    assert (await identity.viewer(f"Bearer {signed(payload)}")).citizen_id == CITIZEN
    await refused(identity, signed(payload | {"cprNumberIdentifier": "0101901235"}))
    await refused(identity, signed(payload | {"cprNumberIdentifier": "nothing"}))
    unconfigured = Identity(configured(), source, citizen_by_cpr=by_cpr, clock=clock)
    await refused(unconfigured, signed(payload))


async def test_claim_names_come_from_the_settings(source: HttpKeySource, clock: Clock) -> None:
    named = configured(claim_role="https://broker.example/rolle", claim_citizen="mitid_uuid")
    payload = claims(role=None, citizen_id=None, mitid_uuid=str(CITIZEN))
    token = signed(payload | {"https://broker.example/rolle": "citizen"})
    viewer = await Identity(named, source, clock=clock).viewer(f"Bearer {token}")
    assert viewer.citizen_id == CITIZEN
