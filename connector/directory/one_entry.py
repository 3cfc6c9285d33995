"""Read one entry with attributes of the caller's choice, apart from any import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory import reading
from connector.directory.ldap import BASE, Search
from connector.directory.refusals import NO_SUCH_OBJECT
from connector.directory.servers import Servers
from connector.errors import DirectoryUnavailable
from connector.model import DirectoryEntry
from connector.values import dn as dns
from connector.values.schema import standard
from connector.values.withheld import is_withheld

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.directory.servers import Password
    from connector.settings import DirectorySettings

# By it a group that is read in parts is known to be the same to the end.
_STAMP = "uSNChanged"


def read_entry(
    settings: DirectorySettings, dn: str, attributes: Collection[str], password: Password
) -> DirectoryEntry | None:
    """Return the entry of this name as it is now, whatever the filter of the settings.

    Of its attributes it has those that are named, in lower case, and its identity; no secrets. None
    where there is no such entry below the base DN. Raises DirectoryUnavailable.
    """
    if not dns.is_below(dns.key(dn), dns.key(settings.base_dn)):
        return None
    servers = Servers(settings, password, lambda: False)
    try:
        asked = (servers.ask_root_dse().id_attribute, _STAMP, *sorted(attributes))
        found = [*reading.entries(servers, Search(dn, reading.EVERYTHING, asked, BASE))]
        return _under_the_names_asked_for(servers, found[0], attributes) if found else None
    except DirectoryUnavailable as error:
        if error.result_code != NO_SUCH_OBJECT:
            raise
        return None
    finally:
        servers.close()


def _under_the_names_asked_for(
    servers: Servers, entry: DirectoryEntry, names: Collection[str]
) -> DirectoryEntry:
    """Add what the server shows under another of its names: ``street`` for ``streetAddress``."""
    shown = {name: v for name, v in entry.attributes.items() if not is_withheld(name)}
    if missing := [name for name in names if name not in shown]:
        schema = servers.ask_schema() or standard()
        known = {schema.plain(name).name: values for name, values in shown.items()}
        for name in missing:
            if values := known.get(schema.plain(name).name):
                shown[name] = values
    return DirectoryEntry(entry.uuid, entry.dn, shown)
