"""Break how the directory is read: a filter with a typing error, and a right that was taken away."""

from __future__ import annotations

import shlex

from connector.lab import lab
from connector.lab.exercises.exercise import Bench, Exercise
from connector.lab.records import SERVICES, SUFFIX, USERS
from connector.values.ldif import entry, modify

_USERS = 220
_CLASSES = ("groupOfNames", "groupOfUniqueNames", "groupOfMembers", "contact")
_RIGHT, _WRONG = "inetOrgPerson", "inetOrgPersn"


def _spoil_filter(bench: Bench) -> None:
    classes = "".join(f"(objectClass={name})" for name in (_WRONG, *_CLASSES))
    base = f'base_dn = "{SUFFIX}"\n'
    bench.edit(base, f'{base}filter = "(|{classes})"\n')
    bench.run("sync", code=3)


def _check_users(bench: Bench) -> None:
    bench.expect(f"the tenant has its {_USERS} users", len(bench.upns()) == _USERS)
    bench.expect_a_good_run()


def _check_filter(bench: Bench) -> None:
    _check_users(bench)
    text = bench.settings_file.read_text(encoding="utf-8")
    bench.expect("the settings have no typing error", _WRONG not in text)


def _solve_filter(bench: Bench) -> None:
    bench.run("sync", code=3)
    bench.say(
        "A guard stopped the run: all users would go, and groups and contacts stay. So the directory is "
        "there, and something keeps the users back. The settings have a filter:"
    )
    file = shlex.quote(str(bench.settings_file))
    bench.shell(f"grep filter {file}")
    bench.shell(f"sed -i s/{_WRONG}/{_RIGHT}/ {file}")
    bench.run("sync")


FILTER_TYPO = Exercise(
    "filter-typo",
    "A run that stops",
    task="Since somebody made the settings tidy, each connector sync ends with exit code 3. Nobody has left "
    "the company, and nobody may be deleted.",
    looks=("connector sync", "connector deletions", "connector check"),
    mend="correct the filter in connector.toml, then sync; approve nothing",
    spoil=_spoil_filter,
    check=_check_filter,
    solve=_solve_filter,
)

_ACCOUNT, _READERS = f"cn=connector,{SERVICES}", f"cn=Directory Readers,{SERVICES}"
_ACCESS = f"""\
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="{USERS}" by group.exact="{_READERS}" read by * none
access to * by dn.exact="{_ACCOUNT}" read by * none
limits dn.exact="{_ACCOUNT}" size=unlimited time=unlimited
"""


def _spoil_right(bench: Bench) -> None:
    password = bench.folder.path / "slapd" / "connector.password"
    password.touch(mode=0o600)
    password.write_text("Read-0nly!lab", encoding="utf-8")
    bench.directory.apply(
        entry(
            _ACCOUNT,
            {
                "objectClass": ["organizationalRole", "simpleSecurityObject"],
                "cn": "connector",
                "userPassword": password.read_text(encoding="utf-8"),
            },
        ),
        entry(
            _READERS,
            {
                "objectClass": "groupOfNames",
                "cn": "Directory Readers",
                "member": [f"uid=svc-backup,{SERVICES}", _ACCOUNT],
            },
        ),
    )
    bench.edit(f'bind_dn = "cn=admin,{SUFFIX}"', f'bind_dn = "{_ACCOUNT}"')
    bench.edit("admin.password", password.name)
    lab.restrict(bench.folder, bench.server, _ACCESS)
    bench.run("sync", "--policy", "initial")
    bench.directory.apply(modify(_READERS, [("delete", "member", _ACCOUNT)]))
    bench.run("sync", "--policy", "reconcile", code=3)


def _check_right(bench: Bench) -> None:
    _check_users(bench)
    text = bench.settings_file.read_text(encoding="utf-8")
    bench.expect("the connector reads with its own account, as before", _ACCOUNT in text)
    members = bench.server.search("(cn=Directory Readers)", "member")
    bench.expect("this account is among the readers", f"member: {_ACCOUNT}\n" in members)


def _solve_right(bench: Bench) -> None:
    bench.run("sync", "--policy", "reconcile", code=3)
    bench.say(
        "All users are gone at once for the connector, while slapd still shows them to its administrator. "
        "The readers of users are the members of a group, and the connector's account is not in it:"
    )
    bench.quote(bench.server.search("(cn=Directory Readers)", "member"))
    bench.directory.apply(modify(_READERS, [("add", "member", _ACCOUNT)]))
    bench.run("sync", "--policy", "reconcile")


LOST_RIGHT = Exercise(
    "lost-right",
    "A directory without people",
    task="The connector says that 220 users left the directory. They sit at their desks. It reads with an "
    f"account of its own, {_ACCOUNT}; what readers may see is a matter of the group Directory Readers. "
    "The people in charge of security had a look at it last night.",
    looks=("connector sync --policy reconcile", "connector deletions"),
    mend="add the connector's account to the group Directory Readers, then connector sync --policy reconcile; "
    "approve nothing",
    spoil=_spoil_right,
    check=_check_right,
    solve=_solve_right,
)
