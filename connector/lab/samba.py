"""Run a private Samba as domain controller of an Active Directory domain: contoso.com.

It has its own folder and its own address on the loopback, because the ports of LDAP cannot be chosen, and
needs root for them. It neither starts nor touches the system's own Samba.
"""

from __future__ import annotations

import os
import secrets
import shlex
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from connector.errors import LabUnusable
from connector.lab import active_directory, contoso, installed
from connector.lab.certificates import tls_files
from connector.lab.processes import Detached, command_line_and_files
from connector.lab.records import SUFFIX
from connector.lab.server import DirectoryAccess
from connector.ports import SILENT
from connector.values import dn as dns
from connector.values.addresses import fold
from connector.values.ldif import dn_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from connector.ports import Progress

REALM, DOMAIN = "contoso.com", "CONTOSO"
# Azure AD Connect calls its account so, and leaves it out of what it syncs.
READER = "MSOL_connector"
PACKAGES = "samba samba-ad-dc samba-ad-provision ldb-tools ldap-utils openssl"
_PROGRAMS = ("samba", "samba-tool", "ldbadd", "ldbmodify", "ldbsearch", "ldapmodify", "openssl")
_START_SECONDS = 60.0
# A socket's path has at most 107 characters; Samba's longest is PATH/dc/private/msg.sock/1234567.
_LONGEST_PATH = 75
_PORTS = (389, 636)
# Its administrators may list deleted objects, and the reader.
_DELETED = "D:PAI(A;;RPWPCCDCLCRCWOWDSDSW;;;SY)(A;;RPLC;;;BA)(A;;RPLC;;;{sid})"


