"""Bearer token -> `Viewer`: who asks, proven by a signature of the configured issuer.

A token is checked in this order: size and form, algorithm, key (by name and type), signature, then
issuer, audience and times, then that its claims make a whole viewer. Every failure is the same
`Unauthenticated`; neither tokens nor claims reach a log or an error.
"""

import json
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from joserfc import jws
from joserfc.errors import BadSignatureError, ExpiredTokenError, JoseError
from joserfc.jws import CompactSignature
from joserfc.jwt import JWTClaimsRegistry

from app.domain.cpr import normalise
from app.domain.viewer import ANONYMOUS, NEVER, Role, Viewer
from app.errors import Unauthenticated
from app.identity_keys import SIGNATURES, HttpKeySource, KeySource, key_for
from app.settings import Settings

__all__ = ["CitizenLookup", "HttpKeySource", "Identity", "KeySource"]

CitizenLookup = Callable[[str], Awaitable[UUID | None]]
"""Ten digits of a CPR number -> the citizen's internal id, None when there is no such citizen."""

_MAX_HEADER_CHARACTERS: Final = len("Bearer ") + 8192
_MAX_CLAIM_CHARACTERS: Final = 255
_PART: Final = r"[A-Za-z0-9_-]+"
_BEARER: Final = re.compile(rf"bearer ({_PART}\.{_PART}\.{_PART})", re.IGNORECASE | re.ASCII)
_ROLES: Final = {role.value: role for role in Role if role is not Role.ANONYMOUS}
_EXPIRED: Final = "The access token has expired."


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
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`citizen_by_cpr` serves brokers that name citizens by CPR number only."""
        self._settings = settings
        self._keys = keys
        self._citizen_by_cpr = citizen_by_cpr
        self._clock = clock
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._registered_claims = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=settings.oidc_leeway_seconds,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_audience},
            exp={"essential": True},
        )

    async def viewer(self, authorization: object) -> Viewer:
        """The viewer of `Bearer <JWT>`; anonymous for None, else raises `Unauthenticated`.

        Anything may be passed: a WebSocket's connection payload carries what the client likes.
        """
        if authorization is None:
            return ANONYMOUS
        header = _bounded_text(authorization)
        fingerprint = sha256(header.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(fingerprint)
        if known is None or known.recheck_at <= self._clock():
            self._verified.pop(fingerprint, None)
            known = self._remembered(fingerprint, await self._checked(_bearer_token(header)))
        self._verified.move_to_end(fingerprint)
        if known.viewer.expires_at + self._settings.oidc_leeway_seconds <= self._clock():
            del self._verified[fingerprint]
            raise Unauthenticated(_EXPIRED)
        return known.viewer

    def _remembered(self, fingerprint: bytes, viewer: Viewer) -> _Verified:
        """Keep a viewer; a key the issuer has withdrawn is noticed after `jwks_cache_seconds`."""
        recheck_at = self._clock() + self._settings.jwks_cache_seconds
        self._verified[fingerprint] = verified = _Verified(viewer, recheck_at)
        if len(self._verified) > self._settings.token_cache_size:
            self._verified.popitem(last=False)
        return verified

    async def _checked(self, token: bytes) -> Viewer:
        with _refusing():
            signature = jws.extract_compact(token, registry=SIGNATURES)
            kid, key_type = _named_key(signature)
        key = key_for(await self._keys.keys(), kid, key_type)
        if key is None:
            key = key_for(await self._keys.newer_keys(), kid, key_type)
        if key is None:
            raise Unauthenticated
        with _refusing():
            if not jws.validate_compact(signature, key, registry=SIGNATURES):
                raise BadSignatureError
            claims = _claims(signature)
            self._registered_claims.validate(claims)
        return await self._viewer_of(claims)

    async def _viewer_of(self, claims: Mapping[str, Any]) -> Viewer:
        names = self._settings
        with _refusing():
            role = _ROLES[_required(claims, names.claim_role)]
            subject = _required(claims, names.claim_subject)
            name = _text(claims, names.claim_name) or ""
        is_citizen = role is Role.CITIZEN
        citizen_id = await self._citizen_id(claims) if is_citizen else None
        with _refusing():
            return Viewer(
                role=role,
                subject=subject,
                name=name,
                organisation_code=None if is_citizen else _text(claims, names.claim_organisation),
                citizen_id=citizen_id,
                expires_at=min(int(claims["exp"]), NEVER),
            )

    async def _citizen_id(self, claims: Mapping[str, Any]) -> UUID | None:
        """The internal id from its claim, else by the CPR claim where one is configured."""
        cpr_claim = self._settings.claim_civil_registration_number
        with _refusing():
            internal = _text(claims, self._settings.claim_citizen)
            if internal is not None:
                return UUID(internal)
            written = _text(claims, cpr_claim) if cpr_claim is not None else None
            cpr = None if written is None else normalise(written)
        if cpr is None or self._citizen_by_cpr is None:
            return None
        return await self._citizen_by_cpr(cpr)


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever a hostile token makes a parser raise becomes one silent refusal."""
    try:
        yield
    except ExpiredTokenError:
        raise Unauthenticated(_EXPIRED) from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise Unauthenticated from None


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


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim's text, None when it is absent; `ValueError` for what no store or log can hold."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_CLAIM_CHARACTERS:
        raise ValueError("a claim is not a text of reasonable length")
    if not value.isprintable():
        raise ValueError("a claim has control characters or lone surrogates")
    return value


def _required(claims: Mapping[str, Any], name: str) -> str:
    value = _text(claims, name)
    if value is None:
        raise ValueError("a required claim is absent")
    return value
