"""The end of a pipe writes tables, lists, JSON and CSV, or keeps them in a file."""

from __future__ import annotations

import csv
import io

import pytest

from connector.cmdlets.formats import csv_lines
from connector.cmdlets.session import Session
from connector.errors import CmdletFailed
from tests.host import WorldHost, run

REPORT = (
    "Get-MsolUser -HasErrorsOnly | ft DisplayName,UserPrincipalName,"
    '@{Name="Error";Expression={($_.errors[0].ErrorDetail.objecterrors.errorrecord.ErrorDescription)}}'
    " -AutoSize"
)


def test_the_documented_report_of_users_with_errors(world):
    upn = world.cloud["Bob"]["userPrincipalName"]
    message = (
        "[DIRSYNC ERROR]: This User has been synced to your Azure Active Directory but we had to modify "
        f"the UserPrincipalName property from joe@contoso.com to {upn} because an existing user, Bob, was "
        "already created with this value."
    )

    assert run(world, REPORT) == [
        "",
        "DisplayName UserPrincipalName               Error",
        "----------- -----------------               -----",
        f"Bob         {upn} {message}",
        "",
    ]


def test_a_table_may_go_without_its_heads(world):
    line = "Get-MsolUser | ft DisplayName -HideTableHeaders"

    assert run(world, line) == ["", "Ann", "Bob", "Carl", ""]


def test_objects_are_csv_with_every_cell_in_quotes(world):
    line = "Get-MsolUser | select DisplayName,IsLicensed,Nothing | ConvertTo-Csv -NoTypeInformation"

    assert run(world, line) == [
        '"DisplayName","IsLicensed","Nothing"',
        '"Ann","False",',
        '"Bob","False",',
        '"Carl","False",',
    ]


def test_csv_is_written_to_a_file(world, tmp_path):
    file = tmp_path / "users.csv"

    shown = run(world, f"Get-MsolUser | select DisplayName | Export-Csv {file} -NoTypeInformation")

    assert shown == []
    assert file.read_text() == '"DisplayName"\n"Ann"\n"Bob"\n"Carl"\n'


def test_a_file_is_replaced_unless_it_is_to_stay(world, tmp_path):
    file = tmp_path / "users.csv"
    file.write_text("mine")

    with pytest.raises(CmdletFailed, match=rf"Export-Csv : Could not write '{file}': File exists"):
        run(world, f"Get-MsolUser | Export-Csv -Path {file} -NoClobber")
    run(world, f"Get-MsolUser | select ObjectId | epcsv -Path {file}")

    assert file.read_text().startswith('"ObjectId"\n')


def test_a_file_that_cannot_be_written_is_told(world, tmp_path):
    with pytest.raises(CmdletFailed, match="Could not write '.*': Is a directory"):
        run(world, f"Get-MsolUser | Export-Csv {tmp_path}")


def test_a_spreadsheet_reads_what_was_there_and_calculates_nothing():
    hostile = [
        {"Name": '=HYPERLINK("http://example.com")', "Text": 'a "b", c\nd', "List": ["@a", "b"]},
        {"Name": "+1", "Text": "", "List": []},
    ]

    read = list(csv.reader(io.StringIO("\n".join(csv_lines(hostile)))))

    assert read == [
        ["Name", "Text", "List"],
        ['\'=HYPERLINK("http://example.com")', 'a "b", c\nd', "'@a, b"],
        ["'+1", "", ""],
    ]


def test_a_long_value_is_whole_in_csv():
    assert list(csv_lines([{"a": "x" * 5000}])) == ['"a"', f'"{"x" * 5000}"']


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Get-MsolUser | % DisplayName | Out-File {}", "Ann\nBob\nCarl\n"),
        ("Get-MsolUser | ft DisplayName -HideTableHeaders | Out-File {}", "\nAnn\nBob\nCarl\n\n"),
        ("Get-MsolUser -SearchString C | select DisplayName | ConvertTo-Csv | Out-File -FilePath {}",
         '"DisplayName"\n"Carl"\n'),
    ],
)  # fmt: skip
def test_what_would_be_shown_goes_to_a_file(world, tmp_path, line, kept):
    file = tmp_path / "out.txt"

    shown = run(world, line.format(file))

    assert (shown, file.read_text()) == ([], kept)


def test_a_file_can_grow(world, tmp_path):
    file = tmp_path / "out.txt"

    for _ in range(2):
        run(world, f"Get-MsolUser -SearchString A | % DisplayName | Out-File {file} -Append")

    assert file.read_text() == "Ann\nAnn\n"


def test_nothing_may_be_shown(world):
    assert run(world, "Get-MsolUser | Out-Null") == []


@pytest.mark.parametrize(
    "pipe", ["Out-Null | Format-List", "ConvertTo-Csv | Sort-Object", "Out-File x | Out-Null"]
)
def test_nothing_follows_what_is_shown(world, pipe):
    with pytest.raises(CmdletFailed, match="Nothing can follow it in a line"):
        run(world, f"Get-MsolUser | {pipe}")


@pytest.mark.parametrize("delimiter", ["''", "'ab'"])
def test_one_character_stands_between_cells(world, delimiter):
    with pytest.raises(CmdletFailed, match="String must be exactly one character long"):
        run(world, f"Get-MsolUser | ConvertTo-Csv -Delimiter {delimiter}")


def test_csv_is_appended_under_the_same_columns(world, tmp_path):
    file = tmp_path / "users.csv"
    for name in ("Ann", "Bob"):
        line = f"Get-MsolUser -SearchString {name} | select DisplayName"
        run(world, f"{line} | Export-Csv {file} -Append -NoTypeInformation")

    with pytest.raises(CmdletFailed, match="Cannot append CSV content to the following file"):
        run(world, f"Get-MsolUser | select DisplayName,IsLicensed | Export-Csv {file} -Append")
    assert file.read_text() == '"DisplayName"\n"Ann"\n"Bob"\n'


def test_the_report_fits_a_terminal_of_80_columns(world):
    session = Session(WorldHost(world), connected=True, width=80)
    upn = world.cloud["Bob"]["userPrincipalName"]

    assert list(session.run(REPORT)) == [
        "",
        "DisplayName       : Bob",
        f"UserPrincipalName : {upn}",
        "Error             : [DIRSYNC ERROR]: This User has been synced to your Azure",
        "                    Active Directory but we had to modify the UserPrincipalName",
        "                    property from joe@contoso.com to",
        f"                    {upn} because an existing user,",
        "                    Bob, was already created with this value.",
        "",
    ]


def test_a_file_has_no_width(world, tmp_path):
    session = Session(WorldHost(world), connected=True, width=80)
    file = tmp_path / "report.txt"

    list(session.run(f"{REPORT} | Out-File {file}"))

    assert file.read_text().splitlines() == run(world, REPORT)
