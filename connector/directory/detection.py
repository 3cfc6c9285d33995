"""Find out whether a server reports changes, and why not.

A server that does not is fine where ``directory.mode`` is auto: every cycle then reads everything. It
is a failure where the operator chose the mode.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from connector.directory import ds389
from connector.directory.check_result import CheckResult
from connector.directory.client import wanted_filter
from connector.directory.controls import (
    DIRSYNC,
    SYNC_REQUEST,
    dirsync_request,
    sync_request,
    sync_state,
)
from connector.directory.dirsync import (
    BACK_LINK,
    GRANT_DELETED,
    UNSEEN_DELETES,
    filtered_by,
    shows_deletes,
)
from connector.directory.ldap import BASE, Control, Search
from connector.directory.marks import ahead, first_ahead
from connector.directory.refusals import CRITICAL_EXTENSION, INSUFFICIENT_RIGHTS
from connector.errors import DirectoryUnavailable
from connector.values import dn as dns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.directory.rootdse import RootDse
    from connector.directory.search_entry import Entry
    from connector.settings import DirectorySettings

_SAMPLE = 5
_NO_SYNC = "the server does not offer content synchronization (RFC 4533)"
_LOAD_SYNCPROV = "Load the syncprov overlay on the database, or set directory.mode to scan."
_ENABLE_PLUGINS = (
    "Enable its plug-ins Retro Changelog and Content Synchronization and restart it "
    "(docs/directories.md), or set directory.mode to scan."
)
_GRANT_CONTROL = (
    "Let {identity} read oid=1.3.6.1.4.1.4203.1.9.1.1,cn=features,cn=config by an aci "
    "(docs/directories.md), or set directory.mode to scan."
)
_MAKE_ANEW = (
    "Set the clocks of the server and of this machine right. Then write slapcat to a file, remove the "
    "lines contextCSN and entryCSN that lie ahead, and load it with slapadd -w (docs/directories.md)."
)
_REFUSED = {CRITICAL_EXTENSION, INSUFFICIENT_RIGHTS}


class Probe(NamedTuple):
    """The root DSE of a server, and a way to search it."""

    name: str
    settings: DirectorySettings
    root_dse: RootDse
    look: Callable[[Search, Sequence[Control]], list[Entry]]

    @property
    def identity(self) -> str:
        return self.settings.bind_dn or "the anonymous user"

    def well(self, detail: str) -> CheckResult:
        return CheckResult(self.name, ok=True, detail=detail)

    def lacking(self, detail: str, advice: str) -> CheckResult:
        """Report that the server does not tell what changed."""
        if self.settings.mode == "auto":
            return CheckResult(self.name, True, f"{detail}; every cycle reads everything", advice)
        return CheckResult(self.name, ok=False, detail=detail, advice=advice)


def detect(probe: Probe) -> CheckResult:
    """Examine what ``directory.mode`` needs; raises DirectoryUnavailable."""
    mode, root = probe.settings.mode, probe.root_dse
    if mode == "scan":
        return probe.well("not used: directory.mode is scan")
    if mode == "dirsync" or (mode == "auto" and root.is_active_directory):
        return _dirsync(probe)
    return _389(probe) if root.is_389 else _openldap(probe)


def _dirsync(probe: Probe) -> CheckResult:
    root = probe.root_dse
    if not root.has_dirsync:
        return probe.lacking(
            "the server does not offer DirSync", "Set directory.mode to auto or scan."
        )
    context = root.context(probe.settings.base_dn)
    head = Search(context, "(objectClass=domainDNS)", ("objectGUID",))
    try:
        probe.look(head, [Control(DIRSYNC, dirsync_request(b""))])
    except DirectoryUnavailable as error:
        return _refused(probe, error, f"Grant {probe.identity} read access to {context}.")
    if not shows_deletes(probe.look, context):
        return probe.lacking(
            UNSEEN_DELETES.format(identity=probe.identity), GRANT_DELETED.format(context=context)
        )
    if BACK_LINK in filtered_by(probe.settings.filter):
        advice = "Set directory.pilot_group instead."
        return probe.lacking("no delta tells what enters a filter on memberOf", advice)
    return probe.well(f"{root.host or 'the server'} tells what changed (DirSync)")


def _389(probe: Probe) -> CheckResult:
    root = probe.root_dse
    if not root.has_sync:
        return probe.lacking(_NO_SYNC, _ENABLE_PLUGINS)
    try:
        _sample_sync(probe)
    except DirectoryUnavailable as error:
        return _refused(probe, error, _GRANT_CONTROL.format(identity=probe.identity))
    last = root.last_change
    if last and (doubt := ds389.distrust(probe.look, probe.identity, last=last)):
        return probe.lacking(*doubt)
    return probe.well("the server tells what changed")


def _openldap(probe: Probe) -> CheckResult:
    if probe.root_dse.is_active_directory:
        return probe.lacking(_NO_SYNC, "Set directory.mode to auto, dirsync or scan.")
    if not probe.root_dse.has_sync:
        return probe.lacking(_NO_SYNC, _LOAD_SYNCPROV)
    try:
        _sample_sync(probe)
    except DirectoryUnavailable as error:
        if error.result_code != CRITICAL_EXTENSION:
            raise
        # The module is loaded, and the overlay is not on this database.
        return probe.lacking("the server tells no changes of this database", _LOAD_SYNCPROV)
    if marks := _context_csns(probe):
        return _in_time(probe, marks)
    return probe.lacking(
        f"{probe.settings.base_dn} shows no contextCSN",
        f"Grant {probe.identity} read access to it, or write to the directory once.",
    )


def _sample_sync(probe: Probe) -> None:
    wanted = wanted_filter(probe.settings.filter)
    search = Search(probe.settings.base_dn, wanted, ("objectClass",), limit=_SAMPLE)
    for entry in probe.look(search, [Control(SYNC_REQUEST, sync_request(None))]):
        sync_state(entry.controls)


def _context_csns(probe: Probe) -> list[bytes]:
    """Return the newest change marks, one for each server that writes.

    The entry that shows them is the suffix above the base.
    """
    base = dns.key(probe.settings.base_dn)
    suffixes = [s for s in probe.root_dse.naming_contexts if dns.is_below(base, dns.key(s))]
    return [
        mark
        for suffix in suffixes or [probe.settings.base_dn]
        for entry in probe.look(Search(suffix, "(objectClass=*)", ("contextCSN",), BASE), ())
        for mark in entry.attributes.get("contextcsn", ())
    ]


def _in_time(probe: Probe, marks: list[bytes]) -> CheckResult:
    """Look for a change mark from the future: as the newest one, else in a single entry."""
    now = time.time()
    if doubt := ahead(marks, now):
        detail = f"warning: {doubt}; until then the server tells of no change, and every cycle reads everything"
        return CheckResult(probe.name, True, detail, _MAKE_ANEW)
    latest = f"(entryCSN>={first_ahead(now)})"
    search = Search(probe.settings.base_dn, latest, ("entryCSN",), limit=1)
    for entry in probe.look(search, ()):
        if doubt := ahead([*entry.attributes.get("entrycsn", ())], now):
            detail = f"warning: {entry.dn} is kept back by the server: {doubt}"
            return CheckResult(probe.name, True, detail, _MAKE_ANEW)
    return probe.well("the server tells what changed")


def _refused(probe: Probe, error: DirectoryUnavailable, advice: str) -> CheckResult:
    if error.result_code not in _REFUSED:
        raise error
    return probe.lacking(str(error).partition(". ")[0], advice)
