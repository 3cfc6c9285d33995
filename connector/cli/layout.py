"""The files of an installation in the usual places of Debian: settings, unit, snippets."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from connector import resources
from connector.settings.secrets import DIRECTORY, MAIL, WEB
from connector.settings.template import template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETTINGS = Path("/etc/connector/connector.toml")
PASSWORDS = tuple(SETTINGS.with_name(name) for name in (DIRECTORY, MAIL, WEB))
UNIT = Path("/etc/systemd/system/connector.service")
USERS = Path("/etc/sysusers.d/connector.conf")
FOLDERS = Path("/etc/tmpfiles.d/connector.conf")
ROTATION = Path("/etc/logrotate.d/connector")
MANUAL = Path("/usr/local/share/man/man1/connector.1")

# Make the user, then the folders, and give the files to whom they belong.
COMMANDS = (
    ("systemd-sysusers", str(USERS)),
    ("systemd-tmpfiles", "--create", str(FOLDERS)),
)

_PACKAGED_PROGRAM = "/usr/bin/connector"
_LOG = 'file = "/var/log/connector/connector.log"'
# What the unit's ProtectHome= and PrivateTmp= hide from the service.
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108


class File(NamedTuple):
    """A file to write; the operator's own files are never overwritten."""

    path: Path
    mode: int
    text: str
    is_ours: bool = True


def files(program: Sequence[str], manual: str) -> Iterator[File]:
    """Yield the files of the layout.

    ``program`` is the command line that starts this connector, ``manual`` the text of its manual page.
    """
    proposed = {"tenant.verified_domains": ["contoso.com"]}
    settings = template(proposed).replace(f"# {_LOG}", _LOG)
    yield File(SETTINGS, 0o640, settings, is_ours=False)
    for path in PASSWORDS:
        yield File(path, 0o640, "", is_ours=False)
    command = " ".join(map(_quoted, program))
    yield File(UNIT, 0o644, _packaged("service").replace(_PACKAGED_PROGRAM, command))
    yield File(USERS, 0o644, _packaged("sysusers"))
    yield File(FOLDERS, 0o644, _packaged("tmpfiles"))
    yield File(ROTATION, 0o644, _packaged("logrotate"))
    yield File(MANUAL, 0o644, manual)


def hidden(paths: Sequence[str]) -> list[str]:
    """Return those of the paths that the service would not find."""
    return [path for path in paths if any(Path(path).is_relative_to(top) for top in _HIDDEN)]


def next_steps(program: Sequence[str], *, on_this_machine: bool) -> Iterator[str]:
    """Return the remaining steps, in order."""
    command = "connector" if shutil.which("connector") == program[0] else " ".join(program)
    commands = [] if on_this_machine else [" ".join(command) for command in COMMANDS]
    yield "Next, as root:" if on_this_machine else "Next, as root on the machine itself:"
    yield from (f"  {command}" for command in commands)
    yield f"  edit {SETTINGS}: url, base_dn and bind_dn of [directory], the domains of [tenant]"
    yield f"  write the password of bind_dn into {PASSWORDS[0]}"
    yield f"  {command} check"
    yield "  systemctl daemon-reload"
    yield "  systemctl enable --now connector"


def _packaged(kind: str) -> str:
    return resources.compose(f"connector.{kind}").read_text(encoding="utf-8")


def _quoted(word: str) -> str:
    """Write a word of a command line as systemd.service(5) reads it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if re.fullmatch(r"[\w./+:@=-]+", word) else f'"{escaped}"'
