"""Names stand where people look for them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.values.collation import name_key


def in_order(names):
    return sorted(names, key=lambda name: (name_key(name), name))


@pytest.mark.parametrize(
    "names",
    [
        ["abe", "bert b", "Zoe"],
        ["Ann", "ann", "Anna"],
        ["Mueller", "Muller", "Müller", "Mulligan"],
        ["Oslo", "Østberg", "Otto"],
        ["Straße", "Strasse 2", "Strategie"],
        ["Lodz", "Łódź", "Lola"],
        ["Ægir", "Aegis", "Afra"],
        ["Иван", "Йван", "Кира"],
        ["bert b", "bert-b", "bertb"],
        ["", "1", "A"],
        ["Ann", "李", "王"],
    ],
)
def test_case_and_accents_come_after_the_letters(names):
    assert in_order(reversed(names)) == names


@given(st.lists(st.text()))
def test_the_order_does_not_depend_on_the_order_before(names):
    assert in_order(names) == in_order(reversed(names))


@given(st.text())
def test_a_name_has_the_key_of_its_decomposed_form(name):
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(name)
