"""The command blocks of the documents, run as they stand there, in their order."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from connector.logs import text as logtext
from tests import documents
from tests.system import places

# What cannot run within a test, and why.
NOT_RUN = {
    r"\./tests/run\b": "it would run this test",
    r"python -m tests\.benchmarks\b": "it measures for minutes; what it found is in the document",
    r"pip install\b": "the tests of the release install what was built",
    r"pg_(dump|restore)\b": "there is no such server; they are PostgreSQL's own",
    r"systemctl stop connector\b": "there is no systemd; the tests of the service have one",
    r"connector tenant move --to postgresql\b": "there is no such server; test_tenant_move has one",
}
HERE = {"lab": places.Lab, "checkout": places.Checkout}
WORK = [
    (document, place)
    for document in documents.names()
    for place in HERE
    if documents.commands(document, place)
]


def not_run(command):
    return any(re.match(pattern, command.text) for pattern in NOT_RUN)


@pytest.mark.parametrize(("document", "place"), WORK)
def test_the_commands_do_what_the_document_says(document, place, tmp_path):
    commands = [each for each in documents.commands(document, place) if not not_run(each)]

    with HERE[place](tmp_path / place) as here:
        problems = places.broken(document, commands, here.run) + unlisted(here)

    assert not problems, "\n".join(problems)


def unlisted(here):
    """The keys of log events that the guide for operators does not have."""
    if not isinstance(here, places.Lab):
        return []
    listed, found = documents.events(), set()
    for record in filter(None, map(logtext.parse, here.log.read_text("utf-8").splitlines())):
        keys = record.keys() - {"timestamp", "level", "event", "run"}
        found |= {f"{record['event']}: {key}" for key in keys - listed[record["event"]]}
    return sorted(found)


def test_what_is_not_run_is_in_a_document():
    found = Counter(
        pattern
        for document, place in WORK
        for command in documents.commands(document, place)
        for pattern in NOT_RUN
        if re.match(pattern, command.text)
    )

    assert found.keys() == NOT_RUN.keys()


def test_what_is_run_instead_of_a_script_is_what_the_script_starts():
    for script, command in places.INSTEAD.items():
        text = (documents.ROOT / script).read_text(encoding="utf-8")

        assert command.removeprefix("python ") in text


def test_a_document_that_says_what_is_not_so_is_told(tmp_path):
    command = documents.Command(1, "echo one; false", ("two",))
    with places.Checkout(tmp_path / "checkout") as here:
        done = here.run(command.text)

    assert places.wrong(command, done) == ["exit code 1: one"]
    assert documents.compare(command.shown, done.printed)[0] == ["- two", "+ one"]


def test_a_place_keeps_folder_and_variables_between_commands(tmp_path):
    with places.Checkout(tmp_path / "checkout") as here:
        here.run("mkdir sub && cd sub && export WHO=me")

        assert here.run('echo "$WHO in ${PWD##*/}"').printed == "me in sub\n"
