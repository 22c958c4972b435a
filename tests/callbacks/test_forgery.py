"""Who may report on an SMS: whoever signs with the shared secret, and nobody else."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey

from .reports import SECRET, Reporter, counted, part, token, told

fuzzed = settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


RSA = RSAKey.generate_key(2048)
FORGERIES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "no token": lambda payload: None,
    "nothing": lambda payload: "",
    "one part": lambda payload: "a",
    "four parts": lambda payload: token(payload) + ".a",
    "another secret": lambda payload: token(payload, b"another shared secret, as long"),
    "no secret": lambda payload: token(payload, b""),
    "alg none": lambda payload: token(payload, alg="none"),
    "alg none, no signature": lambda payload: f"{part({'alg': 'none'})}.{part(payload)}.",
    "alg NONE": lambda payload: token(payload, alg="NONE"),
    "alg hs256": lambda payload: token(payload, alg="hs256"),
    "alg of no text": lambda payload: token(payload, alg=["HS256"]),
    "HS512 with the secret": lambda payload: token(payload, alg="HS512", digest="sha512"),
    "HS384 with the secret": lambda payload: token(payload, alg="HS384", digest="sha384"),
    "RS256 with the secret": lambda payload: token(payload, alg="RS256"),
    "RS256 with a key of its own": lambda payload: jws.serialize_compact(
        {"alg": "RS256", "jwk": RSA.as_dict(private=False)}, b"{}", RSA, ["RS256"]
    ),
    "the payload exchanged": lambda payload: ".".join(
        [token({}).split(".")[0], part(payload), token({}).split(".")[2]]
    ),
    "a critical header": lambda payload: _with_header(payload, {"crit": ["exp"], "exp": 1}),
    "an unencoded payload": lambda payload: _with_header(payload, {"crit": ["b64"], "b64": False}),
    "a header of no object": lambda payload: f"{part(['alg'])}.{part(payload)}.{part(b'x' * 32)}",
    "a padded signature": lambda payload: token(payload) + "=",
    "white space": lambda payload: token(payload) + " a",
    "too long": lambda payload: token({**payload, "more": "x" * 20_000}),
}


def _with_header(payload: object, more: dict[str, object]) -> str:
    signed = f"{part({'alg': 'HS256', **more})}.{part(payload)}"
    return f"{signed}.{part(hmac.digest(SECRET, signed.encode(), 'sha256'))}"


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_report_is_refused_without_a_hint(
    shared_reporter: Reporter, forge: Callable[[dict[str, Any]], str | None]
) -> None:
    attempt = await shared_reporter.sent()
    before = counted("forged")
    answer = await shared_reporter.send(forge(told(attempt)))
    assert (answer.status_code, answer.content) == (401, b"")
    assert "www-authenticate" not in answer.headers
    assert counted("forged") == before + 1
    assert await shared_reporter.status(attempt) == "SENT"
    assert await shared_reporter.receipts() == []


@fuzzed
@given(written=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300))
async def test_nothing_that_is_not_signed_gets_in(shared_reporter: Reporter, written: str) -> None:
    assert (await shared_reporter.send(written)).status_code == 401
    header, payload, signature = token({"userref": "x"}).split(".")
    if written not in (header, payload, signature):
        for parts in (
            (written, payload, signature),
            (header, written, signature),
            (header, payload, written),
        ):
            assert (await shared_reporter.send(".".join(parts))).status_code == 401
