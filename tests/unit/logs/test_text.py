"""A log line of either form is read back as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.logs.text import as_text, parse
from connector.values.printable import json_line

HEAD = {"timestamp": "2026-01-05T08:00:00.123Z", "level": "info", "event": "object.added"}
TEXTS = st.text(st.characters(codec="utf-8")) | st.from_regex(r"[\[{\"]?-?[0-9.eE+-]{0,5}", fullmatch=True)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=5,
)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name not in HEAD)


def test_a_text_line_can_be_read_at_a_glance():
    record = {**HEAD, "run": 7, "type": "user", "name": "Ann Lee", "dn": "uid=ann,dc=contoso"}

    assert as_text(record) == (
        "2026-01-05T08:00:00.123Z info    object.added run=7 type=user "
        'name="Ann Lee" dn=uid=ann,dc=contoso'
    )


@given(st.dictionaries(NAMES, VALUES))
def test_both_forms_are_read_back_as_written(fields):
    record = {**HEAD, **fields}

    assert parse(as_text(record)) == record
    assert parse(json_line(record)) == record


@given(st.dictionaries(NAMES, st.text(st.characters(codec=None, categories=None))))
def test_a_record_stays_on_one_line_whatever_it_holds(fields):
    assert as_text({**HEAD, **fields}).isprintable()


def test_a_line_from_the_journal_keeps_its_record():
    assert parse("<6>" + as_text(HEAD)) == HEAD


@pytest.mark.parametrize("line", ["", "Traceback (most recent call last):", "{", '{"a": 1}', "[1]"])
def test_what_is_no_log_line_is_no_record(line):
    assert parse(line) is None
