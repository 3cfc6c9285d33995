"""Tell a client where to sign in, as the documents of OpenID Connect Discovery 1.0 and MSAL's own do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.web.signin.tokens import issuer

if TYPE_CHECKING:
    from connector.web.signin.keys import SigningKey

# Those of the real service, by which a client that came through a proxy knows the host.
_ALIASES = (
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
)


def configuration(base: str, tenant: str) -> dict[str, Any]:
    """Return the document ``.well-known/openid-configuration`` of a tenant, its links below ``base``."""
    return {
        "token_endpoint": f"{base}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{base}/{tenant}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["token"],
        "scopes_supported": ["https://graph.microsoft.com/.default"],
        "issuer": issuer(base, tenant),
        "grant_types_supported": ["client_credentials"],
        "authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/authorize",
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "oid", "tid", "ver"],
        "msgraph_host": base.partition("://")[2],
    }


def instance(base: str, tenant: str) -> dict[str, Any]:
    """Return the document of the clouds that there are: this host alone, by the names it may have."""
    host = base.partition("://")[2]
    aliases = list(_ALIASES) if host in _ALIASES else [host]
    return {
        "tenant_discovery_endpoint": f"{base}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": aliases}],
    }


def key_set(key: SigningKey) -> dict[str, Any]:
    """Return the keys that sign tokens (RFC 7517)."""
    return {"keys": [key.jwk()]}
