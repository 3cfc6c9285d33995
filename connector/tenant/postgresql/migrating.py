"""Make the tables of a tenant on a server, and bring those of an older version up to date."""

from __future__ import annotations

import secrets
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

import psycopg

from connector import resources
from connector.errors import StorageUnusable
from connector.tenant.postgresql.server import unusable
from connector.values.addresses import fold

if TYPE_CHECKING:
    from connector.tenant.postgresql.server import Server

    Connection = psycopg.Connection[tuple[Any, ...]]

_FOLDER = ("tenant", "postgresql")
_APPLIED = "applied.sql"
_TAKE = "INSERT INTO migration (name) VALUES (%s) ON CONFLICT DO NOTHING RETURNING name"


def migrate(connection: Connection, server: Server) -> None:
    """Make what is missing, one migration at a time; another process may do the same at that time.

    Raises StorageUnusable where a newer version was here, or the user may not make tables.
    """
    try:
        applied = _applied(connection)
        refuse_newer(applied, server)
        if applied == _known():
            return
        _make_table(connection)
        for name in sorted(_known()):
            with connection.transaction():
                # A process that makes the same one at this time is waited for, and has made it then.
                if connection.execute(_TAKE, (name,)).fetchone() is not None:
                    _apply(connection, name)
    except psycopg.Error as error:
        raise unusable(server, error) from error


def is_current(connection: Connection) -> bool:
    """Tell whether the tables have every migration that this version knows."""
    return _known() <= _applied(connection)


def is_begun(connection: Connection) -> bool:
    """Tell whether any migration was applied."""
    return bool(_applied(connection))


def refuse_newer(applied: set[str], server: Server) -> None:
    if newer := sorted(applied - _known()):
        raise StorageUnusable(
            f"{server.name} was written by a newer version of the connector (it has {newer[-1]}). "
            "Install that version, or restore a backup made before the upgrade."
        )


def _known() -> set[str]:
    return {file.stem for file in resources.schema(*_FOLDER).glob("[0-9]*.sql")}


def _applied(connection: Connection) -> set[str]:
    [found] = connection.execute("SELECT to_regclass('migration')").fetchone() or (None,)
    if found is None:
        return set()
    return {name for (name,) in connection.execute("SELECT name FROM migration")}


def _make_table(connection: Connection) -> None:
    table = resources.schema(*_FOLDER, _APPLIED).read_bytes()
    try:
        connection.execute(table)
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
        # Another process made it in the same moment, and did not say so in time.
        connection.execute(table)


def _apply(connection: Connection, name: str) -> None:
    connection.execute(resources.schema(*_FOLDER, f"{name}.sql").read_bytes())
    if name == min(_known()):
        connection.execute(_folding().encode())
        begin = [
            ("identity", secrets.token_hex(16)),
            ("timeline", secrets.token_hex(8)),
            ("version", "0"),
        ]
        connection.cursor().executemany("INSERT INTO state (name, value) VALUES (%s, %s)", begin)
        mark = "INSERT INTO mark (version, mark) VALUES (0, %s)"
        connection.execute(mark, (secrets.token_hex(8),))
        change = "INSERT INTO change (number, at, mark) VALUES (0, '', %s)"
        connection.execute(change, (secrets.token_hex(8),))


def _folding() -> str:
    """Write the function that folds a text as ``values.addresses.fold`` does, letter by letter."""
    singles: dict[str, str] = {}
    longer: dict[str, str] = {}
    for code in range(0x80, sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) in {"Cs", "Cn"}:
            continue
        # What is taken apart or put together before is not met.
        if unicodedata.is_normalized("NFC", letter) and (folded := fold(letter)) != letter:
            (singles if len(folded) == 1 else longer)[letter] = folded
    capitals = {chr(code): chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    singles |= capitals
    body = f"translate(normalize(x, NFC), '{''.join(singles)}', '{''.join(singles.values())}')"
    for letter, folded in longer.items():
        body = f"replace({body}, '{letter}', '{folded}')"
    return (
        "CREATE FUNCTION fold(x text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE "
        f"AS $fold$ SELECT normalize({body}, NFC) $fold$"
    )
