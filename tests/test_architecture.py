"""docs/architecture.md says which rooms there are, and shows shapes that the code really hands on."""

from __future__ import annotations

import re
from pathlib import Path

from connector import model
from connector.directory import search_entry
from connector.rules import ruleset
from tests import documents, house
from tests.documents import ROOT

DOCUMENT = "docs/architecture.md"
ROOMS = "The rooms"
WAY = "The way of one entry"


def way():
    return "\n".join(" | ".join(row) for row in documents.table(DOCUMENT, WAY))


def tables():
    """The columns of every table of both databases, by name."""
    sql = "".join(
        path.read_text(encoding="utf-8")
        for name in ("staging", "tenant")
        for path in (ROOT / "schema" / name).glob("*.sql")
    )
    found = re.findall(r"^CREATE TABLE (\w+) \((.*?)^\)", sql, re.MULTILINE | re.DOTALL)
    return {name: set(re.findall(r"^ +([a-z_]+) ", body, re.MULTILINE)) for name, body in found}


def test_every_room_is_in_the_table_and_none_that_is_not_there():
    listed = {room.strip("`") for room, *_ in documents.table(DOCUMENT, ROOMS)} - {"(top)"}
    modules = house.Tree(ROOT).modules("connector")
    rooms = {Path(module.path).parts[1] for module in modules if module.path.count("/") > 1}

    assert listed == rooms


def test_every_module_at_the_top_is_in_the_table():
    [named] = [modules for room, _, modules in documents.table(DOCUMENT, ROOMS) if room == "(top)"]
    there = {path.stem for path in (ROOT / "connector").glob("[a-z]*.py")}

    assert set(named.split(", ")) == there


def test_every_module_that_a_room_starts_with_is_there():
    rows = {room.strip("`"): names for room, _, names in documents.table(DOCUMENT, ROOMS)}
    named = {
        room: re.sub(r"\([^)]*\)", "", names).replace(" ", "").split(",")
        for room, names in rows.items()
        if room != "(top)"
    }
    missing = [
        f"{room}/{name}"
        for room, names in named.items()
        for name in names
        if not list((ROOT / "connector" / room).glob(f"{name}*"))
    ]

    assert missing == []


def test_every_module_on_the_way_is_there():
    named = re.findall(r"`([a-z]+/[a-z_]+)`", way())

    assert [name for name in named if not (ROOT / "connector" / f"{name}.py").exists()] == []
    assert len(named) > len(documents.table(DOCUMENT, WAY)) - 3


def test_every_shape_on_the_way_has_the_fields_that_are_shown():
    shapes = {**vars(model), "Entry": search_entry.Entry, "Decision": ruleset.Decision}
    shown = list(calls(way()))
    wrong = [(name, names - fields(shapes[name])) for name, names in shown]

    assert [(name, odd) for name, odd in wrong if odd] == []
    assert {"DirectoryEntry", "Work", "PendingExport", "SyncObject", "SyncResult"} <= {
        name for name, _ in shown
    }


def calls(text):
    """Yield each ``Name(field=...)`` of a text, the nested ones too: the name, and its own fields."""
    for opening in re.finditer(r"\b([A-Z]\w+)\(", text):
        depth, own = 0, ""
        for letter in text[opening.end() :]:
            depth += (letter in "([{") - (letter in ")]}")
            if depth < 0:
                break
            own += letter if depth == 0 else ""
        yield opening[1], set(re.findall(r"(?:^|, )([a-z_]+)=", own))


def fields(shape):
    return set(getattr(shape, "_fields", None) or shape.__dataclass_fields__)


def test_every_table_and_column_on_the_way_is_in_the_schema():
    rows = dict(documents.table(DOCUMENT, WAY))
    [entry] = [shape for where, shape in rows.items() if "table `entry`" in where]
    [tenant] = [shape for where, shape in rows.items() if "`tenant/sqlite/store`" in where]

    assert set(re.findall(r"`([a-z_]+)`", entry)) <= tables()["entry"]
    assert {"object", "claim", "provisioning_error"} <= tables().keys()
    assert {"object", "claim", "provisioning_error"} <= set(re.findall(r"`(\w+)`", tenant))
    assert {"upn", "shadow"} <= tables()["object"]
    assert {"dirty", "projection", "text"} <= tables().keys()
