"""Civil registration numbers at rest: encrypted, and found by a keyed hash."""

import hmac
import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from app.domain.cpr import normalise

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"minplan civil registration number"


class CprUnreadable(Exception):
    """Stored bytes that no configured key opens: a changed value, or a key that is missing."""

    def __init__(self) -> None:
        super().__init__("a stored civil registration number cannot be decrypted")


class CprVault:
    """Encrypts, decrypts and indexes civil registration numbers.

    Stored form, 39 bytes: key id (1), random nonce (12), AES-256-GCM-SIV ciphertext (10) and tag
    (16). The SIV mode keeps its secrets even if a nonce should repeat. To rotate, give the new key
    a new id and keep the old one among `retired`: old rows stay readable and are written with the
    new key when they are next stored. The index key cannot be rotated without a re-index.
    """

    __slots__ = ("_ciphers", "_index_key", "_key_id")

    def __init__(
        self,
        cpr_key: bytes,
        cpr_index_key: bytes,
        *,
        key_id: int = 1,
        retired: Mapping[int, bytes] | None = None,
    ) -> None:
        """Keys are 32 bytes each, ids 1-255; raises `ValueError` otherwise."""
        keys = {**(retired or {}), key_id: cpr_key}
        if any(len(key) != _KEY_BYTES for key in (*keys.values(), cpr_index_key)):
            raise ValueError(f"a key for civil registration numbers is {_KEY_BYTES} bytes")
        if key_id in (retired or {}) or not all(1 <= one <= 255 for one in keys):
            raise ValueError("key ids are between 1 and 255, and differ")
        self._ciphers = {one: AESGCMSIV(key) for one, key in keys.items()}
        self._index_key = cpr_index_key
        self._key_id = key_id

    def encrypt(self, cpr: str) -> bytes:
        """The stored form of a number; twice the same number gives two different values."""
        header = bytes((self._key_id,))
        nonce = os.urandom(_NONCE_BYTES)
        plain = normalise(cpr).encode("ascii")
        return header + nonce + self._ciphers[self._key_id].encrypt(nonce, plain, header + _PURPOSE)

    def decrypt(self, stored: bytes) -> str:
        """The ten digits; raises `CprUnreadable`."""
        header, nonce = stored[:1], stored[1 : 1 + _NONCE_BYTES]
        cipher = self._ciphers.get(header[0]) if header else None
        if cipher is None:
            raise CprUnreadable
        try:
            plain = cipher.decrypt(nonce, stored[1 + _NONCE_BYTES :], header + _PURPOSE)
        except (InvalidTag, ValueError):
            raise CprUnreadable from None
        return plain.decode("ascii")

    def index(self, cpr: str) -> bytes:
        """HMAC-SHA256 of the number (32 bytes): equal for equal numbers, useless without the key.

        The key is what protects it: there are few enough numbers to try them all.
        """
        return hmac.digest(self._index_key, _PURPOSE + normalise(cpr).encode("ascii"), "sha256")
