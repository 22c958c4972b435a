"""Hostile tokens: confused algorithms, borrowed keys, nonsense and tampering."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from app.domain.viewer import Role
from app.errors import Unauthenticated
from app.identity import HttpKeySource, Identity
from tests.broker import (
    EC,
    ED,
    KEYS,
    RSA,
    Broker,
    Clock,
    claims,
    configured,
    forged,
    part,
    refused,
    signed,
    source_of,
)

fuzzed = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


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


SECRETS = {
    f"{name} {form}": secret
    for name, key in (("rsa", RSA), ("ec", EC), ("ed", ED))
    for form, secret in (
        ("pem", key.as_pem(private=False)),
        ("pem without newline", key.as_pem(private=False).strip()),
        ("der", key.as_der(private=False)),
        ("jwk", json.dumps(key.as_dict(private=False)).encode()),
        ("compact jwk", json.dumps(key.as_dict(private=False), separators=(",", ":")).encode()),
        ("member", str(key.as_dict().get("n") or key.as_dict().get("x")).encode()),
    )
} | {"empty": b""}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("alg", ["HS256", "hs256", "RS256", "ES256"])
async def test_a_public_key_is_no_symmetric_secret(
    identity: Identity, secret: bytes, alg: str
) -> None:
    for kid in ("rsa", "ec", "ed"):
        await refused(identity, forged({"alg": alg, "kid": kid}, claims(), secret))


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "", "RS512", "PS256", "ES384", "Ed448", None, 1, ["ES256"], {}]
)
async def test_other_algorithms_do_not_exist(
    identity: Identity, broker: Broker, alg: object
) -> None:
    whole = signed(claims()).split(".")
    header = part({"alg": alg, "kid": "ec"})
    for signature in ("", whole[2]):
        await refused(identity, f"{header}.{whole[1]}.{signature}")
    await refused(identity, forged({"alg": alg, "kid": "ec"}, claims(), None))
    assert broker.requests == 0


async def test_a_symmetric_key_in_the_key_set_is_not_used(
    identity: Identity, broker: Broker
) -> None:
    secret = b"s" * 32
    broker.document["keys"].append({"kty": "oct", "kid": "oct", "k": part(secret)})
    await refused(identity, forged({"alg": "HS256", "kid": "oct"}, claims(), secret))
    assert (await identity.viewer(f"Bearer {signed(claims())}")).role is Role.CITIZEN


@pytest.mark.parametrize(("alg", "kid"), [("ES256", "rsa"), ("RS256", "ed"), ("EdDSA", "ec")])
async def test_a_key_of_another_type_is_refused(identity: Identity, alg: str, kid: str) -> None:
    await refused(identity, signed(claims(), alg, kid=kid))


@pytest.mark.parametrize(
    "header",
    [
        {"kid": None},
        {"kid": "unknown"},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
    ],
    ids=repr,
)
async def test_a_header_that_names_no_key_or_asks_too_much_is_refused(
    identity: Identity, header: dict[str, Any]
) -> None:
    named = {"alg": "ES256", "kid": "ec", **header}
    named = {name: value for name, value in named.items() if value is not None}
    start = f"{part(named)}.{part(claims())}"
    signature = jws.JWSRegistry.algorithms["ES256"].sign(start.encode(), EC)
    await refused(identity, f"{start}.{part(signature)}")


async def test_a_token_cannot_bring_its_own_key(identity: Identity) -> None:
    own = ECKey.generate_key("P-256", {"kid": "ec"})
    await refused(identity, signed(claims(), key=own, jwk=own.as_dict(private=False)))


@pytest.mark.parametrize(
    "authorization",
    ["", " ", "Bearer", "Bearer ", "Bearer a.b", "Bearer a.b.c.d", "Basic YTpi", "Bearer \ud800"]
    + ["Bearer " + part(header) + ".e30.AAAA" for header in (["alg", "b64"], "alg b64", 1, None)]
    + ["Bearer " + part(b"[" * 5000) + ".e30.AAAA", 7, [], {"authorization": "x"}, b"Bearer a.b.c"],
    ids=lambda value: repr(value)[:30],
)
async def test_anything_else_is_refused(identity: Identity, authorization: object) -> None:
    with pytest.raises(Unauthenticated):
        await identity.viewer(authorization)


async def test_a_huge_token_is_refused_before_it_is_decoded(
    identity: Identity, broker: Broker
) -> None:
    await refused(identity, signed(claims(padding="x" * 8192)))
    assert broker.requests == 0
    token = signed(claims(padding="x" * 5000))
    assert (await identity.viewer(f"Bearer {token}")).role is Role.CITIZEN


@fuzzed
@given(data=st.data(), alg=st.sampled_from(sorted(KEYS)))
async def test_a_tampered_token_never_becomes_a_viewer(
    identity: Identity, data: st.DataObject, alg: str
) -> None:
    token = signed(claims(), alg)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCXYZabcxyz0123456789-_."))
    assume(token[place] != other)
    await refused(identity, token[:place] + other + token[place + 1 :])
    await refused(identity, token[:place])


@fuzzed
@given(text=st.text(max_size=200) | st.from_regex(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", fullmatch=True))
async def test_no_text_makes_anything_but_a_refusal(identity: Identity, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await identity.viewer(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@fuzzed
@given(changes=st.dictionaries(st.sampled_from(sorted({*claims(), "nbf", "iat"})), JSON))
async def test_signed_nonsense_is_a_viewer_or_a_refusal(
    identity: Identity, changes: dict[str, Any]
) -> None:
    try:
        viewer = await identity.viewer(f"Bearer {signed(claims() | changes)}")
    except Unauthenticated:
        return
    assert viewer.citizen_id is not None
    assert viewer.role is Role.CITIZEN
