"""Break what is around the connector: an administrator of the cloud, and the disk."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from contextlib import suppress

from connector.errors import LabUnusable
from connector.lab.exercises.exercise import Bench, Exercise
from connector.lab.records import user

_ROOT, _NAME = "rita.root@contoso.com", "Rita Root"
_KEPT = "cloud-administrator"


def _spoil_role(bench: Bench) -> None:
    bench.run(
        *("tenant", "add", "user", f"userPrincipalName={_ROOT}", f"displayName={_NAME}"),
        *(f"mail={_ROOT}", "--admin-role"),
    )
    (bench.folder.path / "slapd" / _KEPT).write_text(str(bench.find(_NAME)["id"]), encoding="utf-8")
    bench.directory.apply(user("rita.root", _NAME, mail=_ROOT, title="Administrator"))
    bench.run("sync", code=1)


def _check_role(bench: Bench) -> None:
    found = [each for each in bench.json("objects") if each["displayName"] == _NAME]
    bench.expect(f"there is one {_NAME}", len(found) == 1)
    kept = (bench.folder.path / "slapd" / _KEPT).read_text(encoding="utf-8")
    bench.expect("it is the account that she had in the cloud", found[0]["id"] == kept)
    bench.expect("it is synced from the directory", found[0]["jobTitle"] == "Administrator")
    bench.expect(f"she signs in as {_ROOT}", found[0]["userPrincipalName"] == _ROOT)
    bench.expect("nothing is quarantined", bench.errors() == [])


def _solve_role(bench: Bench) -> None:
    bench.run("errors")
    bench.say(
        "An account with an administrator role is never taken over: a second one was made beside it. Four "
        "steps: take the role away, delete the second one for good, let a cycle match, give the role back."
    )
    bench.run("tenant", "set", _ROOT, "--no-admin-role")
    second = next(
        each["userPrincipalName"]
        for each in bench.json("objects")
        if each["displayName"] == _NAME and each["userPrincipalName"] != _ROOT
    )
    bench.run("tenant", "delete", second, "--hard")
    bench.run("sync")
    bench.run("tenant", "set", _ROOT, "--admin-role")


ADMIN_ROLE = Exercise(
    "admin-role",
    "Two of one person",
    task=f"{_NAME} has administered the tenant with an account that was made in the cloud. Now she is in the "
    "directory too, and since then there are two of her. There should be one: her old account, with its "
    "role, synced from the directory.",
    looks=("connector errors", f"connector explain {_ROOT}", "connector tenant set --help"),
    mend="connector tenant set rita.root@contoso.com --no-admin-role, connector tenant delete --hard of the "
    "second one, sync, and then --admin-role again",
    spoil=_spoil_role,
    check=_check_role,
    solve=_solve_role,
)

_DUMP = "core.4711"
_ROOM = 3 << 20


def _spoil_disk(bench: Bench) -> None:
    storage = bench.folder.storage
    used = sum(file.stat().st_size for file in storage.rglob("*") if file.is_file())
    aside = storage.with_name("var.aside")
    storage.rename(aside)
    storage.mkdir(mode=0o700)
    options = f"size={used + _ROOM},mode=700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(storage)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LabUnusable(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    shutil.copytree(aside, storage, dirs_exist_ok=True)
    shutil.rmtree(aside)
    with suppress(OSError), (storage / _DUMP).open("wb", buffering=0) as dump:
        while dump.write(b"\0" * 4096):
            pass
    bench.directory.apply(*(user(f"new.{n}", f"New Colleague {n}") for n in range(1, 41)))
    bench.run("sync", code=2)


def _check_disk(bench: Bench) -> None:
    left = shutil.disk_usage(bench.folder.storage).free
    bench.expect("the disk has room again", left > _ROOM // 3)
    there = sum(upn.startswith("new.") for upn in bench.upns())
    bench.expect("the 40 new colleagues are in the tenant", there == 40)  # noqa: PLR2004
    bench.expect_a_good_run()


def _solve_disk(bench: Bench) -> None:
    storage = shlex.quote(str(bench.folder.storage))
    bench.shell(f"df -h {storage}")
    bench.shell(f"ls -lh {storage}")
    bench.say(
        "A program that crashed left its memory here. What the connector had committed is whole: make "
        "room, and the next run goes on."
    )
    bench.shell(f"rm {shlex.quote(str(bench.folder.storage / _DUMP))}")
    bench.run("sync")


FULL_DISK = Exercise(
    "full-disk",
    "Forty people without an account",
    task="Forty new colleagues came this morning, and none of them is in the cloud: connector sync fails.",
    looks=("connector sync", "connector check"),
    mend="remove what fills the disk of var/, then sync; the databases stay",
    spoil=_spoil_disk,
    check=_check_disk,
    solve=_solve_disk,
    root=True,
)
