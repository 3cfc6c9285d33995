"""The prompt offers completions at the end of a line."""

from __future__ import annotations

import pytest

from connector.cmdlets.catalog import CMDLETS
from connector.cmdlets.completion import completions

ERRORS = "Get-MsolDirSyncProvisioningError"


def offered(line):
    return [found.text for found in completions(line)]


def test_names_of_cmdlets_complete_in_any_case():
    assert offered("get-msold") == [ERRORS, "Get-MsolDirSyncFeatures"]
    assert len(offered("")) == len(CMDLETS)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        (f"{ERRORS} -E", ["-ErrorCategory"]),
        (f"{ERRORS} -ErrorCategory ", ["PropertyConflict"]),
        (f"{ERRORS} -ErrorCategory Prop", ["PropertyConflict"]),
        (f"{ERRORS} -PropertyName ", ["UserPrincipalName", "ProxyAddresses"]),
        (f"{ERRORS} -SortDirection d", ["Descending"]),
        (f"{ERRORS} -MaxResults 5 -A", []),
        (f"{ERRORS} -ErrorCategory PropertyConflict -Sort", ["-SortField", "-SortDirection"]),
        (f"{ERRORS} -ErrorCategory PropertyConflict | format-l", ["Format-List"]),
        (
            "Set-MsolDirSyncFeature -Feature Dup",
            ["DuplicateProxyAddressResiliency", "DuplicateUPNResiliency"],
        ),
        ("Set-MsolDirSyncFeature -Enable ", ["$true", "$false"]),
        ("Get-Help Stop", ["Stop-ADSyncSyncCycle"]),
        ("Get-Nothing -", []),
        (f"{ERRORS} \u2013Err", ["\u2013ErrorCategory"]),
    ],
)
def test_parameters_and_values_complete(line, texts):
    assert offered(line) == texts


def test_a_completion_takes_the_place_of_the_last_word():
    [found] = completions(f"{ERRORS} -Err")

    assert (found.text, found.length) == ("-ErrorCategory", 4)


def test_a_name_is_offered_once():
    assert "-ErrorCategory" not in offered(f"{ERRORS} -ErrorCategory PropertyConflict -")


def test_every_cmdlet_and_parameter_says_what_it_is_for():
    silent = [each.name for each in CMDLETS if not each.help]
    silent += [p.name for each in CMDLETS for p in each.signature.parameters if not p.help]

    assert silent == []
