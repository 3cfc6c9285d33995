"""A private 389 Directory Server: its own folder, its own ports on the loopback, no systemd.

``dscreate`` installs into the folders of its defaults, which are the system's; here it gets other defaults.
Nothing of the system is touched.
"""

from __future__ import annotations

import getpass
import grp
import os
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from connector.lab.processes import Tied
from tests.ports import free_port
from tests.system.certificates import authority, server_files
from tests.system.installed import demand, program, run

PACKAGES = "389-ds-base ldap-utils"
SUFFIX = "dc=contoso,dc=com"
MANAGER, PASSWORD = "cn=Directory Manager", "manager-password"
# The account of docs/directories.md.
READER, READER_PASSWORD = f"uid=connector,{SUFFIX}", "read-only"
RETRO_CHANGELOG = "cn=Retro Changelog Plugin,cn=plugins,cn=config"
CONTENT_SYNC = "cn=Content Synchronization,cn=plugins,cn=config"
SYNC_FEATURE = "oid=1.3.6.1.4.1.4203.1.9.1.1,cn=features,cn=config"

_NAME = "lab"
_DEFAULTS = Path("/usr/share/dirsrv/inf/defaults.inf")
_START_SECONDS = 90.0
_RUN_DSCREATE = """\
import runpy, sys
import lib389.paths
lib389.paths.DEFAULTS_PATH = [sys.argv[1]]
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Private389:
    """An instance, installed by its construction and stopped."""

    def __init__(self, path: Path) -> None:
        _refuse_without_means()
        self.path = path.absolute()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port, self.tls_port = _free_ports()
        self.password_file = self.path / "manager.password"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(PASSWORD)
        self.reader_password_file = self.path / "reader.password"
        self.reader_password_file.write_text(READER_PASSWORD)
        self.ca_file = authority(self.path)
        self._process = Tied()
        self._install()
        self.configure("cn=config", **{"nsslapd-listenhost": "127.0.0.1"})
        self.configure("cn=config", **{"nsslapd-securelistenhost": "127.0.0.1"})
        self._take_certificate()

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def ldaps_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def places(self) -> dict[str, str]:
        """The paths that replace those of docs/directories.md."""
        socket_file = quote(f"{self.path}/run/slapd-{_NAME}.socket", safe="")
        return {
            "ldapi://%2Frun%2Fslapd-contoso.socket": f"ldapi://{socket_file}",
            "/etc/dirsrv/slapd-contoso": str(self._instance),
            "/etc/connector/directory-password": str(self.reader_password_file),
        }

    def start(self) -> None:
        """Start it and return when it answers."""
        command = [program("ns-slapd"), "-d", "0", "-D", str(self._instance), "-i", str(self._pid)]
        self._pid.unlink(missing_ok=True)
        self._process.start(command, self.path / "ns-slapd.out")
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.find_pid() is None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"ns-slapd did not start on {self.url}: {self._complaint()}")
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def configure(self, dn: str, **values: str | None) -> None:
        """Set or remove values of a configuration entry while the server is stopped."""
        file = self._instance / "dse.ldif"
        text = file.read_text(encoding="utf-8")
        found = re.search(rf"(?mi)^dn: {re.escape(dn)}\n(?:.+\n)*", text)
        assert found, f"{dn} is not configured"
        entry = found.group()
        for name, value in values.items():
            entry = re.sub(rf"(?mi)^{name}:.*\n(?: .*\n)*", "", entry)
            entry += f"{name}: {value}\n" if value is not None else ""
        file.write_text(text.replace(found.group(), entry), encoding="utf-8")

    def apply(self, ldif: str) -> None:
        """Apply change records, as the manager; a record without changetype is an addition."""
        run("ldapmodify", "-a", *self._identity(), stdin=ldif)

    def trim(self, count: int) -> None:
        """Remove the newest changes from the changelog, as its age limit removes the oldest."""
        shown = run(
            "ldapsearch", *self._identity(), "-LLL", "-b", "cn=changelog", "(changeNumber=*)", "1.1"
        )
        names = [line[len("dn: ") :] for line in shown.splitlines() if line.startswith("dn: ")]
        names.sort(key=lambda dn: int(dn.partition("=")[2].partition(",")[0]))
        run("ldapdelete", *self._identity(), *names[-count:])

    @property
    def _instance(self) -> Path:
        return self.path / f"slapd-{_NAME}"

    @property
    def _pid(self) -> Path:
        return self.path / "run" / f"slapd-{_NAME}.pid"

    def _install(self) -> None:
        for folder in ("tmp", "initconfig", "run", "ldif"):
            (self.path / folder).mkdir()
        defaults = self.path / "defaults.inf"
        defaults.write_text(_defaults(_DEFAULTS.read_text(), self.path))
        answers = self.path / "answers.inf"
        answers.touch(mode=0o600)
        answers.write_text(_answers(self.port, self.tls_port))
        dscreate = [str(defaults), program("dscreate"), "from-file", str(answers)]
        # The tool wants the Python that the distribution installed its library for.
        run("/usr/bin/python3", "-c", _RUN_DSCREATE, *dscreate)

    def _take_certificate(self) -> None:
        """Put a certificate for the loopback into the key store of the instance."""
        files = server_files(self.path, self.ca_file, "DNS:localhost,IP:127.0.0.1")
        bundle, store = self.path / "server.p12", str(self._instance)
        pin = self._instance / "pwdfile.txt"
        run(
            "openssl", "pkcs12", "-export", "-inkey", str(files.key), "-in", str(files.certificate),
            "-certfile", str(self.ca_file), "-name", "Server-Cert", "-passout", "pass:x",
            "-out", str(bundle),
        )  # fmt: skip
        run("pk12util", "-d", store, "-i", str(bundle), "-k", str(pin), "-W", "x")
        trust = ["-n", "Lab CA", "-t", "CT,,", "-i", str(self.ca_file), "-f", str(pin)]
        run("certutil", "-A", "-d", store, *trust)
        secured = {"nsslapd-security": "on", "nsslapd-securePort": str(self.tls_port)}
        self.configure("cn=config", **secured)

    def _answers(self) -> bool:
        command = [
            program("ldapsearch"),
            "-x",
            "-LLL",
            "-H",
            self.url,
            "-b",
            "",
            "-s",
            "base",
            "1.1",
        ]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _complaint(self) -> str:
        log = self.path / "log" / "errors"
        return log.read_text("utf-8", "replace")[-2000:] if log.exists() else "it gave no reason"

    def _identity(self) -> list[str]:
        return ["-x", "-H", self.url, "-D", MANAGER, "-y", str(self.password_file)]


def _refuse_without_means() -> None:
    demand(("ns-slapd", "dscreate", "pk12util", "certutil", "ldapmodify"), PACKAGES)


def _defaults(text: str, path: Path) -> str:
    """Point the defaults of the installation tool at a folder."""
    instance = f"{path}/slapd-{{instance_name}}"
    user = getpass.getuser()
    changed = {
        "with_systemd": "0",
        **dict.fromkeys(("config_dir", "cert_dir"), instance),
        "schema_dir": f"{instance}/schema",
        "ldapi": f"{path}/run/slapd-{{instance_name}}.socket",
        "pid_file": f"{path}/run/slapd-{{instance_name}}.pid",
        **{
            f"{name}_dir": f"{path}/{name}" for name in ("run", "inst", "initconfig", "tmp", "lock")
        },
        **{f"{name}_dir": f"{path}/{name}" for name in ("log", "db", "backup", "ldif")},
        "db_home_dir": f"{path}/db",
        **{
            f"{name}_log": f"{path}/log/{name}" for name in ("access", "audit", "error", "security")
        },
        "user": user,
        "group": user,
    }
    for name, value in changed.items():
        text = re.sub(rf"(?m)^{name} = .*", f"{name} = {value}", text)
    return text


def _answers(port: int, tls_port: int) -> str:
    """Return the answers for the installation tool."""
    return f"""\
[general]
config_version = 2
full_machine_name = localhost
strict_host_checking = False
selinux = False
systemd = False
start = False
[slapd]
instance_name = {_NAME}
user = {getpass.getuser()}
group = {grp.getgrgid(os.getgid()).gr_name}
port = {port}
secure_port = {tls_port}
root_dn = {MANAGER}
root_password = {PASSWORD}
self_sign_cert = False
[backend-userroot]
suffix = {SUFFIX}
create_suffix_entry = True
"""


def _free_ports() -> tuple[int, int]:
    return free_port(), free_port()
