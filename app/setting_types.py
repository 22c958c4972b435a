"""The forms that settings are written in, checked as they are read."""

import base64
import binascii
import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr

_KEY_BYTES: Final = 32
_ORIGIN: Final = re.compile(r"https?://[^\s/?#@*]+/?", re.IGNORECASE)


def key_bytes(text: str) -> bytes:
    """32 bytes from base64; raises `ValueError` without the text."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(f"must be base64 of {_KEY_BYTES} bytes")
    return key


def keys_by_id(text: str) -> dict[int, bytes]:
    """`id:base64,id:base64` as keys by id; raises `ValueError` without the text."""
    keys: dict[int, bytes] = {}
    for part in filter(None, text.split(",")):
        key_id, _, key = part.strip().partition(":")
        if not (key_id.isascii() and key_id.isdigit() and 1 <= int(key_id) <= 255):
            raise ValueError("must be id:key pairs separated by commas, ids 1-255")
        keys[int(key_id)] = key_bytes(key)
    return keys


def secret_bytes(text: str) -> tuple[bytes, ...]:
    """One or two secrets, `whsec_base64,whsec_base64`; raises `ValueError` without the text."""
    try:
        secrets: tuple[bytes, ...] = tuple(
            base64.b64decode(one.strip().removeprefix("whsec_"), validate=True)
            for one in text.split(",")
        )
    except (binascii.Error, ValueError):
        secrets = ()
    if len(secrets) not in (1, 2) or not all(24 <= len(secret) <= 64 for secret in secrets):
        raise ValueError("must be whsec_ and base64 of 24 to 64 bytes, or two with a comma between")
    return secrets


def shared_secrets(given: SecretStr | None) -> tuple[bytes, ...]:
    """One or two secrets as they are, `new,old`, none of None; raises `ValueError` without them."""
    if given is None:
        return ()
    parts = given.get_secret_value().split(",")
    secrets = tuple(one.strip().encode("utf-8", "surrogateescape") for one in parts)
    if len(secrets) > 2 or not all(16 <= len(secret) <= 256 for secret in secrets):
        raise ValueError("must be 16 to 256 characters, or two such with a comma between")
    return secrets


def origins(text: str) -> list[str]:
    """Origins of web pages, separated by commas; raises `ValueError` for what is none.

    >>> origins("https://minplan.example, http://localhost:3000")
    ['https://minplan.example', 'http://localhost:3000']
    """
    found = [one.strip() for one in text.split(",") if one.strip()]
    if not all(_ORIGIN.fullmatch(one) for one in found):
        raise ValueError("must be origins such as https://minplan.example, separated by commas")
    return found


def _checked_key(secret: SecretStr) -> SecretStr:
    key_bytes(secret.get_secret_value())
    return secret


def _checked_keys(secret: SecretStr) -> SecretStr:
    keys_by_id(secret.get_secret_value())
    return secret


def _checked_secrets(secret: SecretStr) -> SecretStr:
    secret_bytes(secret.get_secret_value())
    return secret


def _checked_shared_secrets(secret: SecretStr) -> SecretStr:
    shared_secrets(secret)
    return secret


def _checked_origins(text: str) -> str:
    origins(text)
    return text


def _without_end_slashes(url: str) -> str:
    return url.rstrip("/")


Key = Annotated[SecretStr, AfterValidator(_checked_key)]
KeysById = Annotated[SecretStr, AfterValidator(_checked_keys)]
WebhookSecrets = Annotated[SecretStr, AfterValidator(_checked_secrets)]
SharedSecrets = Annotated[SecretStr, AfterValidator(_checked_shared_secrets)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+")]
BaseUrl = Annotated[
    str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$"), AfterValidator(_without_end_slashes)
]
OriginList = Annotated[str, AfterValidator(_checked_origins)]
ClaimName = Annotated[str, Field(min_length=1)]
Seconds = Annotated[int, Field(ge=0)]
SmsSender = Annotated[str, Field(pattern=r"^([A-Za-z0-9 ]{1,11}|[0-9]{1,15})$")]
AtOnce = Annotated[int, Field(ge=1, le=1000)]
PerSecond = Annotated[float, Field(gt=0, allow_inf_nan=False)]
TextLimit = Annotated[int, Field(ge=1, le=100_000)]
