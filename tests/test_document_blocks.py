"""The command blocks of the documents can be read, and their output is compared correctly."""

from __future__ import annotations

import pytest

from tests import documents

# --- the documents' form -------------------------------------------------------------------------


@pytest.mark.parametrize("document", documents.names())
def test_every_command_stands_where_it_is_read(document):
    assert documents.complaints(document, (documents.ROOT / document).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```bash\n$ ls\n```", "d.md:1: unknown info string 'bash'"),
        ("```\nls\n```", "d.md:1: unknown info string ''"),
        ("```sh\nls\n```", "d.md:2: a command starts with '$ '"),
        ("```sh docker\n```", "d.md:1: an empty block"),
        ("```sh paste\nls\n$ ls\n```", "d.md:3: a line to paste begins with '$ '"),
        ("```text paste\nls\n```", "d.md:1: unknown info string 'text paste'"),
        ("    connector sync", "d.md:1: a command outside of a block: connector sync"),
        ("see\n\n    $ ls", "d.md:3: a command outside of a block: $ ls"),
        ("    ./compose/demo", "d.md:1: a command outside of a block: ./compose/demo"),
    ],
)
def test_what_would_not_be_run_is_seen(text, complaint):
    assert documents.complaints("d.md", text) == [complaint]


def test_a_picture_is_no_command():
    assert documents.complaints("d.md", "    connector/cycle.py tells the story\n      LDAP") == []


def test_a_block_that_does_not_end_is_refused():
    with pytest.raises(ValueError, match="d.md:2: this block does not end"):
        documents.complaints("d.md", "text\n```sh\n$ ls")


def test_a_block_is_read_as_commands_with_what_they_print():
    text = "```sh\n$ one \\\n> two  # exits with 3\nsaid\n\nmore\n$ three\n```"
    [block] = documents.fenced("d.md", text)

    assert block.place == "lab"
    assert block.commands == [
        documents.Command(2, "one \\\ntwo  # exits with 3", ("said", "", "more")),
        documents.Command(7, "three", ()),
    ]
    assert [command.exit_code for command in block.commands] == [3, None]


def test_a_block_to_paste_is_commands_alone():
    text = "```sh docker paste\ncd compose\n\ncat >x <<'END'\n$ no prompt\nEND\nls  # exits with 1\n```"
    [block] = documents.fenced("d.md", text)

    assert block.place == "docker"
    assert block.commands == [
        documents.Command(2, "cd compose", ()),
        documents.Command(4, "cat >x <<'END'\n$ no prompt\nEND", ()),
        documents.Command(7, "ls  # exits with 1", ()),
    ]


# --- what commands print -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["a  b"], "a      b\n"),
        (["Run 2: success in 0.02 s"], "Run 2: success in 11.50 s\n"),
        (["2026-11-23T08:00:00Z info x"], "2027-01-02T03:04:05.678Z info x\n"),
        (["User1234@contoso.onmicrosoft.com"], "User9876@contoso.onmicrosoft.com\n"),
        (["one", "two"], "two\none\n"),
        (["one", "..."], "two\none\n"),
        (["one: ..."], "one: and more\n"),
        (["approve 0123456789ab"], "approve ba9876543210\n"),
    ],
)
def test_what_differs_from_run_to_run_is_tolerated(shown, printed):
    assert documents.compare(shown, printed)[0] == []


@pytest.mark.parametrize(
    ("shown", "printed", "differing"),
    [
        (["Run 2: success"], "Run 3: success\n", ["- Run 2: success", "+ Run 3: success"]),
        (["one"], "one\ntwo\n", ["+ two"]),
        (["one", "one"], "one\n", ["- one"]),
        (["one", "..."], "two\n", ["- one"]),
        (["User1234@contoso.com"], "User4321@contoso.com\n", ["- User1234@contoso.com", "+ User4321@contoso.com"]),
        (["one: ..."], "two: and more\n", ["- one: ..."]),
    ],
)  # fmt: skip
def test_what_else_differs_is_told(shown, printed, differing):
    found = documents.compare(shown, printed)[0]

    assert [line for line in found if line.startswith("-") or "..." not in shown[-1]] == differing


def test_what_a_document_shows_stands_for_what_was_there():
    _, bound = documents.compare(["approve 0123456789ab"], "approve ba9876543210")

    assert documents.substituted("approve 0123456789ab", bound) == "approve ba9876543210"
