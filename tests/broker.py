"""An issuer for the tests: real keys, a real JWKS server on loopback, and tokens of any kind.

Tokens of hostile algorithms are put together by hand, so that no library refuses to make what ours
must refuse to take.
"""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from app.errors import Unauthenticated
from app.identity import HttpKeySource, Identity
from app.identity_keys import SIGNATURES
from app.settings import Settings

ISSUER, AUDIENCE, NOW = "https://broker.example", "minplan", 1_772_000_000
CITIZEN = UUID("7d5a2b8e-6a0c-4ee0-9a37-0f8e6f7b1c11")
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"})
KEYS: dict[str, Key] = {"RS256": RSA, "ES256": EC, "EdDSA": ED}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


class Broker:
    """An issuer that publishes its keys over HTTP on an ephemeral port of loopback."""

    def __init__(self) -> None:
        self.document: Any = published(RSA, EC, ED)
        self.status = 200
        self.requests = 0
        broker = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                broker.requests += 1
                self.send_response(broker.status)
                self.end_headers()
                self.wfile.write(json.dumps(broker.document).encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def configured(**values: Any) -> Settings:
    return Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, **values)


def source_of(broker: Broker, clock: Clock) -> HttpKeySource:
    return HttpKeySource(broker.url, cache_seconds=600, min_refetch_seconds=30, clock=clock)


def published(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good citizen's token; a change to None leaves the claim out."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": NOW + 600,
        "sub": "borger-1",
        "role": "citizen",
        "name": "Åse Ørum",
        "citizen_id": str(CITIZEN),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(payload: object, alg: str = "ES256", key: Key | None = None, **header: Any) -> str:
    key = key or KEYS[alg]
    named = {"alg": alg, "kid": key.kid, **header}
    named = {name: value for name, value in named.items() if value is not None}
    return jws.serialize_compact(named, json.dumps(payload), key, registry=SIGNATURES)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(header: object, payload: object, secret: bytes | None) -> str:
    """A token put together by hand: HMAC-SHA256 with any bytes as the key, or no signature."""
    start = f"{part(header)}.{part(payload)}"
    if secret is None:
        return f"{start}."
    return f"{start}.{part(hmac.digest(secret, start.encode(), hashlib.sha256))}"


async def refused(identity: Identity, token: str) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as failure:
        await identity.viewer(f"Bearer {token}")
    return failure.value
