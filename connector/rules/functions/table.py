"""All functions of the language, by subject, and those that are refused by name.

They are those of docs/sources.md 4.7, and what the default rules use beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.rules.functions import (
    conversion,
    dates,
    directory,
    flow,
    mathematical,
    multivalued,
    questions,
    text,
)
from connector.rules.language.compiler import Language

if TYPE_CHECKING:
    from connector.rules.language.function import Function

SUBJECTS: dict[str, tuple[Function, ...]] = {
    "Text": text.FUNCTIONS,
    "Conversion": conversion.FUNCTIONS,
    "Evaluation": questions.FUNCTIONS,
    "Flow": flow.FUNCTIONS,
    "Several values": multivalued.FUNCTIONS,
    "Mathematics": mathematical.FUNCTIONS,
    "Dates": dates.FUNCTIONS,
    "Directory": directory.FUNCTIONS,
}
"""The functions of each subject."""

_CERTIFICATES = (
    "CertExtensionOids",
    "CertFormat",
    "CertFriendlyName",
    "CertHashString",
    "CertIssuer",
    "CertIssuerDN",
    "CertIssuerOid",
    "CertKeyAlgorithm",
    "CertKeyAlgorithmParams",
    "CertNameInfo",
    "CertNotAfter",
    "CertNotBefore",
    "CertPublicKeyOid",
    "CertPublicKeyParametersOid",
    "CertSerialNumber",
    "CertSignatureAlgorithmOid",
    "CertSubject",
    "CertSubjectNameDN",
    "CertSubjectNameOid",
    "CertThumbprint",
    "CertVersion",
    "IsCert",
)

LANGUAGE = Language(
    {function.name: function for functions in SUBJECTS.values() for function in functions},
    dict.fromkeys(_CERTIFICATES, "of the functions of certificates there is Thumbprint alone"),
)
"""The language of sync rules."""


def reference() -> list[str]:
    """Return the table of functions as docs/rules-language.md has it, a line of text each."""
    lines = []
    for subject, functions in SUBJECTS.items():
        lines += [f"### {subject}", "", "| function | what it gives |", "|---|---|"]
        lines += [f"| `{function.usage}` | {function.about} |" for function in functions]
        lines.append("")
    return lines[:-1]
