"""The development token issuer: a signing key under the data folder, shared by API and CLI.

It does not exist in production. Whoever can read the key file can be anyone, in development only.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from app.domain.assurance import Assurance
from app.domain.viewer import Role, Viewer
from app.settings import Settings, SettingsError, env_name

_ALGORITHM: Final = "ES256"
_KEY_FILE: Final = "development-issuer-key.json"
_NAMES: Final = {
    Role.CITIZEN: "Demo Borger",
    Role.JOBCENTER: "Demo Jobkonsulent",
    Role.FUND: "Demo A-kassemedarbejder",
    Role.INSTITUTION: "Demo Uddannelsesvejleder",
    Role.SYSTEM: "Demo System",
}


def development_subject(role: Role, owner: str, name: str | None) -> str:
    """The stable id of a development login: two names in one organisation are two people."""
    return f"development:{role}:{owner}:{name or _NAMES[role]}"


class DevelopmentIssuer:
    """Issues tokens for any role and is the `KeySource` that verifies them without HTTP.

    Raises `SettingsError` in production, and when the key file cannot be read as a key.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        if settings.is_production:
            raise SettingsError(f"{env_name('oidc_jwks_url')}: tokens are not issued in production")
        self._settings = settings
        self._clock = clock
        self._path = settings.data_dir / _KEY_FILE
        self._key = _kept_key(self._path)
        self._public = _public(self._key)

    def jwks(self) -> dict[str, Any]:
        """The public JWK set, for `/dev/jwks.json`."""
        return {"keys": [self._key.as_dict(private=False)]}

    async def keys(self) -> KeySet:
        return self._public

    async def newer_keys(self) -> KeySet:
        """Reads the file again: the data folder may have been emptied under a running server."""
        self._key = _kept_key(self._path)
        self._public = _public(self._key)
        return self._public

    def issue(
        self,
        role: Role,
        *,
        citizen_id: UUID | None = None,
        organisation: str | None = None,
        name: str | None = None,
        minutes: int = 60,
        assurance: Assurance | None = None,
        privileges: object = None,
    ) -> str:
        """A signed token, valid for `minutes` from now.

        assurance: the login's level, none told by default. privileges: an OIO BPP claim, which
        then stands for role and organisation (the settings must name its claim).

        Raises `ValueError` when a citizen has no citizen id, another role no organisation, the
        role is anonymous or `minutes` is not positive.
        """
        if role is Role.ANONYMOUS:
            raise ValueError("an anonymous viewer has no token")
        if minutes <= 0:
            raise ValueError("a token lasts at least one minute")
        now = int(self._clock())
        viewer = Viewer(
            role=role,
            subject=development_subject(role, str(citizen_id or organisation), name),
            name=name or _NAMES[role],
            organisation_code=organisation,
            citizen_id=citizen_id,
            expires_at=now + minutes * 60,
        )
        header = {"alg": _ALGORITHM, "kid": self._key.kid}
        claims = self._claims(viewer, now)
        if assurance is not None:
            claims[self._settings.claim_assurance] = assurance.uri
        if privileges is not None:
            assert self._settings.claim_privileges
            claims[self._settings.claim_privileges] = privileges
            del claims[self._settings.claim_role], claims[self._settings.claim_organisation]
        return jwt.encode(header, claims, self._key)

    def _claims(self, viewer: Viewer, now: int) -> dict[str, Any]:
        settings = self._settings
        named = {
            settings.claim_subject: viewer.subject,
            settings.claim_role: viewer.role.value,
            settings.claim_name: viewer.name,
            settings.claim_organisation: viewer.organisation_code,
            settings.claim_citizen: None if viewer.citizen_id is None else str(viewer.citizen_id),
        }
        return {
            "iss": settings.oidc_issuer,
            "aud": settings.oidc_audience,
            "iat": now,
            "exp": viewer.expires_at,
            **{claim: value for claim, value in named.items() if value is not None},
        }


def _public(key: ECKey) -> KeySet:
    return KeySet([ECKey.import_key(key.as_dict(private=False))])


def _kept_key(path: Path) -> ECKey:
    """The key in the file, made first when there is none."""
    if not path.exists():
        _write_once(path)
    try:
        return ECKey.import_key(orjson.loads(path.read_bytes()))
    except (JoseError, ValueError, TypeError, KeyError):
        raise SettingsError(f"{path} is not a signing key: delete it to have a new one") from None


def _write_once(path: Path) -> None:
    """Put a new key at `path` (mode 600) unless another process was first.

    A hard link appears whole or not at all and never replaces a file: of two processes that start
    together both end up with the same key.
    """
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(key.as_dict(private=True)))
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
