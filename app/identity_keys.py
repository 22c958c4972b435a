"""The keys that prove tokens: which algorithms exist, and where public keys come from."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import httpx
import orjson
from joserfc.errors import InvalidKeyCurveError, JoseError
from joserfc.jwa import EdDSAAlgorithm, ESAlgorithm, JWSAlgModel, RSAAlgorithm
from joserfc.jwk import JWKRegistry, Key, KeySet, RSAKey
from joserfc.jws import JWSRegistry

log = logging.getLogger(__name__)

_FETCH_SECONDS: Final = 5.0
_MIN_RSA_BITS: Final = 2048
_KEY_TYPES: Final = ("RSA", "EC", "OKP")


class _Ed25519(EdDSAAlgorithm):
    """The name `EdDSA` leaves the curve open, which is what its warning is about: pin it."""

    security_warning = ""

    def check_key(self, key: Any) -> None:
        super().check_key(key)
        if key.curve_name != "Ed25519":
            raise InvalidKeyCurveError


class SignatureRegistry(JWSRegistry):
    """RS256, ES256 and EdDSA, and nothing else: another name is not forbidden, it is unknown.

    Unknown header members are ignored as RFC 7515 says, critical ones refused; `b64` is not
    known, since RFC 7797 keeps it out of JWTs.
    """

    algorithms: dict[str, JWSAlgModel] = {  # noqa: RUF012 - declared as a plain dict by the base
        one.name: one for one in (RSAAlgorithm(256), ESAlgorithm("ES256", "P-256", 256), _Ed25519())
    }
    default_header_registry = {  # noqa: RUF012 - as above
        name: one for name, one in JWSRegistry.default_header_registry.items() if name != "b64"
    }
    max_header_length = 4096


SIGNATURES: Final = SignatureRegistry(
    algorithms=tuple(SignatureRegistry.algorithms), strict_check_header=False
)


class KeySource(Protocol):
    """Where the public keys of the issuer come from."""

    async def keys(self) -> KeySet:
        """The keys as they are known, perhaps none."""
        ...

    async def newer_keys(self) -> KeySet:
        """The keys after a look for new ones, asked for when a token names an unknown key."""
        ...


def key_for(keys: KeySet, kid: str | None, key_type: str) -> Key | None:
    """The key a token names; without a name, the only key there is. Its type must fit too."""
    named = [key for key in keys if key.kid == kid] if kid is not None else keys.keys
    if kid is None and len(named) != 1:
        return None
    return next((key for key in named if key.key_type == key_type), None)


def usable_keys(document: object) -> KeySet:
    """The signature keys of a JWK set, without those no algorithm here uses.

    Raises `ValueError` when it is not a JWK set or holds no usable key.
    """
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise ValueError("not a JWK set")
    keys = [key for member in members if (key := _usable_key(member)) is not None]
    if not keys:
        raise ValueError("no usable key in the JWK set")
    return KeySet(keys)


def _usable_key(member: object) -> Key | None:
    """One public key; None for symmetric, encryption-only, weak, malformed and unknown ones."""
    if not isinstance(member, dict) or member.get("kty") not in _KEY_TYPES:
        return None
    try:
        key = JWKRegistry.import_key(member)
        if isinstance(key, RSAKey) and key.public_key.key_size < _MIN_RSA_BITS:
            return None
        return key if SignatureRegistry.filter_algorithms(key) else None
    except (JoseError, ValueError, KeyError, TypeError):
        return None


async def fetch_json(url: str) -> object:
    """The JSON document at a URL; raises `httpx.HTTPError` or `ValueError`."""
    async with httpx.AsyncClient(timeout=_FETCH_SECONDS) as client:
        response = await client.get(url)
    document: object = orjson.loads(response.raise_for_status().content)
    return document


class HttpKeySource:
    """A broker's JWK set, cached; one fetch at a time, shared by all who wait for it.

    Keys are fetched again when they are `cache_seconds` old or a token names an unknown key, but
    never more often than every `min_refetch_seconds`, also when fetching fails. The last good keys
    stay in use for as long as the broker does not answer.
    """

    def __init__(
        self,
        url: str,
        *,
        cache_seconds: float,
        min_refetch_seconds: float,
        fetch: Callable[[str], Awaitable[object]] = fetch_json,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._cache_seconds = cache_seconds
        self._min_refetch_seconds = min_refetch_seconds
        self._fetch_document = fetch
        self._clock = clock
        self._keys = KeySet([])
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._running: asyncio.Task[None] | None = None

    async def keys(self) -> KeySet:
        if self._within(self._fetched_at, self._cache_seconds):
            return self._keys
        return await self.newer_keys()

    async def newer_keys(self) -> KeySet:
        running = self._running
        if running is None and not self._within(self._asked_at, self._min_refetch_seconds):
            self._asked_at = self._clock()
            running = self._running = asyncio.create_task(self._fetch())
        if running is not None:
            # A client that leaves must not take the fetch away from the others who wait.
            await asyncio.shield(running)
        return self._keys

    async def aclose(self) -> None:
        """Stop a fetch that is under way."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _within(self, since: float | None, seconds: float) -> bool:
        return since is not None and self._clock() - since < seconds

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                self._keys = usable_keys(await self._fetch_document(self._url))
            self._fetched_at = self._clock()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            log.warning("the issuer's keys cannot be fetched: %s", type(error).__name__)
        finally:
            self._running = None
