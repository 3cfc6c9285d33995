"""The Debian package on machines of its own: installed, upgraded with data, removed and purged.

The commands of docs/debian.md lead one machine through its life, word for word; in between is noted
what a test looks at.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import connector
from tests import documents
from tests.debian.__main__ import PYTHONS as SERVED
from tests.system import places
from tests.system.containers import engine
from tests.system.machine import machine
from tests.system.next_version import write_schema
from tests.system.test_release import PYTHONS
from tests.system.test_service import EDITOR

pytestmark = pytest.mark.containers

DOCUMENT = "docs/debian.md"
NAME = "directory-sync-connector"
HOME = f"/usr/lib/{NAME}"
LATER = "99.0"
SETTINGS = "/etc/connector/connector.toml"
FOLDERS = ("/var/lib/connector", "/var/log/connector", "/var/backups/connector")
COUNT = """\
import sqlite3
print(*sqlite3.connect('/var/lib/connector/tenant.db').execute('SELECT count(*) FROM later').fetchone())
"""
# Everything of the connector, but for the packages and what the documents say stays.
OURS = (
    "find / -xdev -name '*connector*' -not -path '/srv/*' -not -path '/var/backups/*'"
    " -not -path '/tmp/*'"
)
# A library of each kind: with parts in C for every Python, for all at once, and without any.
LIBRARIES = (
    "charset_normalizer.md, cryptography.hazmat.bindings._rust, docker, markupsafe._speedups, orjson,"
    " prompt_toolkit, pydantic_core, wcwidth._wcwidth_c"
)
CLEAN = """\
FROM debian:bookworm-slim
COPY *.deb /srv/
RUN apt-get update && apt-get install --yes --no-install-recommends /srv/*.deb
RUN connector --version && connector lab story list >/dev/null
RUN bash -c '. /usr/share/bash-completion/completions/connector; COMP_WORDS=(connector sy) COMP_CWORD=1; \\
    _connector_completion connector; [[ ${COMPREPLY[*]} == sync ]]'
RUN apt-get purge --yes directory-sync-connector
"""


def run(*command: Any, cwd: Path, **environ: str) -> str:
    """Run a command that must succeed; return its output."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package of this version."""
    folder = tmp_path_factory.mktemp("package")
    root = documents.ROOT
    built = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder]
    run(*built, cwd=root)
    (wheel,) = folder.glob("*.whl")
    command = Path(sys.executable).parent / "connector"
    make = [sys.executable, "-m", "tests.debian", wheel, command, folder]
    run(*make, cwd=root, SOURCE_DATE_EPOCH="1700000000")
    (found,) = folder.glob("*.deb")
    return found


@pytest.fixture(scope="module")
def later(package, tmp_path_factory):
    """The package of a later version, with one more migration of either database."""
    folder = tmp_path_factory.mktemp("later")
    tree = folder / "tree"
    run("dpkg-deb", "--raw-extract", package, tree, cwd=folder)
    code = tree / HOME.lstrip("/") / "lib/python3/site-packages/connector"
    shutil.rmtree(code / "schema")
    write_schema(code / "schema")
    for file in (tree / "DEBIAN" / "control", code / "__init__.py"):
        file.write_text(file.read_text().replace(connector.__version__, LATER))
    found = folder / f"{NAME}_{LATER}-1_amd64.deb"
    run("dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, found, cwd=folder)
    shutil.rmtree(tree)
    return found


class Life:
    """A machine on which the package comes and goes, and what was seen of it."""

    def __init__(self, machine):
        self.machine = machine
        self.broken: dict[str, list[str]] = {}
        self.seen: dict[str, Any] = {}

    def follow(self, part):
        """Do what the document says in a part."""
        commands = parts_of_the_document()[part]
        self.broken[part] = places.broken(DOCUMENT, commands, self.machine.run)

    def note(self, **facts):
        self.seen.update(facts)

    def state(self):
        return self.machine.service("ActiveState"), self.machine.run(
            "systemctl is-enabled connector"
        ).printed.strip()

    def install(self, package):
        self.machine.done(f"apt-get install --yes --reinstall --allow-downgrades {package}")


def parts_of_the_document():
    """Its commands by the heading above them; the two ways to remove it are parts of their own."""
    text = (documents.ROOT / DOCUMENT).read_text(encoding="utf-8")
    headings = {n: line[3:] for n, line in documents.prose(text) if line.startswith("## ")}
    parts: dict[str, list[documents.Command]] = {}
    for command in documents.commands(DOCUMENT, "systemd"):
        title = headings[max(line for line in headings if line < command.line)]
        parts.setdefault("Purge" if " purge " in command.text else title, []).append(command)
    return parts


@pytest.fixture(scope="module")
def life(package, later):
    with engine() as client, machine(client) as booted:
        booted.bring(package.parent, "/srv")
        booted.bring(later.parent, "/srv/later")
        booted.write("/usr/local/bin/editor", EDITOR, 0o755)
        # The base image lets no service start and leaves documents out, as a build wants it.
        booted.done("rm -f /usr/sbin/policy-rc.d /etc/dpkg/dpkg.cfg.d/*")
        booted.write("/etc/dpkg/dpkg.cfg.d/quick", "force-unsafe-io\n")
        life = Life(booted)
        live(life, f"/srv/{package.name}", f"/srv/later/{later.name}")
        yield life


def live(life, package, later):
    here = life.machine
    life.note(untouched=here.done(OURS))
    life.install(package)
    life.note(
        fresh=life.state(),
        rights=here.done(f"stat -c '%U:%G %a %n' /etc/connector/* {' '.join(FOLDERS)}"),
        verified=here.run(f"dpkg --verify {NAME}").printed,
        compiled=here.done(f"find {HOME} -name '*.pyc' | wc -l"),
        unit=here.run("systemd-analyze verify --man=no connector.service").printed,
    )
    here.done(f"apt-get purge --yes {NAME}")
    life.note(purged_at_once=here.done(OURS))

    life.follow("Install")
    here.done("connector sync || [ $? -eq 1 ]")
    life.note(
        running=life.state(), objects=here.json("objects"), settings=here.done(f"cat {SETTINGS}")
    )
    life.follow("Upgrade")
    life.note(
        upgraded=life.state(),
        version=here.done("connector --version"),
        objects_later=here.json("objects"),
        settings_later=here.done(f"cat {SETTINGS}"),
        owners=here.done(f"find {' '.join(FOLDERS)} ! -user connector"),
        migrated=here.done(f'python3 -c "{COUNT}"'),
    )
    refused = here.run(f"apt-get install --yes --allow-downgrades {package}")
    life.note(downgraded=(refused.code, refused.printed, life.state()))
    life.install(later)
    life.note(stopped=life.state())
    here.done("systemctl disable connector && systemctl start connector")
    life.install(later)
    life.note(by_hand=life.state())

    here.done("systemctl enable --now connector")
    life.follow("Remove")
    life.note(
        removed=life.state(),
        code_left=here.done(f"find / -xdev -path '{HOME}*'"),
        data_left=here.done("ls /var/lib/connector /etc/connector"),
    )
    life.install(later)
    life.note(objects_again=here.json("objects"))
    life.follow("Purge")
    life.note(
        purged=here.done(OURS),
        users=here.run("getent passwd connector; getent group connector").printed,
        backups=here.done("find /var/backups/connector ! -user root; ls /var/backups/connector"),
        units=here.run("systemctl list-unit-files --no-legend 'connector*'").printed,
    )


def test_the_commands_of_the_document_do_what_it_says(life):
    assert life.broken == {"Install": [], "Upgrade": [], "Remove": [], "Purge": []}


def test_a_new_installation_neither_enables_nor_starts_the_service(life):
    assert life.seen["fresh"] == ("inactive", "disabled")


def test_what_it_installs_belongs_to_whom_it_should(life):
    assert life.seen["rights"].splitlines() == [
        f"root:connector 640 {SETTINGS}",
        "root:connector 640 /etc/connector/directory-password",
        "root:connector 640 /etc/connector/mail-password",
        "root:connector 640 /etc/connector/web-password",
        "connector:connector 700 /var/lib/connector",
        "connector:connector 750 /var/log/connector",
        "connector:connector 700 /var/backups/connector",
    ]
    assert life.seen["verified"] == ""


def test_its_code_is_compiled_and_its_unit_is_sound(life):
    assert int(life.seen["compiled"]) > 200
    assert life.seen["unit"] == ""


def test_an_upgrade_keeps_the_data_and_starts_again_what_ran(life):
    assert life.seen["running"] == life.seen["upgraded"] == ("active", "enabled")
    assert life.seen["version"] == f"connector {LATER}\n"
    assert len(life.seen["objects"]) > 0
    assert life.seen["objects_later"] == life.seen["objects"]
    assert life.seen["settings_later"] == life.seen["settings"]
    assert life.seen["migrated"] == "20000\n"
    assert life.seen["owners"] == ""


def test_an_older_version_is_installed_but_refuses_the_databases_and_apt_says_so(life):
    code, said, state = life.seen["downgraded"]

    assert (code, state[0]) == (0, "failed")
    assert "connector.service does not start" in said


def test_a_service_that_was_started_by_hand_runs_after_an_upgrade_and_a_stopped_one_does_not(life):
    assert life.seen["by_hand"] == ("active", "disabled")
    assert life.seen["stopped"] == ("failed", "enabled")


def test_a_removal_keeps_settings_and_data_for_the_next_installation(life):
    assert life.seen["removed"][0] == "inactive"
    assert life.seen["code_left"] == ""
    assert {"tenant.db", "connector.toml", "directory-password"} <= set(
        life.seen["data_left"].split()
    )
    assert life.seen["objects_again"] == life.seen["objects"]


def test_a_purge_leaves_nothing_but_the_backups_that_root_owns_then(life):
    assert life.seen["untouched"] == life.seen["purged_at_once"] == life.seen["purged"] == ""
    assert (life.seen["users"], life.seen["units"]) == ("", "")
    assert life.seen["backups"] == "before-the-upgrade\n"


@pytest.mark.parametrize("version", sorted(PYTHONS.keys() & SERVED))
def test_its_libraries_work_with_each_python_that_it_may_be_installed_beside(
    version, package, tmp_path
):
    run("dpkg-deb", "--extract", package, tmp_path, cwd=tmp_path)
    home = tmp_path / HOME.lstrip("/")
    interpreter = Path(PYTHONS[version]).resolve()
    (home / "bin" / "python3").unlink()
    (home / "bin" / "python3").symlink_to(interpreter)
    (home / "pyvenv.cfg").write_text(f"home = {interpreter.parent}\n")
    python = [home / "bin" / "python3", "-I"]

    where = run(*python, "-c", f"import sys, {LIBRARIES}; print(sys.prefix)", cwd=tmp_path)
    told = run(*python, home / "bin" / "connector", "lab", "story", "upn", cwd=tmp_path)

    assert where == f"{home}\n"
    assert "The story is over; everything went as it should.\n" in told


def test_a_clean_debian_without_systemd_gets_what_it_depends_on(package, tmp_path):
    shutil.copy(package, tmp_path)
    (tmp_path / "Dockerfile").write_text(CLEAN)
    with engine() as client:
        image, log = client.images.build(path=str(tmp_path), rm=True, forcerm=True)
        said = "".join(line.get("stream", "") for line in log)
        left = client.containers.run(image, ["sh", "-c", OURS], remove=True).decode()
        client.images.remove(image.id, force=True)

    assert re.search(rf"^connector {re.escape(connector.__version__)}$", said, re.MULTILINE)
    assert left == ""
