"""``connector lint``: what the cloud would not take as it is, before it is synced."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.progress import progress
from connector.model import DirectoryEntry
from connector.values.printable import cut_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.lint.findings import Finding
    from connector.model import Change
    from connector.ports import Directory
    from connector.report.survey import Survey
    from connector.settings import Settings

FOUND = 1


class LintFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    LDIF = "ldif"


def lint(
    context: typer.Context,
    ldif: Annotated[
        Path | None,
        typer.Option(
            "--ldif",
            help="Check the entries of this file, or what ldapsearch printed.",
            metavar="FILE",
        ),
    ] = None,
    form: Annotated[
        LintFormat,
        typer.Option(
            "--format", help="ldif prints the fixes, for ldapmodify.", case_sensitive=False
        ),
    ] = LintFormat.TABLE,
    json: Json = False,
) -> None:
    """Check the directory, or an LDIF file, for values that the cloud would not take.

    Lists every error with a suggestion, the values that the next sync would quarantine, with who would keep
    them, and the objects for which it would fail. Says how many entries are left out and why, and which
    domains of UPNs are not verified. Changes nothing.

    Examples:
      $ connector lint
      $ connector lint --ldif planned.ldif            before it is in the directory
      $ ldapsearch ... >all.ldif; connector lint --ldif all.ldif
      $ connector lint --format ldif > fixes.ldif     look through it, then ldapmodify -f fixes.ldif
      $ connector lint --format csv > findings.csv

    Exit codes:
      0  there is nothing to correct
      1  there is
      4  the directory is unavailable
    """
    from connector.lint.fixes import as_csv, as_ldif
    from connector.report.left_out import excluded_lines, excluded_rows, unverified_line, verifying

    settings = opening.settings(context, needs_storage=False)
    found, predicted, survey, overlooked = _lint(settings, ldif)
    excluded, unverified = excluded_rows(survey.left_out()), _unverified(settings, survey)
    wanted = LintFormat.JSON if json else form
    for sentence in overlooked:
        say = output.line if wanted is LintFormat.TABLE else output.note
        say(f"Not looked at: {sentence}")
    match wanted:
        case LintFormat.JSON:
            findings = [finding._asdict() for finding in found]
            output.as_json(
                {
                    "findings": findings,
                    "predicted": predicted,
                    "excluded": excluded,
                    "unverified": [{"domain": d, "users": n} for d, n in unverified.items()],
                    "notLookedAt": overlooked,
                }
            )
        case LintFormat.CSV:
            for text in as_csv(found):
                output.line(text)
        case LintFormat.LDIF:
            for text in as_ldif(found):
                typer.echo(text, nl=False)
        case _:
            _print(found, predicted)
            for line in excluded_lines(excluded):
                output.line(f"Left out: {line}")
            if unverified:
                line = unverified_line(unverified, settings.tenant.initial_domain)
                output.line(f"Warning: {line}")
                output.line(f"  {verifying(unverified)}")
    raise typer.Exit(FOUND if found or predicted else 0)


def _lint(
    settings: Settings, file: Path | None
) -> tuple[list[Finding], list[dict[str, Any]], Survey, list[str]]:
    """Return the findings, the errors of a cycle rehearsed on the same entries, and what they are.

    The last are sentences about what of a file was not looked at.
    """
    from connector.assembly import chain_in_force, reads_in_force
    from connector.lint.lint import LdifDirectory
    from connector.lint.lint import lint as examine
    from connector.operations.rehearsal import rehearse
    from connector.operations.undone import Halt
    from connector.reader import reading
    from connector.report.survey import Survey
    from connector.rules.ruleset import Rules

    halt = Halt()
    with progress() as bars, closing(_directory(settings, file, halt)) as directory:
        bars.begin("lint")
        chain = chain_in_force(settings)
        reads = reading(directory, reads_in_force(settings))
        scope = Rules(settings.directory, chain=chain).scope
        survey = Survey(settings.directory, chain=chain, reads=reads)
        surveyed, verified = _surveyed(directory, survey), opening.verified_domains(settings)
        found = list(examine(surveyed, scope, bars.advance, verified=verified, reads=reads))
        survey.end()
        bars.end()
        rehearsal = rehearse(
            settings, directory=directory, progress=bars, empty=file is not None, halt=halt
        )
    met = [error for error in rehearsal.run.errors if error["kind"] != "run"]
    predicted = [*met, *rehearsal.failures]
    overlooked = directory.overlooked if isinstance(directory, LdifDirectory) else []
    return found, predicted, survey, overlooked


def _surveyed(directory: Directory, survey: Survey) -> Iterator[Change]:
    """Read the directory once for two: the checks and the survey."""
    for change in directory.changes(None):
        if isinstance(change, DirectoryEntry):
            survey.add(change)
        yield change


def _unverified(settings: Settings, survey: Survey) -> dict[str, int]:
    verified = opening.verified_domains(settings)
    return {name: count for name, count in survey.suffixes().items() if name not in verified}


def _directory(settings: Settings, file: Path | None, stop: Callable[[], bool]) -> Directory:
    if file is not None:
        from connector.lint.files import read
        from connector.lint.lint import LdifDirectory

        return LdifDirectory(read(file, answers=True), str(file))
    from connector.assembly import reads_in_force
    from connector.directory import open_directory
    from connector.settings import directory_password

    password, reads = directory_password(settings), reads_in_force(settings)
    return open_directory(settings.directory, password=password, stop=stop, reads=reads)


def _print(found: Sequence[Finding], predicted: Sequence[dict[str, Any]]) -> None:
    if found:
        output.table(
            ("Object", "Attribute", "Error", "Value", "Update", "Action", "Why"),
            ([f.dn, f.attribute, f.error, f.value, f.update, f.action, f.message] for f in found),
        )
    for error in map(cut_within, predicted):
        who = error.get("name") or error["dn"] or error["anchor"]
        if error["kind"] == "quarantine":
            output.line(
                f"The next sync would quarantine {error['attribute']} {error['value']} of {who}; "
                f"{error['held_by']} keeps it."
            )
        else:
            output.line(f"The next sync would fail for {who}: {error['message']}")
    if not found and not predicted:
        output.line("Nothing to correct.")
