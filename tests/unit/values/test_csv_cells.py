"""Nothing that the directory holds is a formula in a spreadsheet."""

from __future__ import annotations

import pytest

from connector.values.csv_cells import defused


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        '=HYPERLINK("http://example.com","Ann")',
        "+49 30 123456",
        "-1",
        "@SUM(1,1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "＠SUM(1,1)",
    ],
)
def test_a_cell_that_would_be_a_formula_gets_an_apostrophe(formula):
    assert defused(formula) == f"'{formula}"


@pytest.mark.parametrize("text", ["", "Ann", "ann@contoso.com", "a=b", "'=1+1", " ", "4", "Zoë"])
def test_any_other_cell_stays_as_it_is(text):
    assert defused(text) == text
