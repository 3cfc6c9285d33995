"""A private Samba domain controller: its own folder, its own address on the loopback.

It needs the packages of ``PACKAGES`` and root, because the ports of LDAP cannot be chosen. It neither
starts nor touches the system's own Samba.
"""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

from connector.lab.processes import Tied
from tests.system.certificates import authority, server_files
from tests.system.installed import demand, program, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

PACKAGES = "samba samba-ad-dc samba-ad-provision ldb-tools ldap-utils"
REALM, DOMAIN, CONTEXT = "contoso.com", "CONTOSO", "DC=contoso,DC=com"
# The account of docs/directories.md: without any right but to see deleted objects.
READER, READER_PASSWORD = "connector", "Read-0nly!lab"
_PROGRAMS = ("samba", "samba-tool", "ldbadd", "ldbmodify", "ldbsearch", "ldapmodify")
_START_SECONDS = 90.0
_TREE_DELETE = "!1.2.840.113556.1.4.805"
_SYSTEM_ONLY = "D:PAI(A;;RPWPCCDCLCRCWOWDSDSW;;;SY)(A;;RPLC;;;BA)"


class PrivateSamba:
    """A domain of one controller, provisioned by its construction and stopped until ``start``."""

    def __init__(self, path: Path) -> None:
        _refuse_without_means()
        self.path = path.absolute()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.address = _free_address()
        self.ca_file = authority(self.path)
        self._tls = server_files(self.path, self.ca_file, f"IP:{self.address}")
        self._tls.key.chmod(0o600)
        self.admin, self.password = f"Administrator@{REALM}", "Passw0rd!lab"
        self.password_file = self.path / "admin.password"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(self.password)
        self._process = Tied()
        for folder in ("pid", "ncalrpc"):
            (self.path / folder).mkdir()
        self._provision()

    @property
    def url(self) -> str:
        """Where it listens without TLS, and with StartTLS."""
        return f"ldap://{self.address}"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://{self.address}"

    @property
    def places(self) -> dict[str, str]:
        """The paths that replace those of docs/directories.md."""
        return {"/var/lib/samba/private/sam.ldb": str(self._private / "sam.ldb")}

    @property
    def environ(self) -> dict[str, str]:
        """The variables that make Samba's own tools take this domain for the system's."""
        return {"SMB_CONF_PATH": str(self._configuration)}

    def start(self) -> None:
        """Start it and return when it answers."""
        options = {
            "server services": "ldap",
            "log file": f"{self.path}/log.samba",
            "pid directory": f"{self.path}/pid",
            "ncalrpc dir": f"{self.path}/ncalrpc",
            "tls keyfile": str(self._tls.key),
            "tls certfile": str(self._tls.certificate),
            "tls cafile": str(self.ca_file),
        }
        (self.path / "pid" / "samba.pid").unlink(missing_ok=True)
        self._process.start(
            [
                program("samba"), "-s", str(self._configuration), "-M", "single", "-F",
                "--no-process-group", *(f"--option={k}={v}" for k, v in options.items()),
            ],
            self.path / "samba.out",
        )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self.address):
            if self._process.find_pid() is None or time.monotonic() > deadline:
                self._process.kill()
                said = (self.path / "samba.out").read_text("utf-8", "replace")
                raise RuntimeError(f"samba did not start on {self.address}:\n{said[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def apply(self, ldif: str, *, controls: Sequence[str] = ()) -> None:
        """Apply change records over LDAP, as the administrator; one without changetype is an addition."""
        options = [word for control in controls for word in ("-e", f"!{control}")]
        run("ldapmodify", "-a", *self._identity(), *options, stdin=ldif, ca_file=self.ca_file)

    def remove_tree(self, dn: str) -> None:
        run("ldapdelete", *self._identity(), "-e", _TREE_DELETE, dn, ca_file=self.ca_file)

    def search(self, filter_: str, *attributes: str, controls: Sequence[str] = ()) -> str:
        """Return matches from the database itself as LDIF; ``controls`` in the form of ldbsearch."""
        options = [f"--controls={control}" for control in controls]
        return run("ldbsearch", *self._database(), *options, filter_, *attributes)

    def add_below(self, records: Iterable[str]) -> None:
        """Add many entries to the database itself, some thousand a second."""
        batch = ["-o", "batch_mode:1", "-o", "transaction_index_cache_size:200000"]
        run("ldbadd", *self._database(), *batch, stdin="".join(records))

    def modify_below(self, ldif: str, *, controls: Sequence[str] = ()) -> None:
        """Apply change records to the database itself, also such as LDAP would refuse."""
        options = [f"--controls={control}" for control in controls]
        run("ldbmodify", *self._database(), *options, stdin=ldif)

    def show_deleted(self, *sids: str) -> None:
        """Let these accounts, and no others but administrators, see deleted objects."""
        aces = "".join(f"(A;;RPLC;;;{sid})" for sid in sids)
        self.modify_below(
            f"dn: CN=Deleted Objects,{CONTEXT}\nchangetype: modify\nreplace: nTSecurityDescriptor\n"
            f"nTSecurityDescriptor: {_SYSTEM_ONLY}{aces}\n",
            controls=["show_deleted:1", "sd_flags:1:4"],
        )

    def account(self, name: str, password: str) -> str:
        """Add a user without any right of its own and return its SID."""
        self._tool("user", "create", name, password)
        return self.sid(name)

    def disable(self, name: str) -> None:
        self._tool("user", "disable", name)

    def lock_accounts_after(self, attempts: int) -> None:
        """Lock every account after this many wrong passwords; 0 locks none."""
        option = f"--account-lockout-threshold={attempts}"
        self._tool("domain", "passwordsettings", "set", option)

    def sid(self, name: str) -> str:
        found = self.search(f"(sAMAccountName={name})", "objectSid").splitlines()
        return next(line.partition(": ")[2] for line in found if line.startswith("objectSid"))

    @property
    def _private(self) -> Path:
        return self.path / "dc" / "private"

    @property
    def _configuration(self) -> Path:
        return self.path / "dc" / "etc" / "smb.conf"

    def _provision(self) -> None:
        options = {
            "vfs objects": "dfs_samba4",
            "bind interfaces only": "yes",
            "interfaces": f"{self.address}/8",
        }
        run(
            "samba-tool", "domain", "provision", f"--realm={REALM}", f"--domain={DOMAIN}",
            f"--adminpass={self.password}", "--server-role=dc", "--dns-backend=NONE",
            f"--targetdir={self.path / 'dc'}",
            *(f"--option={k}={v}" for k, v in options.items()),
        )  # fmt: skip

    def _tool(self, *arguments: str) -> None:
        run("samba-tool", *arguments, "-s", str(self._configuration))

    def _identity(self) -> list[str]:
        return ["-x", "-H", self.ldaps_url, "-D", self.admin, "-y", str(self.password_file)]

    def _database(self) -> list[str]:
        return ["-H", str(self._private / "sam.ldb"), f"--configfile={self._configuration}"]


def _refuse_without_means() -> None:
    demand(_PROGRAMS, PACKAGES)
    if os.geteuid():
        raise RuntimeError("Samba listens on ports 389 and 636: run these tests as root.")


def _free_address() -> str:
    """Return a loopback address on which no other program serves LDAP."""
    start = os.getpid()
    for number in range(start, start + 1000):
        address = f"127.77.{number // 250 % 250 + 1}.{number % 250 + 1}"
        try:
            for port in (389, 636):
                socket.create_server((address, port)).close()
        except OSError:
            continue
        return address
    raise RuntimeError("no loopback address has the ports 389 and 636 free.")


def _answers(address: str) -> bool:
    try:
        for port in (389, 636):
            socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
