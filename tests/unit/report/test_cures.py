"""What resolves an error is one text for programs, and lines to copy for people."""

from __future__ import annotations

import pytest

from connector.report.cures import AWAITED, RELEASE, lines


@pytest.mark.parametrize("cure", [RELEASE, AWAITED])
def test_a_command_within_a_sentence_stays_there(cure: str) -> None:
    assert lines(cure) == [cure]


def test_each_command_to_type_has_a_line_of_its_own() -> None:
    cure = (
        "Boss has a role. If they are one: `connector tenant set 1 --no-admin-role`; `connector sync`. "
        "If not: `connector tenant set 1 'proxyAddresses=smtp:a. b@contoso.com'`."
    )

    assert lines(cure) == [
        "Boss has a role. If they are one:",
        "  connector tenant set 1 --no-admin-role",
        "  connector sync",
        "If not:",
        "  connector tenant set 1 'proxyAddresses=smtp:a. b@contoso.com'",
    ]


def test_a_sentence_may_follow_the_commands() -> None:
    assert lines("To keep it: `connector sync`. Or wait.") == [
        "To keep it:",
        "  connector sync",
        "Or wait.",
    ]
