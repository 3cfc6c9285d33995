from __future__ import annotations

import sys

import pytest

SAID = (
    "connector: containers need the extra lab, which is not installed: "
    "pip install 'directory-sync-connector[lab]'\n"
)


@pytest.fixture
def without_the_extra(monkeypatch):
    """A None in sys.modules makes an import fail as it does where a package is not installed."""
    monkeypatch.setitem(sys.modules, "docker", None)


@pytest.mark.parametrize("command", [("up",), ("story", "upn")])
def test_containers_without_the_extra_say_what_to_install(
    command, without_the_extra, connector, tmp_path
):
    before = sorted(tmp_path.iterdir())

    done = connector("lab", *command, "--engine", "docker")

    assert (done.code, done.err) == (2, SAID)
    assert sorted(tmp_path.iterdir()) == before


def test_a_lab_that_never_was_is_taken_down_without_the_extra(without_the_extra, connector):
    done = connector("lab", "down", "--path", "nowhere")

    assert (done.code, done.err) == (0, "")
    assert "There is no lab in" in done.out
