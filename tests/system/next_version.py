"""``python -m connector`` of a later version: both databases have one more migration, a long one."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connector import resources
from connector.cli.app import main

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "SCHEMA_OF_THE_NEXT_VERSION"
_MIGRATION = """\
CREATE TABLE later (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
INSERT INTO later
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
    SELECT n, hex(randomblob(100)) FROM numbers;
CREATE INDEX later_text ON later (text);
UPDATE later SET text = lower(text);
"""


_ON_A_SERVER = """\
CREATE TABLE later (number bigint PRIMARY KEY, text text NOT NULL);
INSERT INTO later SELECT n, md5(n::text) || md5((-n)::text) FROM generate_series(1, 20000) AS n;
CREATE INDEX later_text ON later (text);
UPDATE later SET text = upper(text);
"""


def write_schema(folder: Path) -> None:
    shutil.copytree(resources.schema(), folder)
    for name in ("staging", "tenant"):
        (folder / name / "9999_later.sql").write_text(_MIGRATION)
    (folder / "tenant" / "postgresql" / "9999_later.sql").write_text(_ON_A_SERVER)


@contextmanager
def schema_of(folder: Path) -> Iterator[None]:
    """Act as that version until the block ends."""
    before = resources.schema
    resources.schema = folder.joinpath
    try:
        yield
    finally:
        resources.schema = before


if __name__ == "__main__":
    with schema_of(Path(os.environ[FOLDER])):
        main()
