"""Say what an LDAP result code means for an operator, and what to do next.

Pure: codes (RFC 4511 A.1) in, errors out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import CookieRefused, DirectoryUnavailable, ResyncRequired

if TYPE_CHECKING:
    from connector.directory.wire import Result

SUCCESS, TIME_LIMIT, SIZE_LIMIT, REFERRAL = 0, 3, 4, 10
CRITICAL_EXTENSION, NO_SUCH_OBJECT, INVALID_CREDENTIALS, INSUFFICIENT_RIGHTS = 12, 32, 49, 50
CONSTRAINT_VIOLATION = 19
BUSY, UNAVAILABLE = 51, 52
UNWILLING, SYNC_REFRESH_REQUIRED = 53, 4096

_NAMES = {
    1: "operationsError",
    2: "protocolError",
    3: "timeLimitExceeded",
    4: "sizeLimitExceeded",
    7: "authMethodNotSupported",
    8: "strongerAuthRequired",
    10: "referral",
    11: "adminLimitExceeded",
    12: "unavailableCriticalExtension",
    13: "confidentialityRequired",
    19: "constraintViolation",
    32: "noSuchObject",
    34: "invalidDNSyntax",
    48: "inappropriateAuthentication",
    49: "invalidCredentials",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    80: "other",
    4096: "e-syncRefreshRequired",
}

_SEE_LOG = "See the log of the directory server."
_LIMIT = (
    "Only part of the entries came, so nothing was changed. Lift the {what} of {identity} on the "
    "server (OpenLDAP: limits dn.exact=... size=unlimited time=unlimited; 389: nsSizeLimit, "
    "nsTimeLimit and nsLookThroughLimit -1 in its entry)."
)
_NEXT_STEP = {
    1: "If the server wants a bind first, set directory.bind_dn and its password.",
    TIME_LIMIT: _LIMIT.replace("{what}", "time limit"),
    SIZE_LIMIT: _LIMIT.replace("{what}", "size limit"),
    8: "Set directory.tls to starttls or ldaps.",
    REFERRAL: "Set directory.url to the server that holds {base}: {referrals}.",
    11: _LIMIT.replace("{what}", "limits"),
    CRITICAL_EXTENSION: (
        "Content synchronization is not enabled for {base}: load the syncprov overlay on that "
        "database, or set directory.mode to scan."
    ),
    13: "Set directory.tls to starttls or ldaps.",
    CONSTRAINT_VIOLATION: "After too many wrong passwords {identity} is locked: unlock it, or wait.",
    NO_SUCH_OBJECT: "Check directory.base_dn, and that {identity} may read it.",
    34: "Check how directory.base_dn and directory.bind_dn are written.",
    48: "Check how {identity} may authenticate.",
    INVALID_CREDENTIALS: "Check directory.bind_dn and its password.",
    INSUFFICIENT_RIGHTS: "Grant {identity} read access to {base} and everything below it.",
    51: "The server is busy; the next cycle tries again.",
    52: "The server is shutting down or overloaded; the next cycle tries again.",
}

# Active Directory answers 49 to all of these, with the Windows error in hexadecimal behind "data".
_ACCOUNT = re.compile(r"\bdata ([0-9a-f]{3}),")
_ACCOUNT_STEP = {
    "530": "{identity} may not log on at this time: change its logon hours.",
    "531": "{identity} may not log on from here: change the computers that it may log on to.",
    "532": "The password of {identity} has expired: set it anew, or so that it does not expire.",
    "533": "{identity} is disabled: enable it.",
    "701": "{identity} has expired: change its expiration date.",
    "773": "{identity} must change its password first: set it anew without that demand.",
    "775": "{identity} is locked after too many wrong passwords: unlock it.",
}

_COOKIE_STEP = (
    "The server knows less than it told before: it lags behind, or was restored from a backup. "
    "The cookie is kept; if this lasts, run an initial sync."
)


class Attempt(NamedTuple):
    """A request to a server: ``action`` completes "refused to", ``step`` replaces the advice."""

    url: str
    action: str
    base: str = ""
    identity: str = ""
    step: str = ""


def refusal(result: Result, attempt: Attempt, *, cookie_sent: bool = False) -> DirectoryUnavailable:
    """Return the error for a result that is not success."""
    name = _NAMES.get(result.code, "result")
    message = result.message[:200].rstrip(". ").replace(". ", "; ")
    said = f" {message!r}" if message else ""
    step = attempt.step or _account_step(result) or _NEXT_STEP.get(result.code, _SEE_LOG)
    step = step.format(
        base=attempt.base or "the root of the directory",
        identity=attempt.identity or "the anonymous user",
        referrals=" ".join(result.referrals)[:200] or "the server does not say which",
    )
    kind = DirectoryUnavailable
    if result.code == SYNC_REFRESH_REQUIRED:
        kind, step = ResyncRequired, "The next import reads everything."
    elif result.code == UNWILLING and cookie_sent:
        kind, step = CookieRefused, _COOKIE_STEP
    error = kind(f"{attempt.url} refused to {attempt.action}: {name} ({result.code}){said}. {step}")
    error.result_code = result.code
    return error


def _account_step(result: Result) -> str:
    found = _ACCOUNT.search(result.message) if result.code == INVALID_CREDENTIALS else None
    return _ACCOUNT_STEP.get(found[1], "") if found else ""
