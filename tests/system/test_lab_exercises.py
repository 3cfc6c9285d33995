"""Each exercise is broken before its mend and mended after it, and leaves nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from connector.lab.exercises import EXERCISES
from connector.lab.exercises.values import CONFLICT


class Pupil:
    """A person who types commands in a folder."""

    def __init__(self, home):
        self.home = home
        self.lab = home / "connector-exercise"

    def types(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "connector", *arguments],
            cwd=self.home,
            env={**os.environ, "CONNECTOR_CONFIG": str(self.lab / "connector.toml")},
            capture_output=True,
            text=True,
            check=False,
        )

    def checks(self):
        """Return whether all holds, and what does not."""
        done = self.types("lab", "exercise", "check", "--json")
        said = json.loads(done.stdout)
        assert done.returncode == (0 if said["holds"] else 1), done.stderr
        return said["holds"], said["missed"]


@pytest.fixture
def pupil(tmp_path):
    somebody = Pupil(tmp_path)
    yield somebody
    somebody.types("lab", "down", "--path", "connector-exercise", "--yes")


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_broken_until_it_is_mended_as_documented(name, pupil):
    started = pupil.types("lab", "exercise", "start", name)
    before = pupil.checks()
    solved = pupil.types("lab", "exercise", "solve")
    after = pupil.checks()
    down = pupil.types("lab", "down", "--path", "connector-exercise", "--yes")

    assert started.returncode == 0, started.stderr
    assert EXERCISES[name].task in started.stdout
    assert before[0] is False
    assert solved.returncode == 0, solved.stdout + solved.stderr
    assert after == (True, None)
    assert (down.returncode, list(pupil.home.iterdir())) == (0, [])


def test_a_pupil_who_does_it_by_hand_is_told_so(pupil):
    started = pupil.types("lab", "exercise", "conflict")  # a name alone starts it
    twice = pupil.types("lab", "exercise", "start", "conflict")
    other = pupil.types("lab", "exercise", "check", "full-disk")
    change = pupil.home / "change.ldif"
    change.write_text(
        "dn: uid=user.b,ou=users,dc=contoso,dc=com\nchangetype: modify\n"
        "replace: userPrincipalName\nuserPrincipalName: user.b@contoso.com\n"
    )
    [line] = re.findall(r"^  (ldapmodify .*)$", started.stdout, re.MULTILINE)

    subprocess.run(
        ["sh", "-c", line.replace("CHANGES.ldif", str(change))], check=True, capture_output=True
    )
    half = pupil.types("lab", "exercise", "check")
    pupil.types("sync")
    whole = pupil.types("lab", "exercise", "check")
    change.unlink()

    assert (twice.returncode, "has a lab already" in twice.stderr) == (2, True)
    assert (other.returncode, "is conflict, not full-disk" in other.stderr) == (2, True)
    assert half.returncode == 1
    assert half.stderr == (
        "conflict: this does not hold yet: User B signs in as user.b@contoso.com\n"
    )
    assert (whole.returncode, "It is mended." in whole.stdout) == (0, True)


def test_another_mend_than_the_documented_one_does_not_pass_for_it(pupil):
    """To verify the old domain gives people names in it, which nobody asked for."""
    pupil.types("lab", "exercise", "start", "wrong-suffix")
    pupil.types("tenant", "domains", "add", "contoso.local")
    pupil.types("sync", "--policy", "initial")

    assert pupil.checks() == (False, "everybody signs in with contoso.com")


def test_what_an_exercise_says_does_not_tell_its_mend():
    assert "ldapmodify" not in CONFLICT.task
    assert all(each.mend not in each.task for each in EXERCISES.values())
