"""``objects --csv``, ``errors --csv`` and ``tenant export``: for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import json
import stat

import pytest

from connector.values.printable import json_line
from tests.unit.cli.conftest import SETTINGS
from tests.world import World

JOE = "joe@contoso.com"


@pytest.fixture
def world(connector):
    """Ann has Joe's name, which Bob wants; Eve is deleted; Staff has Ann; Pia fails."""
    connector.file.write_text(
        SETTINGS.replace("[tenant]", '[tenant]\nverified_domains = ["contoso.com"]')
    )
    with World(connector.storage) as made:
        ann = made.user("ann", upn=JOE, proxies=[f"SMTP:{JOE}", "smtp:a@contoso.com"])
        eve = made.user("eve")
        made.group("staff", [ann])
        made.user("zoe", proxies=["SMTP:zoe@contoso.com", "sip:zoe@contoso.com"])
        made.sync()
        made.user("bob", upn=JOE, displayName='=HYPERLINK("http://x")')
        made.user("pia", proxies=["SMTP:pia@contoso.com", "sip:zoe@contoso.com"])
        made.directory.remove(eve)
        made.sync()
        yield made


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def lines(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


# --- CSV ------------------------------------------------------------------------------------------


def test_objects_are_rows_with_the_names_of_graph(world, connector):
    found = {row["displayName"]: row for row in rows(connector("objects", "--csv").out)}

    assert {
        name: found["Ann"][name]
        for name in ("objectType", "userPrincipalName", "proxyAddresses", "accountEnabled")
    } == {
        "objectType": "user",
        "userPrincipalName": JOE,
        "proxyAddresses": f"SMTP:{JOE};smtp:a@contoso.com",
        "accountEnabled": "true",
    }
    assert found["Staff"]["userPrincipalName"] == ""


def test_a_formula_is_defused_and_what_is_quarantined_is_there(world, connector):
    [bob] = [
        row for row in rows(connector("objects", "--csv").out) if "HYPER" in row["displayName"]
    ]

    assert bob["displayName"] == '\'=HYPERLINK("http://x")'
    assert bob["onPremisesProvisioningErrors"] == JOE


def test_the_type_the_deleted_and_the_excluded_are_chosen_as_for_the_table(world, connector):
    world.user("system", isCriticalSystemObject="TRUE")
    world.sync()

    listed = [
        rows(connector("objects", *words, "--csv").out)
        for words in (("--type", "group"), ("--deleted",), ("--excluded",))
    ]

    assert [[row.get("displayName", row.get("reason")) for row in some] for some in listed] == [
        ["Staff"],
        ["Eve"],
        ["critical-system-object"],
    ]


def test_errors_are_rows_with_both_objects(world, connector):
    found = rows(connector("errors", "--csv").out)

    assert [
        (row["kind"], row["object.displayName"], row["conflictsWith.displayName"], row["value"])
        for row in found
    ] == [
        ("quarantine", '\'=HYPERLINK("http://x")', "Ann", JOE),
        ("export", "Pia", "Zoe", "sip:zoe@contoso.com"),
    ]


def test_a_filter_that_finds_nothing_leaves_the_heading(world, connector):
    assert rows(connector("errors", "--value", "nobody@contoso.com", "--csv").out) == []
    assert connector("errors", "--portal", "--csv").out.startswith("displayName,userPrincipalName,")


def test_a_row_is_a_line_whatever_a_value_holds(world, connector):
    world.directory.modify("uid=ann,ou=users,dc=contoso,dc=com", description='a,"b"\r\n=c\x1b[1m')
    world.sync()

    done = connector("objects", "--csv").out

    [ann] = [row for row in rows(done) if row["displayName"] == "Ann"]
    assert ann["description"] == 'a,"b"\\u000d\\u000a=c\\u001b[1m'
    assert len(done.splitlines()) == 1 + len(rows(done))


@pytest.mark.parametrize("command", ["objects", "errors"])
def test_two_forms_at_once_are_wrong_usage(connector, command):
    assert connector(command, "--json", "--csv").code == 2


# --- export ---------------------------------------------------------------------------------------


def test_an_export_has_everything_that_the_lists_show(world, connector, tmp_path):
    done = connector("tenant", "export", "all")

    folder = tmp_path / "all"
    live, deleted = connector("objects", "--json").json, connector("objects", "--deleted", "--json")
    ids = {item["displayName"]: item["id"] for item in live}
    assert lines(folder, "objects.jsonl") == live + deleted.json
    assert lines(folder, "members.jsonl") == [
        {"group": ids["Staff"], "member": ids["Ann"], "objectType": "user"}
    ]
    assert lines(folder, "errors.jsonl") == connector("errors", "--json").json
    assert done.out == "Exported 5 objects, 1 membership and 2 errors to all.\n"


def test_files_and_folder_are_for_their_user_alone(world, connector, tmp_path):
    connector("tenant", "export", "all")

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "all").iterdir()}
    assert modes == {"objects.jsonl": 0o600, "members.jsonl": 0o600, "errors.jsonl": 0o600}
    assert stat.S_IMODE((tmp_path / "all").stat().st_mode) == 0o700


def test_a_folder_that_holds_something_is_refused_unless_told(world, connector, tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "objects.jsonl").write_text("old\n")
    (folder / "other").write_text("kept")

    refused = connector("tenant", "export", "all")
    left = (folder / "objects.jsonl").read_text()
    forced = connector("tenant", "export", "all", "--force", "--json").json

    assert (refused.code, left) == (2, "old\n")
    assert forced["lines"] == {"objects.jsonl": 5, "members.jsonl": 1, "errors.jsonl": 2}
    assert sorted(path.name for path in folder.iterdir()) == [
        "errors.jsonl",
        "members.jsonl",
        "objects.jsonl",
        "other",
    ]
    assert len(lines(folder, "objects.jsonl")) == 5


def test_an_export_that_fails_leaves_nothing(world, connector, tmp_path, monkeypatch):
    def fail(_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("connector.report.tenant_files.json_line", fail)

    done = connector("tenant", "export", "all")

    assert (done.code, done.err) == (
        2,
        f"connector: {tmp_path / 'all'}: No space left on device. The tenant was not exported.\n",
    )
    assert list(tmp_path.glob("*all*")) == []


def test_an_export_is_of_one_moment(world, connector, tmp_path, monkeypatch):
    written: list[object] = []

    def write(value: object) -> str:
        if not written:
            world.user("late")
            world.sync()
        written.append(value)
        return json_line(value)

    monkeypatch.setattr("connector.report.tenant_files.json_line", write)

    connector("tenant", "export", "all")

    names = [item["displayName"] for item in lines(tmp_path / "all", "objects.jsonl")]
    assert "Late" in world.cloud
    assert "Late" not in names


def test_an_empty_tenant_has_empty_files(connector, tmp_path):
    done = connector("tenant", "export", "none")

    assert done.code == 0
    assert [path.read_text() for path in (tmp_path / "none").iterdir()] == ["", "", ""]
