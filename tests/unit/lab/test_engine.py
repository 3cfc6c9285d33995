from __future__ import annotations

import io
import os
import signal
import tarfile

from connector.lab import engine


def packed(name: str) -> dict[str, int]:
    """The files that an image is built from, with their modes."""
    with tarfile.open(fileobj=io.BytesIO(engine._context(name))) as archive:
        return {member.name: member.mode for member in archive}


def test_the_directory_is_built_from_the_schema_and_the_compose_folder_alone():
    files = packed("directory")

    assert {path.partition("/")[0] for path in files} == {"schema", "compose"}
    assert "schema/directory/onprem.schema" in files
    assert "compose/lab/contoso.ldif" in files
    assert files["compose/directory/serve"] == 0o755
    assert files["compose/directory/slapd.conf"] == 0o644


def test_the_connector_is_built_from_the_checkout():
    files = packed("connector")

    assert {"pyproject.toml", "LICENSE", "README.md", "connector/cycle.py"} <= files.keys()
    assert "tests/requirements.lock" in files
    assert not [path for path in files if "__pycache__" in path]


def test_the_same_files_make_the_same_image():
    assert engine._context("mail") == engine._context("mail")


def test_a_user_who_may_not_use_the_engine_is_told_so():
    assert "in the group docker" in engine._unanswered(OSError("(13, 'Permission denied')"))


def test_an_interruption_waits_until_the_engine_has_made_what_it_was_asked_for():
    told: list[str] = []
    # Not the handler of the tests, after which they would take no signal any more.
    before = signal.signal(signal.SIGHUP, lambda *_: told.append("interrupted"))
    try:
        with engine._unbroken():
            os.kill(os.getpid(), signal.SIGHUP)
            told.append("a container")
    finally:
        signal.signal(signal.SIGHUP, before)

    assert told == ["a container", "interrupted"]
