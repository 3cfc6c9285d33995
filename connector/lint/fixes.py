"""Write findings for other programs: CSV, and LDIF with the fixes for ldapmodify."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from connector.lint.findings import EDIT, REMOVE, Finding
from connector.values.csv_cells import defused
from connector.values.ldif import modify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def as_csv(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield CSV lines, header first; an apostrophe defuses a value that a spreadsheet would run."""
    yield _csv_line(Finding._fields)
    for finding in findings:
        yield _csv_line([defused(value or "") for value in finding])


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()


def as_ldif(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a change record for each finding that has a fix, for ``ldapmodify``.

    A value with several faults gets one fix, for the first fault; lint again afterwards.
    """
    done: set[tuple[str, str, str]] = set()
    for finding in findings:
        place = (finding.dn, finding.attribute, finding.value)
        removes = finding.action == REMOVE
        if place in done or not (removes or (finding.action == EDIT and finding.update)):
            continue
        done.add(place)
        yield _record(finding, removes=removes)


def _record(finding: Finding, *, removes: bool) -> str:
    changes = []
    if finding.value:
        changes.append(("delete", finding.attribute, finding.value))
    if not removes and finding.update:
        changes.append(("add", finding.attribute, finding.update))
    comment = f"# {finding.error}: {finding.message}".replace("\n", " ")
    return f"{comment}\n{modify(finding.dn, changes)}"
