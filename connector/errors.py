"""Define every error that the program raises on purpose.

    ConnectorError                 root, never raised itself
      InvalidSettings              problems: all of them at once; exit 2
      DirectoryUnavailable         cannot connect, bind or search; the cycle ends, the watermark stays; exit 4
        ResyncRequired             the server refused the cookie; the next import must be full
        CookieRefused              the server cannot serve the cookie now; ask again with the same one
        MalformedAnswer            the server sent bytes that are not LDAP
        ReadStopped                the daemon is stopping; the read was given up
      PlanUnusable                 a plan of a dry run is missing, damaged, or of another tenant; exit 2
      PlanRefused                  a sync would no longer do what the plan shows; exit 3
      RunStopped                   a guard said no before the first write; exit 3
      InstanceLocked               another instance holds the storage path; exit 75
      DaemonUnavailable            the daemon went away before it answered; exit 75
        DaemonUnresponsive         the daemon is there, and gives no sign of life
      WorkStopped                  long work was given up because somebody said stop; exit 130
      QueryTooLong                 a query of the web was given up; exit 75
      ProcessLost                  a process that does a part of the work ended; exit 75
      StorageUnusable              a database is missing, corrupt, full or too new; exit 2
        StorageForbidden           this user lacks a right on the storage folder
        StorageCopied              a storage folder has the client id of another one
        TenantMoved                the tenant was moved to another database, or not wholly to this one
        TenantElsewhere            what was asked needs the tenant itself, which another site has
        TenantUnavailable          the server of another site's tenant does not answer, or refuses
        StorageRemoved             the storage folder was taken away from an instance at work
        LogUnusable                a line of the log cannot be written
      OutputLost                   standard output is closed or full; exit 2
      InvalidRequest               an argument of a request is missing, unknown or of another type; exit 2
      UnknownObject                no object has the given identity; exit 2
      AmbiguousIdentity            several objects have the given name; exit 2
      InvalidLdif                  a file is not LDIF, or changes a missing entry; exit 2
      PlaceholdersExhausted        all placeholder UPNs of a prefix are taken
      TenantRefused                the tenant refused an administrator's request; exit 2
      CmdletFailed                 a cmdlet line cannot be read, bound or carried out; exit 1
      MailUndelivered              a mail could not be sent; exit 2
      LabUnusable                  the lab's directory server is missing, or refused a request; exit 2

A failed object is a result, not an exception: it is recorded and the run goes on. A
``sqlite3.IntegrityError`` on the claims table is a bug, never control flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from connector.run import RunResult


class ConnectorError(Exception):
    """The superclass of all errors raised on purpose; never raised itself.

    ``reason`` says in a word why a job fails that meets it; empty where what was asked is refused. ``kind``
    tells a refusal from others where it comes as an answer; empty where nobody needs to tell it.
    """

    exit_code = 2
    reason = ""
    kind = ""


class Problem(str):
    """A reason why settings cannot be used, which can be drawn: a text and the place in it.

    ``draw`` takes the columns that there are, None for as many as are needed, and gives the lines.
    """

    __slots__ = ("draw",)
    draw: Callable[[int | None], Sequence[str]]

    def __new__(cls, sentence: str, draw: Callable[[int | None], Sequence[str]]) -> Self:
        problem = super().__new__(cls, sentence)
        problem.draw = draw
        return problem


class InvalidSettings(ConnectorError):
    """The settings cannot be used; ``problems`` names every reason at once, some as a Problem."""

    reason = "settings"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class DirectoryUnavailable(ConnectorError):
    """The directory cannot be reached, bound to or searched; nothing was changed.

    ``result_code`` is the LDAP result (RFC 4511 A.1) when the server gave one.
    """

    exit_code = 4
    reason = "directory"
    result_code: int | None = None


class ResyncRequired(DirectoryUnavailable):
    """The directory refused the cookie; the next import must read everything."""


class CookieRefused(DirectoryUnavailable):
    """The directory answered 53 to a cookie: it is behind, or was restored from a backup."""


class MalformedAnswer(DirectoryUnavailable):
    """The directory sent bytes that are not LDAP, or a message that breaks the protocol."""


class ReadStopped(DirectoryUnavailable):
    """A read was given up because the caller asked to stop."""


class RunStopped(ConnectorError):
    """A guard stopped the run before the first write; ``result`` is that of the step."""

    exit_code = 3

    def __init__(self, result: RunResult, reason: str) -> None:
        super().__init__(reason)
        self.result = result


class PlanUnusable(ConnectorError):
    """The file of a plan cannot be read or written, was changed by hand, or is of another tenant."""


class PlanRefused(ConnectorError):
    """A sync would do something else than the plan shows, or the plan was applied; nothing was done."""

    exit_code = 3


class InstanceLocked(ConnectorError):
    """Another instance holds the lock of the storage path."""

    exit_code = 75


class DaemonUnavailable(ConnectorError):
    """The daemon went away before it answered, or is about to."""

    exit_code = 75


class DaemonUnresponsive(DaemonUnavailable):
    """The daemon is there and gives no sign of life; ``process`` is its number, None when unknown."""

    def __init__(self, message: str, process: int | None) -> None:
        super().__init__(message)
        self.process = process


class WorkStopped(ConnectorError):
    """Long work was given up because the caller asked to stop; nothing half done is left."""

    exit_code = 130


class QueryTooLong(ConnectorError):
    """A query of the web took longer than it may, and was given up."""

    exit_code = 75


class ProcessLost(ConnectorError):
    """A process that did a part of the work ended before it was done; the next run goes on from there."""

    exit_code = 75
    reason = "process"


class StorageUnusable(ConnectorError):
    """A database cannot be opened, is corrupt, is full, or was written by a newer version."""

    reason = "storage"


class StorageForbidden(StorageUnusable):
    """The user lacks a right on the storage folder; the message names user and owner."""


class TenantMoved(StorageUnusable):
    """The tenant was moved to another database; or its move to this one was interrupted."""

    reason = "moved"


class TenantElsewhere(StorageUnusable):
    """What was asked needs the tenant itself, which is behind the server of another site."""


class TenantUnavailable(StorageUnusable):
    """The server of another site's tenant does not answer, or does not let this connector in."""


