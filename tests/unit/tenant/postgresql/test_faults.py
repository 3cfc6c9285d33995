"""What a server complains about is said with the next step, and whether it may pass by itself."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from connector.tenant.postgresql.faults import AWAY, advice_for

FAILED = 'connection failed: connection to server at "192.0.2.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "reason", "advice"),
    [
        ("Connection refused", AWAY, "Check that the server runs"),
        ("FATAL:  the database system is starting up", AWAY, "Check that the server runs"),
        ("FATAL:  sorry, too many clients already", AWAY, "raise max_connections"),
        ('FATAL:  password authentication failed for user "me"', "", "database_password_file"),
        ("SSL error: certificate verify failed", "", "sslrootcert=FILE"),
        ("session is read-only", "", "Name all servers in the URL"),
    ],
)
def test_what_is_said_before_anybody_is_let_in_has_a_next_step(
    said: str, reason: str, advice: str
) -> None:
    found = advice_for(psycopg.OperationalError(FAILED + said))

    assert (found.said, found.reason) == (said, reason)
    assert advice in found.advice


def test_of_several_servers_each_is_named() -> None:
    error = psycopg.OperationalError(
        f"{FAILED}Connection refused\nMultiple connection attempts failed. All failures were:\n"
        f"- host: 'a', port: '1', hostaddr: '192.0.2.1': {FAILED}Connection refused\n"
        f"- host: 'b', port: '2', hostaddr: '192.0.2.1': {FAILED}session is read-only"
    )

    assert advice_for(error).said == "a:1: Connection refused; b:2: session is read-only"


@pytest.mark.parametrize(
    ("error", "reason", "advice"),
    [
        (errors.DuplicatePreparedStatement("_pg3_0 exists"), "", "A pooler stands between"),
        (errors.ReadOnlySqlTransaction("cannot execute"), AWAY, "Name all servers in the URL"),
        (errors.InsufficientPrivilege("permission denied"), "", "docs/postgresql.md"),
        (errors.DiskFull("no space"), "disk", "Make room"),
    ],
)
def test_what_a_server_refuses_has_a_next_step(
    error: psycopg.Error, reason: str, advice: str
) -> None:
    found = advice_for(error)

    assert found.reason == reason
    assert advice in found.advice
