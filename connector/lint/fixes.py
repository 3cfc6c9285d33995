"""Write findings for other programs: CSV, and LDIF with the fixes for ldapmodify."""

from __future__ import annotations

import base64
import csv
import io
import re
from typing import TYPE_CHECKING

from connector.lint.findings import EDIT, REMOVE, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# SAFE-STRING of RFC 2849.
_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
# What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield CSV lines, the header first; a value that a spreadsheet would run gets an apostrophe."""
    yield _csv_line(Finding._fields)
    for finding in findings:
        yield _csv_line([_harmless(value or "") for value in finding])


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()


def _harmless(value: str) -> str:
    return "'" + value if value.startswith(_FORMULA) else value


def as_ldif(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a change record for each finding that has a fix, for ``ldapmodify``.

    A value with several faults is fixed once, for the first; lint again afterwards.
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
    lines = [f"# {finding.error}: {finding.message}".replace("\n", " "), _line("dn", finding.dn)]
    lines.append("changetype: modify")
    if finding.value:
        lines += [f"delete: {finding.attribute}", _line(finding.attribute, finding.value), "-"]
    if not removes and finding.update:
        lines += [f"add: {finding.attribute}", _line(finding.attribute, finding.update), "-"]
    return "\n".join(lines) + "\n"


def _line(name: str, value: str) -> str:
    if _SAFE.fullmatch(value):
        return f"{name}: {value}"
    raw = value.encode("utf-8", "surrogateescape")
    return f"{name}:: {base64.b64encode(raw).decode()}"
