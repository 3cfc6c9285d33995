"""A finding: one value of one object that the cloud would not accept unchanged."""

from __future__ import annotations

from typing import NamedTuple

FORMAT = "Format"
BLANK = "Blank"
DUPLICATE = "Duplicate"
CHARACTER = "Character"
TOP_LEVEL_DOMAIN = "TopLevelDomain"
DOMAIN_PART = "DomainPart"
LOCAL_PART = "LocalPart"
LENGTH = "Length"
MAIL_MATCH = "MailMatch"

ERRORS = (
    FORMAT,
    BLANK,
    DUPLICATE,
    CHARACTER,
    TOP_LEVEL_DOMAIN,
    DOMAIN_PART,
    LOCAL_PART,
    LENGTH,
    MAIL_MATCH,
)
"""The error names of IdFix, whose successor this is."""

EDIT, REMOVE, COMPLETE = "EDIT", "REMOVE", "COMPLETE"


class Finding(NamedTuple):
    """One error in one value.

    ``update`` is an acceptable value, None where a person must choose; ``action`` is EDIT (use the
    update, or choose one), REMOVE (take the value away) or COMPLETE (this object may keep it).
    """

    dn: str
    object_type: str
    attribute: str
    error: str
    value: str
    update: str | None
    action: str
    message: str
