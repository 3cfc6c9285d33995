"""docs/attributes.md holds the attributes that flow against Microsoft's list, and says why others do not."""

from __future__ import annotations

import re

from connector.model import ObjectType
from connector.rules.default_flows import FLOWS, SPELLINGS
from tests.documents import ROOT

_ROW = re.compile(r"^\| `([^|]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_MANAGERS = {
    ("manager", "`manager`"): {"user", "contact"},
    ("managedBy", "`managedBy`"): {"group"},
    ("member", "`members`"): {"group"},
}


def parts():
    text = (ROOT / "docs/attributes.md").read_text(encoding="utf-8")
    flowing, _, left = text.partition("\n## Not synced\n")
    return flowing, left


def test_every_attribute_that_flows_stands_in_the_table_with_what_shows_it():
    wanted = dict(_MANAGERS)
    for kind, rows in FLOWS.items():
        for row in rows:
            for source in row.sources:
                wanted.setdefault((source, f"`{row.property}`"), set()).add(str(kind))
    kinds = list(map(str, ObjectType))

    found = {(name, shown): whose for name, shown, whose in _ROW.findall(parts()[0])}

    assert found == {
        key: ", ".join(kind for kind in kinds if kind in whose) for key, whose in wanted.items()
    }


def test_what_is_said_not_to_be_synced_does_not_flow():
    names = [name for cell, _, _ in _ROW.findall(parts()[1]) for name in cell.split("`, `")]

    assert names
    assert set(map(str.lower, names)).isdisjoint({*SPELLINGS, "manager", "managedby", "member"})
    assert len(names) == len(set(names))
