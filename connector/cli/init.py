"""``connector init``: write a commented settings file, or all that a service needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import output

if TYPE_CHECKING:
    from connector.cli.layout import File
    from connector.cli.proposal import Given


def init(
    path: Annotated[
        Path, typer.Argument(help="The settings file to write.", metavar="FILE")
    ] = Path("connector.toml"),
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Install a systemd service instead.")
    ] = False,
    root: Annotated[
        Path | None,
        typer.Option("--root", help="With --systemd: put the files below DIR.", metavar="DIR"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="CONNECTOR__DIRECTORY__URL",
            help="The directory: it is asked for its base and the domains of its users.",
        ),
    ] = None,
    base_dn: Annotated[
        str | None,
        typer.Option(
            "--base-dn",
            envvar="CONNECTOR__DIRECTORY__BASE_DN",
            help="The entry below which the connector reads.",
            metavar="DN",
        ),
    ] = None,
    bind_dn: Annotated[
        str | None,
        typer.Option(
            "--bind-dn",
            envvar="CONNECTOR__DIRECTORY__BIND_DN",
            help="The account that the connector binds as.",
            metavar="DN",
        ),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            envvar="CONNECTOR__DIRECTORY__PASSWORD_FILE",
            help="File that holds the password of the account.",
            metavar="FILE",
        ),
    ] = None,
    tls: Annotated[
        str | None,
        typer.Option(
            "--tls",
            envvar="CONNECTOR__DIRECTORY__TLS",
            help="none, starttls or ldaps.",
        ),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            "--ca-file",
            envvar="CONNECTOR__DIRECTORY__CA_FILE",
            help="PEM file of the certificates to trust.",
            metavar="FILE",
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Write over a file that is there. With --systemd the settings and passwords stay.",
        ),
    ] = False,
) -> None:
    """Write a settings file that explains every key, or install a service.

    With --url it asks the directory for its base and for the domains of UPNs and mail addresses, and proposes
    them as verified domains of the tenant; else it proposes the domain of the base. A password that the
    directory needs comes from --password-file, or from CONNECTOR__DIRECTORY__PASSWORD, which is not written.

    With --systemd it writes what a service of systemd needs: the settings below /etc/connector, a unit that
    starts this connector, the user connector, and the rotation of the log. What is there stays as it is. It
    has to be run as root, ends with the commands that are left to do, and may be run again at any time.

    Examples:
      $ connector init                              ./connector.toml
      $ connector init lab/connector.toml
      $ connector init --url ldap://localhost --base-dn dc=contoso,dc=com
      $ connector init --systemd --dry-run          what an installation would write
      $ sudo connector init --systemd               install a service on this machine
      $ connector init --systemd --root build       the same files for a package

    Files:
      /etc/connector/connector.toml                 the settings
      /etc/connector/directory-password             the password of directory.bind_dn; empty at first
      /etc/connector/mail-password                  the password of mail.user; empty at first
      /etc/connector/web-password                   the password of the pages; empty at first: no pages
      /etc/systemd/system/connector.service         the service
      /etc/sysusers.d/connector.conf                the user it runs as
      /etc/tmpfiles.d/connector.conf                who owns and reads what
      /etc/logrotate.d/connector                    how its log is rotated
      /usr/local/share/man/man1/connector.1         man connector
    """
    from connector.cli.manual import manual
    from connector.cli.proposal import Given

    if root is not None and not systemd:
        raise typer.BadParameter("--root goes with --systemd")
    try:
        if systemd:
            from connector.cli.app import build

            _install(root, manual(typer.main.get_command(build())), dry_run=dry_run, force=force)
        else:
            given = Given(
                url,
                base_dn,
                bind_dn,
                _absolute(password_file),
                tls,
                _absolute(ca_file),
                os.environ.get("CONNECTOR__DIRECTORY__PASSWORD") or None,
            )
            _write_settings(path, given, dry_run=dry_run, force=force)
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}") from error


def _absolute(path: Path | None) -> str | None:
    """Name a file so that it is found from wherever the settings are read."""
    return None if path is None else str(path.absolute())


def _write_settings(path: Path, given: Given, *, dry_run: bool, force: bool) -> None:
    from connector.cli.proposal import propose
    from connector.settings.template import template

    if path.exists() and not force:
        raise typer.BadParameter(f"{path} is there already; --force overwrites it")
    if dry_run:
        output.line(f"Would write {path}.")
        return
    proposal = propose(given)
    _write(path, 0o600, template(proposal.settings))
    output.line(f"Wrote {path}.")
    for note in proposal.notes:
        output.line(note)
    if "directory.base_dn" in proposal.settings:
        output.line("Next: look through [directory] and [tenant] in it, then run")
    else:
        output.line(
            "Next: set url and base_dn of [directory] and the domains of [tenant] in it, then run"
        )
    output.line(f"  connector --config {path} check")


def _install(root: Path | None, page: str, *, dry_run: bool, force: bool) -> None:
    from connector.cli import layout

    if root is None and os.geteuid() != 0 and not dry_run:
        raise typer.BadParameter("run it as root, or put the files elsewhere with --root DIR")
    program = _program()
    for file in layout.files(program, page):
        output.line(_install_file(file, root, dry_run=dry_run, force=force))
    if root is None:
        for command in layout.COMMANDS:
            output.line(f"{'Would run' if dry_run else 'Running'} {' '.join(command)}")
            if not dry_run:
                _run(command)
    for path in layout.hidden([program[0], sys.prefix, sys.base_prefix]):
        output.note(f"Warning: the service cannot see {path}: install the connector elsewhere.")
    if not dry_run:
        for line in layout.next_steps(program, on_this_machine=root is None):
            output.line(line)


def _install_file(file: File, root: Path | None, *, dry_run: bool, force: bool) -> str:
    """Write a file unless it is there; say what was done, or would be."""
    path = file.path if root is None else root / file.path.relative_to("/")
    if path.exists():
        if not file.is_ours:
            return f"Kept {path}"
        if path.read_text(encoding="utf-8") == file.text:
            return f"Unchanged: {path}"
        if not force:
            return f"Kept {path}, which differs: --force renews it"
    if dry_run:
        return f"Would write {path}"
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    _write(path, file.mode, file.text)
    return f"Wrote {path}"


def _write(path: Path, mode: int, text: str) -> None:
    """Write a file that is at no time open to more than ``mode`` says."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(text)


def _program() -> list[str]:
    """Return the command line that starts this connector, wherever it is started."""
    called = Path(sys.argv[0])
    if called.name == "connector" and os.access(called, os.X_OK):
        return [str(called.absolute())]
    return [sys.executable, "-m", "connector"]


def _run(command: tuple[str, ...]) -> None:
    import subprocess

    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise typer.BadParameter(
            f"{error}. Is this a machine with systemd? --root DIR writes the files alone."
        ) from error