class SambaDomain:
    """The domain in the folder ``path``; it is provisioned by ``create``, and goes on running.

    ``LabServer`` describes the methods. Records are the lab's; ``active_directory`` says what becomes of
    them. Raises LabUnusable if a program or the right to use the ports is missing.
    """

    def __init__(self, path: Path, progress: Progress = SILENT) -> None:
        refuse_without_means(path)
        self.path = path
        self._progress = progress
        self._admin_password = path / "admin.password"
        self._reader_password = path / "ldap-password"
        self._address_file = path / "address"
        self._dc = path / "dc"
        self._configuration = self._dc / "etc" / "smb.conf"
        # Samba calls itself "samba: root process".
        pid_file = path / "pid" / "samba.pid"
        self._process = Detached(pid_file, str(path), command_line_and_files)

    def find_address(self) -> str:
        """Return where it listens on the loopback: a free address on first use, which it keeps."""
        if not self._address_file.exists():
            self._address_file.write_text(_free_address())
        return self._address_file.read_text()

    def is_running(self) -> bool:
        return self._process.find_pid() is not None

    def create(self) -> None:
        """Provision the domain anew, with the lab's empty units, and start it."""
        self.stop()
        if self._dc.exists():
            self._run("rm", "-r", str(self._dc))
        for folder in ("pid", "ncalrpc"):
            (self.path / folder).mkdir(exist_ok=True)
        self._progress.begin("provisioning a domain")
        self._provision()
        attributes, classes = active_directory.schema()
        for ldif in (attributes, classes):
            self._ldb("ldbmodify", "--option=dsdb:schema update allowed=yes", stdin=ldif)
        self._add_accounts()
        units = [record for record in contoso.base() if dn_of(record) != SUFFIX]
        self._ldb("ldbadd", stdin="".join(active_directory.parts(units, (), ()).entries))
        self._show_deleted_objects()
        self._progress.end()
        self.start()

    def start(self) -> None:
        if self.is_running():
            return
        tls = tls_files(self.path / "tls", names=f"IP:{self.find_address()}")
        if tls is None:
            raise LabUnusable("openssl made no certificates for the lab")
        options = {
            "server services": "ldap",
            "log file": f"{self.path}/log.samba",
            "pid directory": f"{self.path}/pid",
            "ncalrpc dir": f"{self.path}/ncalrpc",
            "tls keyfile": str(tls.key),
            "tls certfile": str(tls.certificate),
            "tls cafile": str(tls.ca),
        }
        (self.path / "pid" / "samba.pid").unlink(missing_ok=True)
        command = [
            installed.program("samba"), "-s", str(self._configuration), "-M", "single", "-F",
            "--no-process-group", *(f"--option={key}={value}" for key, value in options.items()),
        ]  # fmt: skip
        self._process.start(command, self.path / "samba.log")
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self.find_address()):
            if not self.is_running() or time.monotonic() > deadline:
                self._process.kill()
                said = (self.path / "samba.log").read_text("utf-8", "replace").strip()
                raise LabUnusable(f"samba did not start on {self.find_address()}: {said[-1000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.stop()

    def load(self, ldif: Iterable[str]) -> None:
        """Add entries to the database itself, some thousand a second; the server may run."""
        made = active_directory.parts(ldif, self._present(), self._upns())
        self._ldb("ldbadd", stdin="".join(made.entries))
        if made.links:
            self._ldb("ldbmodify", stdin="".join(made.links))

    def apply(self, ldif: str) -> None:
        changes = active_directory.changes(ldif)
        self._run("ldapmodify", "-a", *self._identity(), stdin=changes)

    def search(self, filter_: str, *attributes: str) -> str:
        options = ["-LLL", "-o", "ldif-wrap=no", "-E", "pr=1000/noprompt", "-b", SUFFIX]
        found = self._run("ldapsearch", *self._identity(), *options, filter_, *attributes)
        return "".join(active_directory.names(found))

    def access(self) -> DirectoryAccess:
        """Return how a connector reaches it: as a reader that sees deleted objects, with StartTLS."""
        return DirectoryAccess(
            f"ldap://{self.find_address()}",
            f"{READER}@{REALM}",
            self._reader_password,
            self.path / "tls" / "ca.pem",
        )

    def description(self) -> str:
        pid = self._process.find_pid()
        state = f"process {pid}" if pid else "stopped"
        return f"an Active Directory domain of Samba ({state}) on ldap://{self.find_address()}"

    def change_command(self) -> str:
        trust = f"LDAPTLS_CACERT={shlex.quote(str(self.path / 'tls' / 'ca.pem'))}"
        return f"{trust} ldapmodify {shlex.join(self._identity())} -f CHANGES.ldif"

    def mail_command(self) -> None:
        """Return None: it has no mail catcher."""

    def remove(self) -> list[str]:
        was = self._process.find_pid()
        self.stop()
        return [f"samba (process {was})"] if was else []

    # --- how the domain is made ---------------------------------------------------------------

    def _provision(self) -> None:
        options = {
            "vfs objects": "dfs_samba4",
            "bind interfaces only": "yes",
            "interfaces": f"{self.find_address()}/8",
        }
        self._run(
            "samba-tool", "domain", "provision", f"--realm={REALM}", f"--domain={DOMAIN}",
            "--server-role=dc", "--dns-backend=NONE",
            f"--targetdir={self._dc}", *(f"--option={k}={v}" for k, v in options.items()),
        )  # fmt: skip

    def _add_accounts(self) -> None:
        """Set the administrator's password, which the provisioning drew at random, and add the reader."""
        # On standard input, twice: the arguments of a process are for everybody to see.
        for words, file in (
            (("setpassword", "Administrator"), self._admin_password),
            (("create", READER), self._reader_password),
        ):
            self._user(*words, stdin=f"{_secret(file)}\n" * 2)
        self._user("setexpiry", READER, "--noexpiry")

    def _user(self, *arguments: str, stdin: str = "") -> None:
        conf = str(self._configuration)
        self._run("samba-tool", "user", *arguments, "-s", conf, stdin=stdin)

    def _show_deleted_objects(self) -> None:
        found = self._ldb("ldbsearch", f"(sAMAccountName={READER})", "objectSid").splitlines()
        sid = next(line.partition(": ")[2] for line in found if line.startswith("objectSid"))
        # The container is not there before something was deleted.
        once = f"OU=once,{SUFFIX}"
        self._ldb("ldbadd", stdin=f"dn: {once}\nobjectClass: organizationalUnit\n")
        self._ldb("ldbmodify", stdin=f"dn: {once}\nchangetype: delete\n")
        self._ldb(
            "ldbmodify", "--controls=show_deleted:1", "--controls=sd_flags:1:4",
            stdin=f"dn: CN=Deleted Objects,{SUFFIX}\nchangetype: modify\n"
            f"replace: nTSecurityDescriptor\nnTSecurityDescriptor: {_DELETED.format(sid=sid)}\n",
        )  # fmt: skip

    def _present(self) -> set[str]:
        """Return the folded names of what is below the lab's units, as the lab writes them."""
        found = self._ldb("ldbsearch", "-b", SUFFIX, "(objectClass=*)", "dn")
        unfolded = found.replace("\n ", "")
        return {dns.key(active_directory.ours(dn_of(text))) for text in unfolded.split("\n\n")}

    def _upns(self) -> set[str]:
        found = self._ldb("ldbsearch", "-b", SUFFIX, "(userPrincipalName=*)", "userPrincipalName")
        records = parse("\n".join(line for line in found.split("\n") if line[:5] != "ref: "))
        return {
            fold(value.decode())
            for record in records
            for value in record.attributes["userprincipalname"]
        }

    def _identity(self) -> list[str]:
        admin = f"Administrator@{REALM}"
        return [
            "-x",
            "-H",
            f"ldaps://{self.find_address()}",
            "-D",
            admin,
            "-y",
            str(self._admin_password),
        ]

    def _ldb(self, name: str, *arguments: str, stdin: str = "") -> str:
        database = [
            "-H",
            str(self._dc / "private" / "sam.ldb"),
            f"--configfile={self._configuration}",
        ]
        return self._run(name, *database, *arguments, stdin=stdin)

    def _run(self, name: str, *arguments: str, stdin: str = "") -> str:
        environ = {
            **os.environ,
            "LDAPTLS_CACERT": str(self.path / "tls" / "ca.pem"),
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            [installed.program(name), *arguments],
            input=stdin.encode(),
            env=environ,
            capture_output=True,
            # Without a terminal, at which samba-tool would ask for a password instead.
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
            raise LabUnusable(f"{name} failed ({done.returncode}): {said[-1000:]}")
        return done.stdout.decode("utf-8", "surrogateescape")


def refuse_without_means(path: Path) -> None:
    """Raise LabUnusable if a program, the right to use the ports or a short enough path is missing."""
    missing: list[str] = []
    for name in _PROGRAMS:
        try:
            installed.program(name)
        except LabUnusable:
            missing.append(name)
    if missing:
        raise LabUnusable(
            f"an Active Directory domain needs Samba; not installed: {', '.join(missing)}. Install it "
            f"(Debian, Ubuntu: apt-get install {PACKAGES}) and try again."
        )
    if os.geteuid():
        raise LabUnusable(
            "Samba listens on the ports 389 and 636, which only root can open: run this as root, or take "
            "--engine slapd"
        )
    if len(str(path)) > _LONGEST_PATH:
        raise LabUnusable(
            f"the path {path} is too long for the sockets of Samba, which end at {_LONGEST_PATH} characters: "
            "name a folder higher up with --path"
        )


def _secret(file: Path) -> str:
    """Read a password, a random one on first use, as complex as a domain wants it."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"Aa1-{secrets.token_urlsafe(24)}")
    return file.read_text()


def _free_address() -> str:
    """Return an address of the loopback on which nobody serves LDAP."""
    start = os.getpid()
    for number in range(start, start + 1000):
        address = f"127.78.{number // 250 % 250 + 1}.{number % 250 + 1}"
        try:
            for port in _PORTS:
                socket.create_server((address, port)).close()
        except OSError:
            continue
        return address
    raise LabUnusable("no address of the loopback has the ports 389 and 636 free")


def _answers(address: str) -> bool:
    try:
        for port in _PORTS:
            socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True
