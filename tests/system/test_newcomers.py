"""Three directories of people who try the connector for the first time, and all that they read then."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from connector.lab.slapd import PrivateSlapd
from tests.fakes import SUFFIX
from tests.ports import free_port
from tests.system.conftest import fresh_domain
from tests.system.ldif_world import record
from tests.system.samba import READER, READER_PASSWORD, REALM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

USERS, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"


class Newcomer:
    """Somebody who types ``init``, ``check`` and ``sync``, one after the other."""

    def __init__(self, folder: Path, url: str, **options: str) -> None:
        self._folder = folder
        self._file = folder / "connector.toml"
        self._names = {url: "URL", str(folder): "HERE"}
        self._port = free_port()
        self._options = ["--url", url]
        for name, value in options.items():
            self._options += [f"--{name.replace('_', '-')}", value]
            if name.endswith("file"):
                self._names[value] = "FILE"

    def init(self) -> str:
        return self._run("init", str(self._file), *self._options)

    def check(self) -> str:
        return self._run("--config", str(self._file), "check")

    def sync(self) -> str:
        return self._run("--config", str(self._file), "sync")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            env={
                "CONNECTOR__STORAGE__PATH": str(self._folder / "var"),
                "CONNECTOR__WEB__LISTEN": f"127.0.0.1:{self._port}",
                "CONNECTOR__LOG__FILE": str(self._folder / "connector.log"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        said = re.sub(r"(?<![\d.])\d+\.\d\d(?![\d.])", "0.00", done.stdout)
        for text, name in sorted(self._names.items(), key=lambda item: -len(item[0])):
            said = said.replace(text, name)
        said = re.sub(r"127[.\d]+ is accepted", "ADDRESS is accepted", said)
        # What a domain holds beside its objects differs with the version of Samba.
        return re.sub(r"entries: \d{3} entries", "entries: N entries", said)


def slapd(path: Path, records: Sequence[str]) -> PrivateSlapd:
    server = PrivateSlapd(path)
    base = [record(SUFFIX, ["dcObject", "organization"], {"dc": "contoso", "o": "Contoso"})]
    base += (
        record(dn, ["organizationalUnit"], {"ou": dn[3:].partition(",")[0]})
        for dn in (USERS, GROUPS)
    )
    server.load([*base, *records])
    server.start()
    return server


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Newcomer]:
    """A directory of inetOrgPerson, as the manuals of OpenLDAP fill it."""
    people = [
        record(
            f"uid={name},{USERS}",
            ["inetOrgPerson"],
            {"uid": name, "cn": name.title(), "sn": name, "mail": f"{name}@contoso.com"},
        )
        for name in ("ann", "bob", "cid")
    ]
    others = [
        record(f"cn=printer{n},{SUFFIX}", ["device"], {"cn": f"printer{n}"}) for n in range(4)
    ]
    others.append(record(f"cn=Guest,{USERS}", ["inetOrgPerson"], {"cn": "Guest", "sn": "Guest"}))
    staff = record(
        f"cn=staff,{GROUPS}",
        ["groupOfNames"],
        {"cn": "staff", "member": [f"uid=ann,{USERS}", f"uid=bob,{USERS}"]},
    )
    server = slapd(tmp_path / "slapd", [*people, *others, staff])
    yield Newcomer(
        tmp_path,
        server.url,
        base_dn=SUFFIX,
        bind_dn=server.admin,
        password_file=str(server.password_file),
    )
    server.stop()


@pytest.fixture
def posix(tmp_path: Path) -> Iterator[Newcomer]:
    """A directory for logins to Unix machines, and nothing else."""
    accounts = [
        record(
            f"uid={name},{USERS}",
            ["account", "posixAccount"],
            {
                "uid": name,
                "cn": name.title(),
                "uidNumber": 2000 + number,
                "gidNumber": 2000,
                "homeDirectory": f"/home/{name}",
            },
        )
        for number, name in enumerate(("ann", "bob", "cid"))
    ]
    group = record(
        f"cn=devs,{GROUPS}",
        ["posixGroup"],
        {"cn": "devs", "gidNumber": 2000, "memberUid": ["ann", "bob"]},
    )
    service = record(
        f"cn=ssh,{SUFFIX}",
        ["ipService"],
        {"cn": "ssh", "ipServicePort": 22, "ipServiceProtocol": "tcp"},
    )
    server = slapd(tmp_path / "slapd", [*accounts, group, service])
    yield Newcomer(
        tmp_path,
        server.url,
        base_dn=SUFFIX,
        bind_dn=server.admin,
        password_file=str(server.password_file),
    )
    server.stop()


@pytest.fixture
def samba_domain(tmp_path: Path) -> Iterator[Newcomer]:
    """A domain that was just provisioned: nothing was added but the account that reads it."""
    server = fresh_domain(tmp_path / "samba")
    password = tmp_path / "directory-password"
    password.touch(mode=0o600)
    password.write_text(READER_PASSWORD)
    yield Newcomer(
        tmp_path,
        server.ldaps_url,
        bind_dn=f"{READER}@{REALM}",
        password_file=str(password),
        ca_file=str(server.ca_file),
    )
    server.kill()


PLAIN_INIT = """\
Wrote HERE/connector.toml.
verified_domains has contoso.com: the UPNs of 3 users, the mail of 3 users.
Next: look through [directory] and [tenant] in it, then run
  connector --config HERE/connector.toml check
