"""Keep the key that signs tokens in a file of the storage folder, so that a restart ends no token."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.utils import base64url_encode, to_base64url_uint

from connector.errors import StorageUnusable
from connector.storage.database import folder_to_itself
from connector.storage.whole_file import writing_whole
from connector.web.signin.watched import Watched

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

FILE = "web-key.pem"
_BITS = 2048
_EXPONENT = 65537


class SigningKey:
    """A private key and the id by which its tokens name it."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self.private = private
        self.public: RSAPublicKey = private.public_key()
        der = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.id = base64url_encode(hashlib.sha256(der).digest()).decode("ascii")

    def jwk(self) -> dict[str, str]:
        """Return the public key as an item of a JSON Web Key Set (RFC 7517)."""
        numbers = self.public.public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "n": to_base64url_uint(numbers.n).decode("ascii"),
            "e": to_base64url_uint(numbers.e).decode("ascii"),
        }


class Keys:
    """The signing key of a storage folder, which is made on first use (mode 0600)."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage
        self._path = storage / FILE
        self._watched = Watched(self._path, self._read)

    def current(self) -> SigningKey:
        """Return the key; raises StorageUnusable where the file is damaged or cannot be written."""
        return self._watched.look()

    def _read(self, content: bytes | None) -> SigningKey:
        if content is None:
            return SigningKey(self._make())
        try:
            key = load_pem_private_key(content, password=None)
        except (ValueError, TypeError) as error:
            raise self._damaged() from error
        if not isinstance(key, RSAPrivateKey):
            raise self._damaged()
        return SigningKey(key)

    def _make(self) -> RSAPrivateKey:
        """Write a new key, or take the one that another process has just written."""
        key = generate_private_key(_EXPONENT, _BITS)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with folder_to_itself(self._storage, shared=False):
            if self._path.exists():
                return self._read(self._path.read_bytes()).private
            with writing_whole(self._path) as file:
                file.write(text.decode("ascii"))
        return key

    def _damaged(self) -> StorageUnusable:
        return StorageUnusable(
            f"{self._path}: it is not an RSA key. Remove it: a new one is made, and clients get new tokens."
        )
