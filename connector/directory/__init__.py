"""The edge to the connected directory: everything about LDAP ends here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.reads import NOTHING_MORE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from connector.directory.servers import Password
    from connector.model import DirectoryEntry
    from connector.ports import Directory
    from connector.settings import DirectorySettings
    from connector.values.reads import Reads


def open_directory(
    settings: DirectorySettings,
    *,
    password: Password,
    stop: Callable[[], bool] = lambda: False,
    reads: Reads = NOTHING_MORE,
) -> Directory:
    """Return the connected directory, of which ``reads`` is read too; the first use connects.

    A ``password`` that is a function is read anew for each connection; it may raise InvalidSettings.
    A waiting read polls ``stop``: once it is true, the read raises ReadStopped within a second.
    Raises InvalidSettings for an unusable URL or filter.
    """
    # ldap3 takes a tenth of a second to import, which ``connector status`` need not pay.
    from connector.directory.client import LdapDirectory  # noqa: PLC0415

    return LdapDirectory(settings, password, stop, reads)


def read_entry(
    settings: DirectorySettings, dn: str, attributes: Collection[str], *, password: Password
) -> DirectoryEntry | None:
    """Return the entry of this name as it is now, with these attributes; None where there is none.

    Raises DirectoryUnavailable when it cannot be read.
    """
    from connector.directory import one_entry  # noqa: PLC0415 - as above

    return one_entry.read_entry(settings, dn, attributes, password)
