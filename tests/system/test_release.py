"""What ./tests/release builds is whole, the same each time, and works without the checkout on every Python."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import connector
from connector import resources
from connector.lab.slapd import PrivateSlapd
from tests.lowest import lowest

ROOT = Path(__file__).parents[2]
VERSION = connector.__version__
WHEEL = f"directory_sync_connector-{VERSION}-py3-none-any.whl"
ARCHIVE = f"directory_sync_connector-{VERSION}.tar.gz"
PACKAGE = f"directory-sync-connector_{VERSION}-1_amd64.deb"
BILL = f"directory_sync_connector-{VERSION}.cdx.json"
SETTINGS = """
[directory]
url = "{url}"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
verified_domains = ["contoso.com", "fabrikam.com"]
[storage]
path = "var"
"""


def run(*command, cwd, ends=(0, 1), **environ):
    """Run a command as somebody who has neither the checkout nor its environment."""
    clean = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean, "PATH": path, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in ends, (command, done.stdout, done.stderr)
    return done


def pythons():
    """The Pythons of this machine that the project promises to run on, one of each version."""
    usual = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    kept = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))
    found: dict[str, str | Path] = {}
    candidates: list[str | Path] = [sys.executable, *filter(None, usual), *kept]
    for candidate in candidates:
        said = subprocess.run(
            [candidate, "-c", "import sys, venv, ssl, sqlite3; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        version = tuple(map(int, said))
        if version >= (3, 11):
            found.setdefault(".".join(said), candidate)
    return found


PYTHONS = pythons()


def _number(version):
    return tuple(map(int, version.split(".")))


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory):
    """The files of the project in two places, as they are now."""
    rules = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    left_out = shutil.ignore_patterns(".git", *(rule.strip("/") for rule in rules))
    first, second = (tmp_path_factory.mktemp(name) / "checkout" for name in ("one", "another"))
    shutil.copytree(ROOT, first, ignore=left_out)
    shutil.copytree(first, second)
    return first, second


@pytest.fixture(scope="module")
def built(checkouts):
    """The folder of a wheel and an archive that were built from the first of them."""
    target = checkouts[0].parent / "built"
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, cwd=checkouts[0])
    return target


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    with PrivateSlapd(tmp_path_factory.mktemp("slapd")) as slapd:
        for name in ("base", "conflicts"):
            slapd.load(resources.compose("lab", f"{name}.ldif"))
        yield slapd.start()


def test_the_same_files_give_the_same_release_wherever_they_are(checkouts, tmp_path):
    folders = [tmp_path / "one", tmp_path / "another"]
    started = [
        subprocess.Popen(
            [checkout / "tests" / "release", folder], stderr=subprocess.PIPE, text=True
        )
        for checkout, folder in zip(checkouts, folders, strict=True)
    ]
    said = [process.communicate(timeout=900)[1] for process in started]
    sums = [(folder / "SHA256SUMS").read_text(encoding="utf-8") for folder in folders]

    assert [process.returncode for process in started] == [0, 0], said
    assert sums[0] == sums[1]
    assert sums[0] == "".join(
        f"{hashlib.sha256((folders[1] / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ["connector.1", PACKAGE, WHEEL, BILL, ARCHIVE]
    )
    check_bill(json.loads((folders[0] / BILL).read_text(encoding="utf-8")))


def check_bill(bill):
    """It names the project, all that it and its extras need as locked, and nothing that only tests need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "tests" / "requirements.lock").read_text(encoding="utf-8").split()
    parts = {canonicalize_name(part["name"]): part["version"] for part in bill["components"]}
    extras = project["optional-dependencies"]
    run_time = [*project["dependencies"], *extras["lab"], *extras["prompt"]]
    wanted = {canonicalize_name(Requirement(text).name) for text in run_time}

    about = bill["metadata"]["component"]
    assert (about["name"], about["version"]) == (project["name"], VERSION)
    assert wanted - parts.keys() == set()
    locked = {canonicalize_name(line.partition("==")[0]): line for line in lock if "==" in line}
    assert [f"{n}=={v}" for n, v in parts.items() if not locked[n].endswith(f"=={v}")] == []
    assert {"pytest", "mypy", "hatchling"} & parts.keys() == set()


def test_the_archive_builds_the_same_wheel(built, tmp_path):
    run("tar", "--extract", "--file", built / ARCHIVE, cwd=tmp_path)
    (unpacked,) = tmp_path.iterdir()

    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", cwd=unpacked)

    assert (unpacked / "dist" / WHEEL).read_bytes() == (built / WHEEL).read_bytes()


