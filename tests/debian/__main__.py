"""Build the Debian package: ``python -m tests.debian WHEEL CONNECTOR FOLDER``.

WHEEL is the connector's wheel, CONNECTOR the command of an environment that has it, FOLDER takes the package.
Everything that runs with the connector lies in the package, in the versions of tests/requirements.lock, because
Debian has most of it in older ones (docs/decisions.md, A Debian package with its own libraries). The same
files and the same SOURCE_DATE_EPOCH give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from email.parser import HeaderParser
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
NAME = "directory-sync-connector"
MAINTAINER = "the directory-sync-connector authors <connector@localhost>"
ARCHITECTURE = "amd64"
# The Pythons of Debian 12, Ubuntu 24.04 and Debian 13; the parts in C are there for each of them.
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
EXTRAS = "lab,prompt"
COMMAND = "/usr/bin/connector"
HOME = Path("usr/lib") / NAME
DOCUMENTS = Path("usr/share/doc") / NAME
# What only an installer of Python packages reads, or what it writes about this very machine.
LEFT_OUT = ("bin", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED")
SCRIPTS = ("postinst", "prerm", "postrm")
# From where "connector init --systemd" puts its files to where a package has them.
MOVED = {
    "etc/connector/connector.toml": "etc/connector/connector.toml",
    "etc/logrotate.d/connector": "etc/logrotate.d/connector",
    "etc/systemd/system/connector.service": "usr/lib/systemd/system/connector.service",
}
CONFIGURATION = ("etc/connector/connector.toml", "etc/logrotate.d/connector")
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/connector",
    "fish": "usr/share/fish/vendor_completions.d/connector.fish",
    "zsh": "usr/share/zsh/vendor-completions/_connector",
}
# zsh reads the file at the first completion, which has to be answered too.
ANSWER_THE_FIRST = '[[ $zsh_eval_context[-1] != loadautofunc ]] || _connector_completion "$@"\n'
LAUNCHER = f"""\
#!/{HOME}/bin/python3 -I
import sys

from connector.cli.app import main

sys.exit(main())
"""
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: python3 (>= {first}), python3 (<< {behind}), adduser, libc6 (>= 2.28), libgcc-s1
Recommends: ca-certificates, logrotate
Suggests: ldap-utils, slapd
Section: net
Priority: optional
Description: sync connector between a test directory and a modelled tenant
 A daemon that stands beside a test directory and does what Azure AD Connect
 does beside Active Directory: it reads users, groups and contacts over LDAP,
 applies sync rules and exports the changes into a model of the cloud
 directory, with duplicate attribute resiliency.
 .
 The package brings the Python libraries that the connector needs.
"""


def build(wheel: Path, connector: Path, folder: Path, moment: datetime) -> Path:
    """Build the package into a folder; return its path."""
    version = wheel.name.split("-")[1]
    with TemporaryDirectory() as scratch:
        root = Path(scratch) / "root"
        add_code(wheel, version, root)
        add_service(connector, root)
        add_documents(version, moment, root)
        settle(root, moment)
        write_control(root, debian_version(version))
        settle(root / "DEBIAN", moment)
        package = folder / f"{NAME}_{debian_version(version)}_{ARCHITECTURE}.deb"
        call("dpkg-deb", "--build", "--root-owner-group", "-Zxz", "-z1", str(root), str(package))
    return package


def debian_version(version: str) -> str:
    """Write a version so that dpkg sorts 1.0rc1 before 1.0, as pip does."""
    return re.sub(r"\.?(a|b|rc|dev)(?=\d)", r"~\1", version) + "-1"


def call(*command: str, **environ: str) -> str:
    """Run a command and return its output; where it fails, show what it said and end."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "DPKG_DEB_THREADS_MAX": "1", "LC_ALL": "C.UTF-8", **environ},
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


# --- the code -------------------------------------------------------------------------------------


def add_code(wheel: Path, version: str, root: Path) -> None:
    """Lay out an environment of Python whose interpreter is that of the system."""
    library = root / HOME / "lib"
    site = library / "python3" / "site-packages"
    first, *others = PYTHONS
    found = ["--find-links", str(wheel.parent), f"{NAME}[{EXTRAS}]=={version}"]
    add_packages(first, found, site)
    for python in others:
        add_packages(python, ["--no-deps", *with_parts_in_c(site)], site)
    for python in PYTHONS:
        (library / f"python{python}").symlink_to("python3")
    programs = root / HOME / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to("../../../bin/python3")
    write(programs / "connector", LAUNCHER, 0o755)
    write(root / HOME / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    (root / "usr/bin").mkdir()
    (root / "usr/bin/connector").symlink_to(f"../lib/{NAME}/bin/connector")


def add_packages(python: str, packages: list[str], site: Path) -> None:
    """Unpack packages for one Python, in the locked versions, beside those of the others."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    binaries = ["--only-binary", ":all:", "--python-version", python, "--implementation", "cp"]
    for platform in PLATFORMS:
        binaries += ["--platform", platform]
    locked = ["--constraint", str(ROOT / "tests" / "requirements.lock")]
    with TemporaryDirectory() as folder:
        call(*pip, *binaries, *locked, "--no-compile", "--target", folder, *packages)
        for pattern in LEFT_OUT:
            for path in Path(folder).glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        merge(Path(folder), site)


def with_parts_in_c(site: Path) -> list[str]:
    """Name the packages that differ from Python to Python, with their versions."""
    return [
        "==".join(file.parent.name.removesuffix(".dist-info").split("-"))
        for file in sorted(site.glob("*.dist-info/WHEEL"))
        if "\nTag: cp3" in file.read_text(encoding="utf-8")
    ]


