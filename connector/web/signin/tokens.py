"""Issue signed tokens to applications, and tell whether a token is one of these."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Any

import jwt

from connector.web.exchange import Caller

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from jwt.types import Options

    from connector.web.exchange import AppRole
    from connector.web.signin.apps import App, Apps
    from connector.web.signin.keys import Keys

AUDIENCE = "https://graph.microsoft.com"
LIFETIME = 3599
"""Seconds."""

_ALGORITHM = "RS256"
_SKEW = 5
_ROLES: dict[AppRole, str] = {
    "reader": "Directory.Read.All",
    "admin": "Directory.ReadWrite.All",
    "synchronization": "Synchronization.ReadWrite.All",
}
_REQUIRED = ["aud", "iss", "tid", "appid", "iat", "nbf", "exp"]


class TokenRefused(Exception):
    """A token is not valid; ``reason`` says in a word why, for the log, the message why for the client."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Tokens:
    """The tokens of a tenant; ``tenant_id`` returns its id, ``clock`` the time in UTC."""

    def __init__(
        self, keys: Keys, apps: Apps, tenant_id: Callable[[], str], clock: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._apps = apps
        self._tenant_id = tenant_id
        self._clock = clock

    def issue(self, app: App, base: str) -> str:
        """Return a token for an application; ``base`` is scheme and host that it asked."""
        tenant, now = self._tenant_id(), int(self._clock().timestamp())
        principal = str(uuid.uuid5(uuid.UUID(app.client_id), tenant))
        key = self._keys.current()
        claims = {
            "aud": AUDIENCE,
            "iss": issuer(base, tenant),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "app_displayname": app.name,
            "appid": app.client_id,
            "appidacr": "1",
            "azp": app.client_id,
            "idtyp": "app",
            "oid": principal,
            "roles": [_ROLES[app.role]],
            "sub": principal,
            "tid": tenant,
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }
        return jwt.encode(claims, key.private, _ALGORITHM, headers={"kid": key.id})

    def caller(self, token: str) -> Caller:
        """Return the application that a token was issued to; raises TokenRefused."""
        claims = self._claims(token)
        now = self._clock().timestamp()
        if claims["exp"] <= now:
            raise TokenRefused("expired", "Lifetime validation failed, the token is expired.")
        if claims["nbf"] > now + _SKEW or claims["iat"] > now + _SKEW:
            raise TokenRefused(
                "not-yet-valid", "Lifetime validation failed, the token is not yet valid."
            )
        tenant = self._tenant_id()
        if claims["tid"] != tenant or not claims["iss"].endswith(f"/{tenant}/v2.0"):
            raise TokenRefused("tenant", "Access token is of another tenant.")
        app = self._apps.find(claims["appid"])
        if app is None:
            raise TokenRefused("removed-app", "The application of the access token was removed.")
        return Caller(app.name, app.role, app.client_id)

    def _claims(self, token: str) -> dict[str, Any]:
        """Return what a token says that this tenant's key signed; times are looked at elsewhere."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError as error:
            raise TokenRefused("malformed", "CompactToken parsing failed.") from error
        if header.get("alg") != _ALGORITHM:
            raise TokenRefused("algorithm", "Access token validation failure. Invalid algorithm.")
        key = self._keys.current()
        if header.get("kid") != key.id:
            raise TokenRefused("key", "Access token validation failure. Signing key is unknown.")
        options: Options = {
            "require": _REQUIRED,
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
        }
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.public,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                options=options,
            )
        except jwt.InvalidAudienceError as error:
            raise TokenRefused(
                "audience", "Access token validation failure. Invalid audience."
            ) from error
        except jwt.InvalidTokenError as error:
            raise TokenRefused(
                "signature", "Access token validation failure. Invalid signature."
            ) from error
        texts, numbers = ("iss", "tid", "appid"), ("iat", "nbf", "exp")
        if not (
            all(isinstance(claims[name], str) for name in texts)
            and all(isinstance(claims[name], int) for name in numbers)
        ):
            raise TokenRefused("malformed", "CompactToken parsing failed.")
        return claims


def issuer(base: str, tenant: str) -> str:
    """Return the issuer that tokens and discovery documents name."""
    return f"{base}/{tenant}/v2.0"