def test_the_wheel_holds_the_data_of_the_project_and_its_types(built, checkouts):
    with zipfile.ZipFile(built / WHEEL) as wheel:
        inside = set(wheel.namelist())
    here = {
        f"connector/{path.relative_to(checkouts[0]).as_posix()}"
        for folder in ("schema", "compose")
        for path in (checkouts[0] / folder).rglob("*")
        if path.is_file()
    }

    assert here - inside == set()
    assert "connector/py.typed" in inside
    assert [name for name in inside if name.startswith("tests/")] == []
    assert [name.partition("/")[2] for name in inside if "/licenses/" in name] == [
        "licenses/LICENSE"
    ]


def test_the_wheel_says_who_made_it_and_under_which_licence(built):
    with zipfile.ZipFile(built / WHEEL) as wheel:
        name = f"directory_sync_connector-{VERSION}.dist-info/METADATA"
        about = message_from_bytes(wheel.read(name))

    assert (about["License-Expression"], about["License-File"]) == ("MIT", "LICENSE")
    assert about["Author"] == "the directory-sync-connector authors"
    assert "ldap" in about["Keywords"].split(",")
    assert set(about.get_all("Provides-Extra", [])) == {"dev", "lab", "postgresql", "prompt"}


def test_the_archive_holds_what_the_tests_need(built):
    with tarfile.open(built / ARCHIVE) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}

    assert {"README.md", "pyproject.toml", "tests/run", "tests/requirements.lock"} <= inside
    assert {"LICENSE", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= inside
    assert {"compose/docker-compose.yml", "docs/release.md", ".dockerignore"} <= inside


@pytest.fixture
def constraints(request, tmp_path):
    """A file with the versions to install: those that are tested, or the lowest that will do."""
    if request.param == "locked":
        return ROOT / "tests" / "requirements.lock"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    file = tmp_path / "lowest.txt"
    file.write_text("".join(f"{line}\n" for line in lowest(project)))
    return file


@pytest.mark.parametrize(
    ("version", "constraints"),
    [*((version, "locked") for version in PYTHONS), (min(PYTHONS, key=_number), "lowest")],
    indirect=["constraints"],
)
def test_it_works_where_nothing_but_the_wheel_is(version, constraints, built, directory, tmp_path):
    venv, here = tmp_path / "venv", tmp_path / "elsewhere"
    here.mkdir()
    run(PYTHONS[version], "-m", "venv", "--without-pip", venv, cwd=here)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python", "install"]
    done = run(*pip, "--constraint", constraints, built / WHEEL, cwd=here)
    assert done.returncode == 0, done.stderr
    command = venv / "bin" / "connector"

    told = run(command, "--version", cwd=here).stdout
    run(command, "init", "written.toml", cwd=here)
    (here / "connector.toml").write_text(SETTINGS.format(url=directory.url))
    checked = run(command, "check", cwd=here).stdout
    synced = run(command, "sync", cwd=here).stdout
    errors = run(command, "errors", "--json", cwd=here).stdout
    stories = run(command, "lab", "story", "list", cwd=here).stdout
    unit = run(command, "init", "--systemd", "--root", "root", cwd=here)
    lab = run(command, "lab", "up", "--engine", "docker", cwd=here, ends=(2,))

    assert told == f"connector {VERSION}\n"
    assert "FAILED" not in checked
    assert "Run 1 (delta): completed-export-errors" in synced
    assert {error["kind"] for error in json.loads(errors)} <= {"quarantine", "export"}
    assert json.loads(errors)
    assert re.search(r"^sweep ", stories, re.MULTILINE)
    assert f"{command} check" in unit.stdout
    assert "pip install 'directory-sync-connector[lab]'" in lab.stderr
    where = run(venv / "bin" / "python", "-c", "import connector as c; print(c.__file__)", cwd=here)
    assert where.stdout.startswith(str(venv))
    has = "import importlib.util as u; print(*map(u.find_spec, ('docker', 'prompt_toolkit')))"
    assert run(venv / "bin" / "python", "-c", has, cwd=here).stdout == "None None\n"
    check_daemon(command, here)


def check_daemon(command, here):
    """The daemon runs without any extra, and ends in good order."""
    with subprocess.Popen([command, "run"], cwd=here, stderr=subprocess.PIPE, text=True) as daemon:
        assert daemon.stderr
        first = next(line for line in daemon.stderr if "cycle.finished" in line)
        daemon.terminate()
        daemon.stderr.read()

    assert (daemon.returncode, "completed-export-errors" in first) == (0, True)
