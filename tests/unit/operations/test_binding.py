"""A request is bound to the signature of the operation that it asks for."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from connector.errors import InvalidRequest, UnknownObject
from connector.operations.binding import (
    Answer,
    asked_for,
    bound,
    by_command,
    perform,
    request_for,
)


def paint_it(
    walls: list[str],
    *,
    colour: Literal["red", "blue"],
    coats: int = 1,
    litres: float | None = None,
    wet: bool = False,
    note: str = "",
    names: dict[str, str | list[str]] | None = None,
    extras: dict[str, object] | None = None,
) -> Answer:
    """An operation with an argument of each type."""
    walls.append(colour)
    return {"coats": coats}


def lock_(walls: list[str]) -> Answer:
    raise UnknownObject(f"{walls} have no lock.")


OPERATIONS = by_command(paint_it, lock_)
RED = {"command": "paint-it", "colour": "red"}
NAMES = "names must be an object, each value a text or a list, each item a text or null"


def test_the_command_is_the_name_of_the_function_as_one_types_it():
    assert {"paint-it": paint_it, "lock": lock_} == OPERATIONS


def test_a_call_travels_as_plain_data_and_is_the_same_call_again():
    request = request_for(paint_it, colour="red", coats=2)

    assert request == {**RED, "coats": 2}
    assert bound(paint_it, request) == {"colour": "red", "coats": 2}


def test_the_operation_is_done_with_its_subject():
    walls: list[str] = []

    answer = perform(OPERATIONS, walls, {**RED, "coats": 2})

    assert (answer, walls) == ({"coats": 2}, ["red"])


def test_an_expected_error_is_an_answer():
    assert perform(OPERATIONS, [], {"command": "lock"}) == {
        "error": "[] have no lock.",
        "exit_code": 2,
        "kind": "unknown-object",
    }


@pytest.mark.parametrize("name", ["paint_it", "lock_", "", None, 7, ["lock"], {"lock": 1}])
def test_what_no_operation_is_called_is_refused(name):
    request = {"command": name}

    assert asked_for(OPERATIONS, request) is None
    assert perform(OPERATIONS, [], request) == {
        "error": f"unknown command {name!r}",
        "exit_code": 2,
    }


def test_a_request_without_a_command_is_refused():
    assert perform(OPERATIONS, [], {}) == {"error": "unknown command None", "exit_code": 2}


@pytest.mark.parametrize(
    "arguments",
    [
        {"coats": 0},
        {"litres": 1},
        {"litres": 0.5},
        {"litres": 10**400},
        {"litres": None},
        {"wet": True},
        {"note": "Joe's"},
        {"names": {}},
        {"names": {"mail": "joe@contoso.com", "proxyAddresses": ["a", "b"]}},
        {"extras": {"a": None, "b": True, "c": [1]}},
    ],
)
def test_a_value_of_the_type_passes(arguments):
    assert bound(paint_it, {**RED, **arguments}) == {"colour": "red", **arguments}


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"colour": "green"}, "colour must be 'red' or 'blue'"),
        ({"colour": ["red"]}, "colour must be 'red' or 'blue'"),
        ({"coats": 1.5}, "coats must be a whole number"),
        ({"coats": True}, "coats must be a whole number"),
        ({"coats": "2"}, "coats must be a whole number"),
        ({"coats": None}, "coats must be a whole number"),
        ({"litres": "1"}, "litres must be a number or null"),
        ({"litres": False}, "litres must be a number or null"),
        ({"litres": float("nan")}, "litres must be a number or null"),
        ({"litres": float("inf")}, "litres must be a number or null"),
        ({"wet": 1}, "wet must be true or false"),
        ({"wet": "yes"}, "wet must be true or false"),
        ({"note": {}}, "note must be a text"),
        ({"names": []}, NAMES),
        ({"names": {"mail": 7}}, NAMES),
        ({"names": {"mail": ["a", None]}}, NAMES),
        ({"extras": "a"}, "extras must be an object or null"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(arguments: dict[str, Any], wanted):
    with pytest.raises(InvalidRequest) as raised:
        bound(paint_it, {**RED, **arguments})

    assert str(raised.value) == f"paint-it: the argument {wanted}"


def test_a_misspelt_argument_is_refused_by_name():
    with pytest.raises(InvalidRequest) as raised:
        bound(paint_it, {"command": "paint-it", "color": "red"})

    assert str(raised.value) == (
        "paint-it: unknown argument 'color'; there are: "
        "colour, coats, litres, wet, note, names, extras"
    )


def test_a_missing_argument_is_refused_by_name():
    with pytest.raises(InvalidRequest) as raised:
        bound(paint_it, {"command": "paint-it"})

    assert str(raised.value) == "paint-it: the argument colour is missing"
