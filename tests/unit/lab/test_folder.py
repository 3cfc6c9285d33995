from __future__ import annotations

from dataclasses import replace

import pytest

from connector.errors import LabUnusable
from connector.lab.folder import LabFolder, LabState

STATE = LabState("slapd", (1389, 1636, 1025))


@pytest.fixture
def folder(tmp_path):
    """The folder of a lab that is being made."""
    made = LabFolder(tmp_path / "lab")
    made.occupy()
    made.note(STATE)
    return made


def complete(folder: LabFolder) -> LabState:
    state = replace(STATE, complete=True, settings=folder.write_settings("[directory]\n"))
    folder.note(state)
    return state


def test_what_is_noted_is_read_again(folder):
    assert folder.state() == STATE


def test_a_folder_without_a_note_is_no_lab(tmp_path):
    assert LabFolder(tmp_path).state() is None


@pytest.mark.parametrize("text", ["", "{}", '{"engine": "slapd"}', '{"ports": [1], "x": 2}'])
def test_a_note_that_cannot_be_read_names_its_file(folder, text):
    (folder.path / "lab.json").write_text(text)

    with pytest.raises(LabUnusable, match=r"lab\.json cannot be read"):
        folder.state()


def test_a_folder_with_something_else_in_it_does_not_become_a_lab(tmp_path):
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(LabUnusable, match=r"is not a lab and holds thesis\.tex.*--path"):
        LabFolder(tmp_path).occupy()


def test_a_lab_stays_one_whatever_its_user_puts_into_it(folder):
    (folder.path / "notes.txt").touch()

    folder.occupy()

    assert folder.state() == STATE


def test_a_place_where_no_folder_can_be_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LabUnusable, match="cannot become a lab"):
        LabFolder(tmp_path / "file").occupy()


def test_nobody_else_reads_a_lab(folder):
    complete(folder)

    modes = [path.stat().st_mode & 0o777 for path in (folder.path, folder.settings_file)]
    assert modes == [0o700, 0o600]


def test_two_commands_do_not_work_on_one_lab(folder):
    with (
        folder.locked(),
        pytest.raises(LabUnusable, match="another connector lab command is using"),
        LabFolder(folder.path).locked(),
    ):
        pytest.fail("both hold it")


def test_settings_are_written_once(folder):
    complete(folder)
    folder.settings_file.write_text("[directory]\n# mine\n")

    folder.write_settings("[directory]\n")

    assert folder.settings_file.read_text() == "[directory]\n# mine\n"


def test_what_the_lab_made_is_nothing_that_its_user_wants(folder):
    state = complete(folder)
    for name in ("connector.log", "connector.log.1", "lab.lock", "lab.json.new"):
        (folder.path / name).touch()
    for name in ("slapd", "directory", "var"):
        (folder.path / name).mkdir()

    assert folder.wanted(state) == []


def test_what_its_user_may_want_is_named(folder):
    state = complete(folder)
    folder.settings_file.write_text("[directory]\n# mine\n")
    (folder.path / "change.ldif").touch()
    (folder.path / "backup").mkdir()
    (folder.storage / "snapshots" / "before").mkdir(parents=True)

    assert folder.wanted(state) == [
        "the folder backup",
        "the file change.ldif",
        "your changes of connector.toml",
        "snapshots in var/snapshots",
    ]


def test_settings_of_a_lab_that_is_half_made_are_nobodys(folder):
    folder.write_settings("[directory]\n")

    assert folder.wanted(STATE) == []


def test_a_folder_is_bare_until_a_lab_is_noted(tmp_path, folder):
    bare = LabFolder(tmp_path / "bare")
    bare.occupy()
    with bare.locked():
        pass

    removed = [bare.remove_if_bare(), folder.remove_if_bare()]

    assert removed == [True, False]
    assert [bare.path.exists(), folder.path.exists()] == [False, True]
    assert LabFolder(tmp_path / "never").remove_if_bare() is False
