"""``connector lab exercise``: what can be asked without a server."""

from __future__ import annotations

import pytest

from connector.lab.exercises import EXERCISES


def test_the_exercises_are_listed(connector):
    lines = connector("lab", "exercise", "list").out.splitlines()

    assert [line.split()[0] for line in lines] == [
        "Exercise",
        "conflict",
        "wrong-suffix",
        "filter-typo",
        "lost-right",
        "admin-role",
        "full-disk",
    ]
    assert connector("lab", "exercise").out.splitlines() == lines


def test_as_json_the_tasks_are_told_and_not_the_mends(connector):
    told = connector("lab", "exercise", "list", "--json").json

    assert [sorted(each) for each in told] == [["name", "task", "title"]] * 6


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nix"], "there is no exercise 'nix'"),
        (["start", "nix"], "there is no exercise 'nix'"),
        (["begin", "conflict"], "there is no exercise 'begin'"),
        (["start"], "say which"),
        (["check"], "there is no exercise in "),
        (["solve", "conflict"], "there is no exercise in "),
    ],
)
def test_what_cannot_be_done_is_told_with_the_next_step(connector, words, complaint):
    done = connector("lab", "exercise", *words)

    assert (done.code, complaint in done.err) == (2, True), done.err
    assert "connector lab exercise list names them" in done.err


def test_no_exercise_is_called_as_what_can_be_done_with_one():
    assert not EXERCISES.keys() & {"list", "start", "check", "solve"}
