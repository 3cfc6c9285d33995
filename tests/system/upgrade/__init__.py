"""Databases of earlier versions, stored as SQL, with the directory that they were synced from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

STORED = Path(__file__).parent
DATABASES = ("connector-space", "tenant")
# What an operator sees of a database; later versions may say more of each, but not less.
SEEN = {
    "objects": ("objects",),
    "deleted": ("objects", "--deleted"),
    "errors": ("errors",),
    "history": ("history",),
    "status": ("status",),
}


def names() -> list[str]:
    """The stored versions, by folder."""
    return sorted(path.name for path in STORED.iterdir() if (path / "directory.ldif").exists())


def restore(name: str, storage: Path) -> None:
    """Write the databases of a version into a folder, as they were."""
    storage.mkdir(mode=0o700)
    for database in DATABASES:
        sql = (STORED / name / f"{database}.sql").read_text(encoding="utf-8")
        with closing(sqlite3.connect(storage / f"{database}.db")) as connection:
            connection.executescript(sql)
            connection.execute("PRAGMA journal_mode=WAL")


def dump(storage: Path, name: str) -> None:
    """Store the databases of a folder."""
    for database in DATABASES:
        with closing(sqlite3.connect(storage / f"{database}.db")) as connection:
            text = "\n".join(connection.iterdump())
        (STORED / name / f"{database}.sql").write_text(f"{text}\n", encoding="utf-8")