def merge(installed: Path, site: Path) -> None:
    """Add the files of one Python to those of the others.

    Only the parts in C differ, and are named so; and what tells how these were built.
    """
    for file in sorted(path for path in installed.rglob("*") if path.is_file()):
        there = site / file.relative_to(installed)
        if not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, there)
        elif ".dist-info/" not in str(file) and there.read_bytes() != file.read_bytes():
            sys.exit(f"{file.relative_to(installed)} is not the same for every Python.")


# --- the service, its manual page and completion --------------------------------------------------


def add_service(connector: Path, root: Path) -> None:
    """Add what the connector itself writes for a service, in the places of a package."""
    with TemporaryDirectory() as scratch:
        call(str(connector), "init", "--systemd", "--root", scratch)
        for there, here in MOVED.items():
            text = (Path(scratch) / there).read_text(encoding="utf-8")
            write(root / here, re.sub("(?m)^(Exec.*=).*(?= --config )", rf"\1{COMMAND}", text))
        page = (Path(scratch) / "usr/local/share/man/man1/connector.1").read_bytes()
    write(root / "usr/share/man/man1/connector.1.gz", packed(page))
    for shell, place in COMPLETIONS.items():
        text = call(str(connector), _CONNECTOR_COMPLETE=f"source_{shell}").lstrip("\n")
        write(root / place, text + (ANSWER_THE_FIRST if shell == "zsh" else ""))
    write(root / "usr/share/python3/runtime.d" / f"{NAME}.rtupdate", read("rtupdate"), 0o755)
    write(root / "usr/share/lintian/overrides" / NAME, read("lintian-overrides"))


# --- documents ------------------------------------------------------------------------------------


def add_documents(version: str, moment: datetime, root: Path) -> None:
    folder = root / DOCUMENTS
    for document in sorted((ROOT / "docs").glob("*.md")):
        write(folder / document.name, document.read_text(encoding="utf-8"))
    for example in sorted((ROOT / "docs" / "examples").iterdir()):
        write(folder / "examples" / example.name, example.read_text(encoding="utf-8"))
    monitoring = HOME / "lib/python3/site-packages/connector/compose/monitoring"
    (folder / "examples" / "monitoring").symlink_to(
        os.path.relpath(monitoring, DOCUMENTS / "examples")
    )
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    write(folder / "changelog.gz", packed(changes))
    entry = (
        f"{NAME} ({debian_version(version)}) unstable; urgency=medium\n\n"
        f"  * Version {version}: see changelog.gz.\n\n"
        f" -- {MAINTAINER}  {format_datetime(moment)}\n"
    )
    write(folder / "changelog.Debian.gz", packed(entry.encode()))
    write(folder / "copyright", licences(root))


def licences(root: Path) -> str:
    """Say under which licence the connector and each of its libraries are."""
    parts = [(ROOT / "LICENSE").read_text(encoding="utf-8").strip()]
    for metadata in sorted((root / HOME).rglob("*.dist-info/METADATA")):
        about = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
        if about["Name"] != NAME:
            parts.append(licence(about, metadata.parent.relative_to(root)))
    parts.append(
        "Debian has the texts of the Apache, GPL and LGPL licences too:\n"
        "/usr/share/common-licenses/Apache-2.0, /usr/share/common-licenses/LGPL-3"
    )
    return "\n\n".join(parts) + "\n"


def licence(about: Message, folder: Path) -> str:
    kinds = [
        each.rpartition(" :: ")[2]
        for each in about.get_all("Classifier", [])
        if each.startswith("License")
    ]
    said = about["License-Expression"] or ", ".join(kinds) or about["License"]
    people = about["Author"] or about["Author-email"] or about["Maintainer"] or "its authors"
    return (
        f"{about['Name']} {about['Version']}, copyright {' '.join(people.split())}: "
        f"{said.splitlines()[0]}.\nFiles and licence: /{folder}"
    )


# --- the package ----------------------------------------------------------------------------------


def write_control(root: Path, version: str) -> None:
    """Write what dpkg reads: control file, conffiles, checksums and scripts."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    kibibytes = sum(-(-path.stat().st_size // 1024) for path in files)
    folders = sum(path.is_dir() or path.is_symlink() for path in root.rglob("*"))
    control = CONTROL.format(
        name=NAME,
        version=version,
        architecture=ARCHITECTURE,
        maintainer=MAINTAINER,
        size=kibibytes + folders,
        first=PYTHONS[0],
        behind=f"3.{int(PYTHONS[-1].partition('.')[2]) + 1}",
    )
    here = root / "DEBIAN"
    # dpkg reads no other sums.
    sums = [(hashlib.md5(path.read_bytes()), path) for path in files]  # noqa: S324
    write(here / "control", control)
    write(here / "conffiles", "".join(f"/{path}\n" for path in CONFIGURATION))
    lines = [f"{found.hexdigest()}  {path.relative_to(root)}\n" for found, path in sums]
    write(here / "md5sums", "".join(lines))
    for script in SCRIPTS:
        write(here / script, read(script), 0o755)


def settle(folder: Path, moment: datetime) -> None:
    """Give all that is below a folder, and it, the date of the version."""
    seconds = moment.timestamp()
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink() and path.is_dir():
            path.chmod(0o755)
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


if __name__ == "__main__":
    date = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    build(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), date)