"""
PLAIN_CHECK = """\
ok      settings: HERE/connector.toml
ok      storage: HERE/var
ok      log: HERE/connector.log
ok      connect: connected to URL
ok      bind: bound as cn=admin,dc=contoso,dc=com
ok      base: dc=contoso,dc=com is there
ok      attributes: entries show objectClass and entryUUID
ok      entries: 12 entries can be read
ok      synchronization: the server tells what changed
ok      objects: 3 users, 1 group, 0 contacts to sync
ok      left out: 1 by the rule no-account-name (1 user)
ok      left out: 4 not a user, group or contact (4 device)
ok      domain: contoso.com: 3 users, verified
"""
PLAIN_SYNC = """\
Run 1 (delta): success in 0.00 s
Step              Result   Adds  Unchanged  Seconds
directory-import  success  5     0          0.00
cloud-import      success  0     0          0.00
synchronization   success  4     1          0.00
export            success  4     0          0.00
Left out: 1 by the rule no-account-name (1 user)
Left out: 4 not a user, group or contact (4 device)
"""


def test_a_directory_of_persons_is_understood_at_once(plain):
    said = plain.init(), plain.check(), plain.sync()

    assert said == (PLAIN_INIT, PLAIN_CHECK, PLAIN_SYNC)


POSIX_INIT = """\
Wrote HERE/connector.toml.
verified_domains has contoso.com: the UPNs of 3 users.
Next: look through [directory] and [tenant] in it, then run
  connector --config HERE/connector.toml check
"""
POSIX_CHECK = """\
ok      settings: HERE/connector.toml
ok      storage: HERE/var
ok      log: HERE/connector.log
ok      connect: connected to URL
ok      bind: bound as cn=admin,dc=contoso,dc=com
ok      base: dc=contoso,dc=com is there
ok      attributes: entries show objectClass and entryUUID
ok      entries: 8 entries can be read
ok      synchronization: the server tells what changed
ok      objects: 3 users, 1 group, 0 contacts to sync
ok      left out: 1 not a user, group or contact (1 ipService)
ok      domain: contoso.com: 3 users, verified
"""
POSIX_SYNC = """\
Run 1 (delta): success in 0.00 s
Step              Result   Adds  Seconds
directory-import  success  4     0.00
cloud-import      success  0     0.00
synchronization   success  4     0.00
export            success  4     0.00
Left out: 1 not a user, group or contact (1 ipService)
"""


def test_a_directory_of_logins_is_understood_at_once(posix):
    said = posix.init(), posix.check(), posix.sync()

    assert said == (POSIX_INIT, POSIX_CHECK, POSIX_SYNC)


SAMBA_INIT = """\
Wrote HERE/connector.toml.
verified_domains has contoso.com: the UPNs of 1 user.
Next: look through [directory] and [tenant] in it, then run
  connector --config HERE/connector.toml check
"""
SAMBA_LEFT_OUT = """\
40 by the rule critical-system-object (36 groups, 4 users)
20 not a user, group or contact (4 foreignSecurityPrincipal, 1 applicationSettings+nTFRSSettings, \
1 classStore, 1 computer, 1 dfsConfiguration, 1 domainPolicy, 11 of other classes)
"""
SAMBA_CHECK = """\
ok      settings: HERE/connector.toml
ok      storage: HERE/var
ok      log: HERE/connector.log
ok      connect: connected to URL
ok      tls: the certificate of ADDRESS is accepted
ok      bind: bound as connector@contoso.com
ok      base: DC=contoso,DC=com is there
ok      attributes: entries show objectClass and objectGUID
ok      entries: N entries can be read
ok      synchronization: connector@contoso.com sees no deleted object, so it would miss deletes; \
every cycle reads everything
        Grant it to list and read CN=Deleted Objects,DC=contoso,DC=com; in a domain from which nothing \
was deleted yet, delete any object once (docs/directories.md).
ok      objects: 1 user, 0 groups, 0 contacts to sync
"""
SAMBA_SYNC = """\
Run 1 (delta): success in 0.00 s
Step              Result   Adds  Unchanged  Seconds
directory-import  success  41    0          0.00
cloud-import      success  0     0          0.00
synchronization   success  1     40         0.00
export            success  1     0          0.00
"""


@pytest.mark.samba
def test_a_fresh_samba_domain_is_understood_at_once(samba_domain):
    said = samba_domain.init(), samba_domain.check(), samba_domain.sync()

    left_out = SAMBA_LEFT_OUT.splitlines(keepends=True)
    assert said == (
        SAMBA_INIT,
        SAMBA_CHECK
        + "".join(f"ok      left out: {line}" for line in left_out)
        + "ok      domain: contoso.com: 1 user, verified\n",
        SAMBA_SYNC + "".join(f"Left out: {line}" for line in left_out),
    )
