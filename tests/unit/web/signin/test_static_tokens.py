"""The tokens of a file: read anew when it changes, and none while it has a mistake."""

from __future__ import annotations

import json

import pytest

from connector.errors import InvalidSettings
from connector.web.exchange import Caller
from connector.web.signin.static_tokens import StaticTokens

TOKEN = "a-token-of-twenty-chars"


def item(**fields):
    return {"name": "script", "role": "reader", "token": TOKEN, **fields}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tokens.json"


def test_a_token_is_known_and_another_one_is_not(file):
    file.write_text(json.dumps([item(), item(name="admin", role="admin", token="x" * 20)]))
    tokens = StaticTokens(file)

    assert tokens.caller(TOKEN) == Caller("script", "reader")
    assert tokens.caller("x" * 20) == Caller("admin", "admin")
    assert [tokens.caller(other) for other in (TOKEN[:-1], TOKEN.upper(), "", "\ud800")] == [
        None
    ] * 4


def test_without_a_file_there_are_none():
    tokens = StaticTokens(None)
    tokens.check()

    assert tokens.caller(TOKEN) is None


def test_a_change_of_the_file_counts_at_once(file):
    file.write_text("[]")
    tokens = StaticTokens(file)
    seen = [tokens.caller(TOKEN)]
    file.write_text(json.dumps([item()]))
    seen.append(tokens.caller(TOKEN))
    file.write_text(json.dumps([item(role="admin")]))
    seen.append(tokens.caller(TOKEN))

    assert seen == [None, Caller("script", "reader"), Caller("script", "admin")]


@pytest.mark.parametrize(
    ("content", "mistakes"),
    [
        ("[", ["is not JSON in line 1"]),
        ("{}", ["is not a list"]),
        ("[1]", ['item 1: is not {"name": ..., "role": ..., "token": ...}']),
        (
            json.dumps([item(scope="x")]),
            ['item 1: is not {"name": ..., "role": ..., "token": ...}'],
        ),
        (
            json.dumps([item(), item(name=" ", role="owner", token="short")]),
            [
                "item 2: name: must be a text",
                "item 2: role: must be reader or admin",
                "item 2: token: must have at least 20 characters",
            ],
        ),
        (
            json.dumps([item(token="a token with blanks in it")]),
            ["item 1: token: must be printable ASCII without blanks"],
        ),
        (json.dumps([item(), item(name="b")]), ["two items have the same token"]),
        ("[" * 100_000, ["is not JSON"]),
    ],
)
def test_every_mistake_is_named_without_the_token_and_nobody_gets_in(file, content, mistakes):
    file.write_text(content)
    tokens = StaticTokens(file)
    with pytest.raises(InvalidSettings) as error:
        tokens.check()

    assert list(error.value.problems) == [f"web.tokens_file: {file}: {text}" for text in mistakes]
    assert TOKEN not in str(error.value)
    with pytest.raises(InvalidSettings):
        tokens.caller(TOKEN)


def test_a_file_that_is_not_there_is_a_mistake_until_it_is(file):
    tokens = StaticTokens(file)
    with pytest.raises(InvalidSettings, match="No such file"):
        tokens.check()
    file.write_text(json.dumps([item()]))

    assert tokens.caller(TOKEN) == Caller("script", "reader")
