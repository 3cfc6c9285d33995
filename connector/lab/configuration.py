"""Write the slapd.conf of the lab's directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAXIMUM_BYTES = 4 << 30
ACCESSLOG_SUFFIX = "cn=accesslog"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files that slapd needs to offer StartTLS and ldaps."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration of one database, by default with content synchronization.

    ``schemas`` are files in the order of loading. ``module_path`` is None if the backends are
    linked into slapd. ``session_log`` is the number of deletes that slapd remembers for delta
    refreshes, None for no session log. With ``accesslog`` a log database remembers them instead,
    even across restarts. Without ``content_sync`` the server does not load syncprov: it offers no
    content synchronization and keeps neither log. ``directives`` are further lines of the main
    database, such as ``limits ...``.
    """

    path: Path
    suffix: str
    schemas: Sequence[Path]
    module_path: Path | None
    password: str
    session_log: int | None = 1000
    accesslog: bool = False
    content_sync: bool = True
    tls: TlsFiles | None = None
    directives: Sequence[str] = ()

    @property
    def admin(self) -> str:
        return f"cn=admin,{self.suffix}"

    @property
    def databases(self) -> tuple[Path, ...]:
        """The folders that must exist before slapd starts."""
        return (self.path / "db", *([self.path / "log"] if self.accesslog else []))

    def text(self) -> str:
        """Return the whole slapd.conf; it holds the password in plain text."""
        blocks = [self._server(), *([self._log()] if self.accesslog else []), self._main()]
        return "\n\n".join("\n".join(block) for block in blocks) + "\n"

    def _server(self) -> list[str]:
        lines = [f'include "{file}"' for file in self.schemas]
        if self.module_path:
            modules = ("back_mdb", "syncprov", *(["accesslog"] if self.accesslog else []))
            lines += [
                f'modulepath "{self.module_path}"',
                *(f"moduleload {name}" for name in modules),
            ]
        lines += [f'pidfile "{self.path}/slapd.pid"', "sizelimit unlimited", "sortvals member"]
        if self.tls:
            lines += [
                f'TLSCACertificateFile "{self.tls.ca}"',
                f'TLSCertificateFile "{self.tls.certificate}"',
                f'TLSCertificateKeyFile "{self.tls.key}"',
                "TLSVerifyClient never",
            ]
        return lines

    def _main(self) -> list[str]:
        lines = [
            *_database(self.suffix, self.admin, self.path / "db"),
            f"rootpw {self.password}",
            "index objectClass,entryUUID,entryCSN,uid,cn eq",
            *self.directives,
        ]
        if not self.content_sync:
            return lines
        lines += ["overlay syncprov", "syncprov-checkpoint 100 10"]
        if self.accesslog:
            lines += [
                f"syncprov-sessionlog-source {ACCESSLOG_SUFFIX}",
                "overlay accesslog",
                f"logdb {ACCESSLOG_SUFFIX}",
                "logops writes",
                "logsuccess TRUE",
                "logpurge 07+00:00 01+00:00",
            ]
        elif self.session_log is not None:
            lines.append(f"syncprov-sessionlog {self.session_log}")
        return lines

    def _log(self) -> list[str]:
        """Return the log's database; slapd needs it before the database that logs to it."""
        return [
            *_database(ACCESSLOG_SUFFIX, ACCESSLOG_SUFFIX, self.path / "log"),
            "index objectClass,entryCSN,reqStart,reqEnd,reqResult,reqDN,reqEntryUUID eq",
            "overlay syncprov",
            "syncprov-nopresent TRUE",
            "syncprov-reloadhint TRUE",
        ]


def _database(suffix: str, admin: str, folder: Path) -> list[str]:
    # dbnosync is enough: a crash of the machine may cost a lab its last writes, a killed slapd does not.
    return [
        "database mdb",
        f'suffix "{suffix}"',
        f'rootdn "{admin}"',
        f'directory "{folder}"',
        f"maxsize {MAXIMUM_BYTES}",
        "dbnosync",
    ]
