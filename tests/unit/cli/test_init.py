"""``connector init`` writes a file that only its owner may read, and never over another."""

from __future__ import annotations

import stat

from connector.settings import load


def test_the_written_file_loads_and_is_private(connector, tmp_path):
    written = tmp_path / "new.toml"

    done = connector("init", str(written))

    assert done.code == 0
    assert f"connector --config {written} check" in done.out
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert load(written, {}).directory.base_dn == "dc=contoso,dc=com"


def test_a_file_is_not_overwritten_unless_told_to(connector, tmp_path):
    there = tmp_path / "there.toml"
    there.write_text("mine")
    there.chmod(0o644)

    refused = connector("init", str(there))
    kept = there.read_text()
    forced = connector("init", str(there), "--force")

    assert (refused.code, kept, forced.code) == (2, "mine", 0)
    assert "--force overwrites it" in refused.err
    assert stat.S_IMODE(there.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_named(connector, tmp_path):
    done = connector("init", str(tmp_path / "missing" / "connector.toml"))

    assert done.code == 2
    assert "No such file or directory" in done.err
