"""Name the attributes that hold secrets: no rule reads them, and nothing of them is staged."""

from __future__ import annotations

from fnmatch import fnmatchcase

_PATTERNS = (
    "*pwdhistory",
    "authpassword",
    "dbcspwd",
    "krb*key",
    "ms-mcs-admpwd",
    "msds-managedpassword",
    "mslaps-*",
    "sambalmpassword",
    "sambantpassword",
    "sambapasswordhistory",
    "supplementalcredentials",
    "unicodepwd",
    "userpassword",
    "userpkcs12",
)


def is_withheld(attribute: str) -> bool:
    """Tell whether an attribute holds a secret, by its name in any case and with any options."""
    name = attribute.partition(";")[0].lower()
    return any(fnmatchcase(name, pattern) for pattern in _PATTERNS)
