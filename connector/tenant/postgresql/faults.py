"""Say what a server, or the way to it, complains about, and the next step."""

from __future__ import annotations

import re
from typing import NamedTuple

import psycopg
from psycopg import errors

AWAY = "server"
"""The reason of a failure that ends by itself when the server answers again."""

UNUSABLE = (
    psycopg.OperationalError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.DataCorrupted,
    errors.IndexCorrupted,
    errors.DuplicatePreparedStatement,
    errors.InvalidSqlStatementName,
)
"""What a server may refuse at any time, whatever it was asked; other errors are faults of the program."""

_SURROUNDINGS = "Check that the server runs and lets this user in; nothing was lost."
_STANDBY = (
    "It cannot be written to: it is a standby, or was set so. Name all servers in the URL, as in "
    "postgresql://user@db1,db2/database: the one that can be written to is taken."
)
_POOLED = (
    "A pooler stands between that gives each transaction another connection, such as PgBouncer with "
    "pool_mode=transaction: name the server itself in the URL, or let the pooler keep sessions."
)
_CODED: tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...] = (
    (
        (errors.DiskFull, errors.OutOfMemory),
        "disk",
        "Make room on the server, and run it again; nothing was lost.",
    ),
    (
        (errors.LockNotAvailable,),
        "locked",
        "Another connector writes to it: try again when it has ended.",
    ),
    (
        (errors.InsufficientPrivilege, errors.UndefinedTable),
        "",
        "Give its user the rights that docs/postgresql.md names.",
    ),
    (
        (errors.DataCorrupted, errors.IndexCorrupted),
        "damaged",
        "Check the server, or restore a backup of the tenant.",
    ),
    ((errors.DuplicatePreparedStatement, errors.InvalidSqlStatementName), "", _POOLED),
    ((errors.ReadOnlySqlTransaction,), AWAY, _STANDBY),
)
# What libpq and servers say before anybody is let in has no code; other languages get _SURROUNDINGS.
_SAID = (
    (
        "certificate verify failed",
        (
            "The authority of its certificate is not one that this machine trusts: name that of your own in the "
            "URL, with ?sslrootcert=FILE."
        ),
    ),
    ("root certificate file", "Name the file of the authority in the URL, with ?sslrootcert=FILE."),
    ("does not match host name", "Write the host in the URL as the certificate has it."),
    (
        "does not support ssl",
        "Switch TLS on there (ssl = on): over the network a server has to prove who it is.",
    ),
    (
        "password authentication failed",
        (
            "Check the user in the URL, and the password: that of database_password_file, or of the URL in the "
            "environment."
        ),
    ),
    (
        "no password supplied",
        "It asks for a password: name a file that has it, with database_password_file.",
    ),
    ("no pg_hba.conf entry|pg_hba.conf rejects", "Let this user in from here, in its pg_hba.conf."),
    (
        "(peer|ident) authentication failed",
        (
            "On a socket the user of the operating system counts: write the one that the connector runs as, or "
            "let it in with a password, in pg_hba.conf."
        ),
    ),
    (
        'database ".*" does not exist',
        "Make the database first: docs/postgresql.md says how.",
    ),
    ('role ".*" does not exist', "Make the user first: docs/postgresql.md says how."),
    ("session is read-only|is in hot standby mode|read-only mode", _STANDBY),
    (
        "too many (clients|connections)|connection slots are reserved",
        (
            "Let fewer clients in, or raise max_connections there, or the limit of this user or database; "
            "nothing was lost."
        ),
    ),
)
# Of these the next attempt may meet a server that runs.
_PASSING = (
    "connection refused|no such file|timeout|timed out|starting up|shutting down|closed the connection|"
    "could not (receive|send)|recovery|resolve|translate|no route|unreachable|reset by peer|is lost|"
    "is closed|terminating|terminated|broken pipe|slots are reserved|too many (clients|connections)"
)
_WHERE = re.compile(r"connection (?:failed|is bad): (?:connection to server at .*? failed: )?")


class Advice(NamedTuple):
    """What was said, why a job fails that meets it, empty for the usual reason, and the next step."""

    said: str
    reason: str
    advice: str


def advice_for(error: psycopg.Error) -> Advice:
    """Describe an error of psycopg; what it says has no password."""
    said = _said(error)
    for kinds, reason, advice in _CODED:
        if isinstance(error, kinds):
            return Advice(said, reason, advice)
    return Advice(said, _reason(error, said), _advice(said))


def _said(error: psycopg.Error) -> str:
    """Return the first line; of several servers all that they said, each with its name."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    several = [line.removeprefix("- ") for line in lines if line.startswith("- host: ")]
    if several:
        told = (
            re.sub(r"host: '(.*?)', port: '?(.*?)'?, hostaddr: '.*?': ", r"\1:\2: ", one)
            for one in several
        )
        return "; ".join(_WHERE.sub("", one).rstrip(".") for one in told)
    return _WHERE.sub("", lines[0]).rstrip(".")


def _reason(error: psycopg.Error, said: str) -> str:
    is_coded = error.sqlstate is not None and not error.sqlstate.startswith(("08", "53", "57"))
    return AWAY if not is_coded and re.search(_PASSING, said, re.IGNORECASE) else ""


def _advice(said: str) -> str:
    found = (advice for words, advice in _SAID if re.search(words, said, re.IGNORECASE))
    return next(found, _SURROUNDINGS)