class StorageRemoved(StorageUnusable):
    """The storage folder, its lock or a database was removed or replaced under the instance at work."""

    reason = "removed"


class StorageCopied(StorageUnusable):
    """Two storage folders have one client id: one of them is a copy."""

    reason = "copied"


class LogUnusable(StorageUnusable):
    """A line of the log cannot be written."""

    reason = "log"


class OutputLost(ConnectorError):
    """Standard output is closed or full: what the command had to say is not there."""


class InvalidRequest(ConnectorError):
    """A request is out of bounds, names no command, or an argument does not fit the command."""


class UnknownObject(ConnectorError):
    """No object has the given identity."""

    kind = "unknown-object"


class AmbiguousIdentity(ConnectorError):
    """Several objects have the given name; the message lists what tells them apart."""

    kind = "ambiguous-identity"


class InvalidLdif(ConnectorError):
    """A file is not LDIF, or a change in it does not fit the directory."""


class PlaceholdersExhausted(ConnectorError):
    """Every placeholder UPN of a prefix is taken."""


class TenantRefused(ConnectorError):
    """The tenant refused an administrator's request, as the service does; nothing was changed."""

    kind = "tenant-refused"


class LabUnusable(ConnectorError):
    """The lab's own directory server is missing, did not start, or refused a load or a change."""


class CmdletFailed(ConnectorError):
    """A cmdlet line cannot be read, bound or carried out; the message reads as PowerShell's."""

    exit_code = 1


class MailUndelivered(ConnectorError):
    """A mail could not be sent or written; nothing else was affected."""

    reason = "mail"
