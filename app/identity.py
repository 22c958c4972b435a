"""Bearer token -> `Viewer`: who asks, proven by a signature of the configured issuer.

A token is checked in this order: size and form, algorithm, key (by name and type), signature, then
issuer, audience and times, then that its claims make a whole viewer with a login as strong as its
role needs, and at each use that it has not been revoked. Every failure is an `Unauthenticated`;
neither tokens nor claims reach a log or an error.
"""

import json
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jws import CompactSignature
from joserfc.jwt import JWTClaimsRegistry

from app.domain.refusal import Reason, Refused
from app.domain.viewer import ANONYMOUS, Viewer
from app.errors import Unauthenticated
from app.identity_claims import EXPIRED, CitizenLookup, ClaimReader, refusing
from app.identity_keys import SIGNATURES, HttpKeySource, KeySource, key_for
from app.settings import Settings

__all__ = ["Authenticate", "CitizenLookup", "HttpKeySource", "Identity", "KeySource"]

Authenticate = Callable[[object, str | None], Awaitable[Viewer]]
"""The viewer of an `Authorization` value and the client's address; raises Unauthenticated."""

Note = Callable[[Refused, str | None], None]
"""Told what was refused and the client's address, where it is known; never waits or fails."""

_MAX_HEADER_CHARACTERS: Final = len("Bearer ") + 8192
_PART: Final = r"[A-Za-z0-9_-]+"
_BEARER: Final = re.compile(rf"bearer ({_PART}\.{_PART}\.{_PART})", re.IGNORECASE | re.ASCII)
_REVOKED: Final = "This login has been revoked: log in again."


@dataclass(frozen=True, slots=True)
class _Verified:
    viewer: Viewer
    recheck_at: float


class Identity:
    """Turns the `Authorization` value of a request into its viewer.

    Verified tokens are kept (by SHA-256, at most `token_cache_size` of them), so that the
    signature of a token is checked once per `jwks_cache_seconds`; its expiry is checked each time.
    Times are real time: a moved application clock does not touch tokens.
    """

    def __init__(
        self,
        settings: Settings,
        keys: KeySource,
        *,
        citizen_by_cpr: CitizenLookup | None = None,
        is_revoked: Callable[[Viewer], bool] = lambda _viewer: False,
        note: Note = lambda _refused, _client: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`citizen_by_cpr` serves brokers that name citizens by CPR number only.

        is_revoked: asked at each use of a token, from memory. note: told of each refusal.
        """
        self._leeway = settings.oidc_leeway_seconds
        self._settings = settings
        self._keys = keys
        self._claims = ClaimReader(settings, citizen_by_cpr)
        self._is_revoked = is_revoked
        self._note = note
        self._clock = clock
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._registered_claims = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=settings.oidc_leeway_seconds,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_audience},
            exp={"essential": True},
        )

    async def viewer(self, authorization: object, client: str | None = None) -> Viewer:
        """The viewer of `Bearer <JWT>`; anonymous for None, else raises `Unauthenticated`.

        Anything may be passed: a WebSocket's connection payload carries what the client likes.
        client: the address it came from, for the record of refusals.
        """
        if authorization is None:
            return ANONYMOUS
        now = self._clock()
        try:
            header = _bounded_text(authorization)
            fingerprint = sha256(header.encode("utf-8", "surrogatepass")).digest()
            known = self._verified.get(fingerprint)
            if known is None or known.recheck_at <= now:
                self._verified.pop(fingerprint, None)
                known = self._remembered(fingerprint, await self._checked(_bearer_token(header)))
            self._verified.move_to_end(fingerprint)
            if known.viewer.expires_at + self._leeway <= now:
                del self._verified[fingerprint]
                raise Unauthenticated(EXPIRED, refused=Refused(Reason.EXPIRED))
            if self._is_revoked(known.viewer):
                refused = Refused.of(Reason.REVOKED, known.viewer)
                raise Unauthenticated(_REVOKED, refused=refused)
        except Unauthenticated as error:
            self._note(error.refused or Refused(Reason.MALFORMED), client)
            raise
        return known.viewer

    def _remembered(self, fingerprint: bytes, viewer: Viewer) -> _Verified:
        """Keep a viewer; a key the issuer has withdrawn is noticed after `jwks_cache_seconds`."""
        recheck_at = self._clock() + self._settings.jwks_cache_seconds
        self._verified[fingerprint] = verified = _Verified(viewer, recheck_at)
        if len(self._verified) > self._settings.token_cache_size:
            self._verified.popitem(last=False)
        return verified

    async def _checked(self, token: bytes) -> Viewer:
        with refusing(Reason.MALFORMED):
            signature = jws.extract_compact(token, registry=SIGNATURES)
            kid, key_type = _named_key(signature)
        key = key_for(await self._keys.keys(), kid, key_type)
        if key is None:
            key = key_for(await self._keys.newer_keys(), kid, key_type)
        if key is None:
            raise Unauthenticated(refused=Refused(Reason.UNKNOWN_KEY))
        with refusing(Reason.BAD_SIGNATURE):
            if not jws.validate_compact(signature, key, registry=SIGNATURES):
                raise BadSignatureError
        with refusing(Reason.CLAIMS):
            claims = _claims(signature)
            self._registered_claims.validate(claims)
        return await self._claims.viewer(claims)


def _bounded_text(authorization: object) -> str:
    if not isinstance(authorization, str) or len(authorization) > _MAX_HEADER_CHARACTERS:
        raise Unauthenticated
    return authorization


def _bearer_token(header: str) -> bytes:
    written = _BEARER.fullmatch(header)
    if written is None:
        raise Unauthenticated
    return written.group(1).encode("ascii")


def _named_key(signature: CompactSignature) -> tuple[str | None, str]:
    """The `kid` a token names and the key type its algorithm needs; raises as joserfc does."""
    header = signature.headers()
    if not isinstance(header, dict):
        raise TypeError("the header is not an object")
    SIGNATURES.check_header(header)
    return header.get("kid"), SIGNATURES.get_alg(header["alg"]).key_type


def _claims(signature: CompactSignature) -> dict[str, Any]:
    claims = json.loads(signature.payload)
    if not isinstance(claims, dict):
        raise TypeError("the claims are not an object")
    return claims
