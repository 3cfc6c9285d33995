"""``connector check``: tell whether the connector would work with these settings."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import typer

from connector.cli import opening, output
from connector.cli.check_start import CheckLine, failed, settings_lines, storage_lines
from connector.cli.output import Json
from connector.cli.rules_check import rule_lines
from connector.errors import ConnectorError, DirectoryUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.report.survey import Survey
    from connector.settings import Settings

_DOMAINS = 10

_WORDS = {True: "ok", False: "FAILED"}


def check(context: typer.Context, json: Json = False) -> None:
    """Check the settings, the databases and the directory, and say what is wrong.

    Each line names what was looked at and what was found, and under it what to do. It tells how many
    entries a sync would leave out and why, and which domains the UPNs are in. Storage, log and mail folder
    are written to as the daemon does it, and nothing is left there: it changes nothing.

    Examples:
      $ connector check
      $ connector --config lab/connector.toml check

    Exit codes:
      0  all is well, but for warnings
      2  the settings, a password, the databases, the log or the mail folder cannot be used
      4  the directory does not answer, refuses to let the connector in, or lacks what it needs
    """
    from connector.settings import find

    file = find(context.obj, os.environ)
    settings = opening.settings_of(file)
    rules = rule_lines(settings) if settings.rules or settings.sync.disabled_rules else ()
    results = [
        *settings_lines(file, settings),
        *rules,
        *storage_lines(settings),
        *_directory(settings),
    ]
    if json:
        output.as_json([result._asdict() for result in results])
    else:
        for result in results:
            output.line(f"{_WORDS[result.ok]:<6}  {result.name}: {result.detail}")
            if result.advice:
                output.line(f"        {result.advice}")
    raise typer.Exit(max((result.exit_code for result in results), default=0))


def _directory(settings: Settings) -> Iterator[CheckLine]:
    from connector.directory.diagnose import diagnose
    from connector.settings import directory_password

    try:
        password = directory_password(settings)
    except ConnectorError as error:
        yield failed("directory password", error)
        return
    try:
        findings = diagnose(settings.directory, password)
        for finding in findings:
            code = 0 if finding.ok else DirectoryUnavailable.exit_code
            yield CheckLine(finding.name, finding.ok, finding.detail, finding.advice or "", code)
        if all(finding.ok for finding in findings):
            yield from _survey(settings, password)
    except ConnectorError as error:
        yield failed("directory", error)


def _survey(settings: Settings, password: str | None) -> Iterator[CheckLine]:
    """Tell what a sync would do with the entries, as many as can be looked at while somebody waits."""
    from connector.assembly import chain_in_force, reads_in_force
    from connector.directory import open_directory
    from connector.reader import reading
    from connector.report.survey import MOST, survey

    chain, reads = chain_in_force(settings), reads_in_force(settings)
    with closing(open_directory(settings.directory, password=password, reads=reads)) as directory:
        read = reading(directory, reads)
        found = survey(settings.directory, directory, chain=chain, reads=read)
    some = f" of the first {MOST} entries" if found.entries == MOST else ""
    yield from _objects(found, some)
    yield from _domains(settings, found)


def _objects(survey: Survey, some: str) -> Iterator[CheckLine]:
    from connector.report.left_out import excluded_lines, excluded_rows, nothing_synced
    from connector.values.counting import counted

    objects, left_out = survey.objects(), survey.left_out()
    if any(objects.values()):
        told = ", ".join(counted(count, kind) for kind, count in objects.items())
        yield CheckLine("objects", ok=True, detail=f"{told} to sync{some}")
    else:
        yield CheckLine("objects", ok=True, detail=f"warning: {nothing_synced(left_out)}{some}")
    for line in excluded_lines(excluded_rows(left_out)):
        yield CheckLine("left out", ok=True, detail=f"{line}{some}")


def _domains(settings: Settings, survey: Survey) -> Iterator[CheckLine]:
    """Name the domains of the UPNs; those that are not verified come with the line that verifies one."""
    from connector.report.left_out import verifying
    from connector.values.addresses import fold
    from connector.values.counting import counted

    verified = opening.verified_domains(settings)
    found = survey.suffixes()
    for domain, count in list(found.items())[:_DOMAINS]:
        users = counted(count, "user")
        if fold(domain) in verified:
            yield CheckLine("domain", ok=True, detail=f"{domain}: {users}, verified")
        else:
            yield CheckLine(
                "domain",
                ok=True,
                detail=f"warning: {domain}: {users}, not verified: the UPN of each will be in "
                f"{settings.tenant.initial_domain}",
                advice=verifying([domain]),
            )
    if rest := list(found.items())[_DOMAINS:]:
        users = counted(sum(count for _, count in rest), "user")
        yield CheckLine("domain", ok=True, detail=f"{counted(len(rest), 'other domain')}: {users}")
