from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connector.errors import LabUnusable
from connector.lab import installed
from connector.lab.records import USERS
from connector.lab.slapd import PrivateSlapd
from connector.values.ldif import entry

UNIT = {"objectClass": "organizationalUnit"}
SHORT = 60.0


def unit(name: str) -> str:
    return entry(f"ou={name},{USERS}", UNIT | {"ou": name})


def units(server: PrivateSlapd) -> list[str]:
    found = server.search("(objectClass=organizationalUnit)", "ou", base=USERS)
    return sorted(line.removeprefix("ou: ") for line in found.splitlines() if "ou: " in line)


def accepts(url: str) -> bool:
    host, port = url.removeprefix("ldap://").split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


def wait_until(happened) -> bool:
    deadline = time.monotonic() + SHORT
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(happened())


def test_leaving_the_block_stops_the_server(tmp_path):
    with PrivateSlapd(tmp_path / "slapd").start() as server:
        url = server.url
        assert accepts(url)

    assert not accepts(url)
    assert not server.is_running()


def test_an_error_in_the_block_stops_the_server_too(tmp_path):
    server = PrivateSlapd(tmp_path / "slapd")

    with pytest.raises(ZeroDivisionError), server.start():
        1 / 0  # noqa: B018

    assert not server.is_running()


def test_two_servers_do_not_meet(tmp_path):
    with (
        PrivateSlapd(tmp_path / "one").start() as one,
        PrivateSlapd(tmp_path / "two").start() as two,
    ):
        assert one.url != two.url
        assert one.password_file.read_text() != two.password_file.read_text()


def test_a_killed_server_starts_again_at_its_address_with_its_entries(slapd):
    slapd.apply(unit("kept"))
    url = slapd.url

    slapd.kill()
    slapd.start()

    assert slapd.url == url
    assert "kept" in units(slapd)


def test_a_running_server_loads_too(slapd):
    slapd.load([unit("a"), unit("b")])

    assert {"a", "b"} <= set(units(slapd))


def test_wiping_forgets_every_entry(slapd):
    slapd.wipe()
    slapd.start()

    with pytest.raises(LabUnusable, match="No such object"):
        slapd.search("(objectClass=*)", "1.1")


def test_a_refused_change_names_the_tool_and_the_reason(slapd):
    with pytest.raises(LabUnusable, match=r"ldapmodify failed \(32\).*No such object"):
        slapd.apply(f"dn: uid=nobody,{USERS}\nchangetype: delete\n")


def test_a_refused_load_names_the_reason(tmp_path):
    with (
        PrivateSlapd(tmp_path / "slapd") as server,
        pytest.raises(LabUnusable, match=r"slapd failed .*no dn|parse"),
    ):
        server.load(["nonsense\n\n"])


def test_a_server_that_cannot_start_says_which_line_is_wrong(tmp_path):
    server = PrivateSlapd(tmp_path / "slapd", directives=["no-such-directive on"])

    with pytest.raises(LabUnusable, match="unknown directive <no-such-directive>"):
        server.start()

    assert not server.is_running()


def test_a_missing_slapd_is_told_with_the_next_step(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installed, "_PROGRAM_FOLDERS", ())

    with pytest.raises(
        LabUnusable, match=r"slapd is not installed.*apt-get install slapd ldap-utils"
    ):
        PrivateSlapd(tmp_path / "slapd")


def test_no_secret_is_readable_by_others_or_on_a_command_line(slapd):
    secret = slapd.password_file.read_text()
    command = Path(f"/proc/{slapd.find_pid()}/cmdline").read_text()

    modes = {
        file.name: stat.filemode(file.stat().st_mode)
        for file in slapd.path.iterdir()
        if file.is_file() and secret in file.read_text(errors="replace")
    }

    assert modes == {"admin.password": "-rw-------", "slapd.conf": "-rw-------"}
    assert secret not in command
    assert len(secret) >= 24


def test_the_server_ends_with_a_killed_owner(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from connector.lab.slapd import PrivateSlapd\n"
        "server = PrivateSlapd(Path(sys.argv[1])).start(); print(server.url, flush=True)\n"
        "time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "slapd")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    with owner:
        assert owner.stdout
        url = owner.stdout.readline().strip()
        assert accepts(url)

        owner.send_signal(signal.SIGKILL)

    assert wait_until(lambda: not accepts(url))


def test_a_limit_among_the_directives_holds(tmp_path):
    with PrivateSlapd(tmp_path / "slapd", directives=["limits anonymous size=1"]) as server:
        server.load(
            [
                entry(
                    server.suffix,
                    {"objectClass": ["dcObject", "organization"], "dc": "contoso", "o": "x"},
                ),
                entry(USERS, UNIT | {"ou": "users"}),
            ]
        )
        server.start()
        search = [installed.program("ldapsearch"), "-x", "-H", server.url, "-b", server.suffix]

        done = subprocess.run(search, capture_output=True, text=True, check=False)

    assert "Size limit exceeded" in done.stdout
    assert done.returncode == 4
