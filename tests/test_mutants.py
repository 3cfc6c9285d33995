"""The list of mutants fits the product, and the command tells what survives."""

from __future__ import annotations

import pytest

from tests.benchmarks import mutants
from tests.benchmarks.mutants import Mutant

GUARDED = Mutant(
    "the guard lets one too many through",
    "connector/guard.py",
    "return deletes > 500",
    "return deletes > 501",
    ["tests/test_guard.py::test_one_too_many"],
)
UNGUARDED = GUARDED._replace(
    name="nothing is small", line="return deletes < 20", instead="return False"
)
PRODUCT = """\
def stops(deletes):
    return deletes > 500


def is_small(deletes):
    return deletes < 20
"""
TEST = """\
from connector.guard import stops


def test_one_too_many():
    assert stops(501)
"""


@pytest.fixture
def checkout(tmp_path):
    """A product of one module with one test."""
    for path, text in {
        ".gitignore": "left-out/\n",
        "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\n",
        "connector/__init__.py": "",
        "connector/guard.py": PRODUCT,
        "tests/test_guard.py": TEST,
        "left-out/big": "",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_every_mutant_of_the_list_can_be_applied_and_names_tests_that_are_there():
    listed = mutants.read()

    assert list(mutants.problems(listed, mutants.ROOT)) == []


def test_a_mutant_survives_whose_tests_pass(checkout):
    assert mutants.survivors([GUARDED, UNGUARDED], checkout) == [UNGUARDED]


def test_the_checkout_stays_as_it_is(checkout):
    mutants.survivors([GUARDED], checkout, jobs=2)

    assert (checkout / "connector/guard.py").read_text() == PRODUCT
    assert not list(checkout.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        (
            GUARDED._replace(line="return deletes > 400"),
            "connector/guard.py has 0 lines 'return deletes > 400'",
        ),
        (GUARDED._replace(file="connector/gone.py"), "there is no connector/gone.py"),
        (GUARDED._replace(instead="return >"), "'return >' makes no Python: invalid syntax"),
        (GUARDED._replace(tests=[]), "names no test"),
        (
            GUARDED._replace(tests=["tests/test_guard.py::test_gone"]),
            "there is no tests/test_guard.py::test_gone",
        ),
        (
            GUARDED._replace(tests=["tests/test_gone.py::test_x"]),
            "there is no tests/test_gone.py::test_x",
        ),
    ],
)
def test_a_list_that_is_out_of_date_is_refused(checkout, mutant, problem):
    with pytest.raises(mutants.Outdated) as refused:
        mutants.survivors([mutant], checkout)

    assert str(refused.value) == f"{GUARDED.name}: {problem}"


def test_a_line_that_stands_there_twice_cannot_be_applied():
    with pytest.raises(mutants.Outdated, match="has 2 lines"):
        GUARDED.applied(PRODUCT + PRODUCT)


def test_tests_that_fail_without_a_mutant_say_nothing(checkout):
    (checkout / "tests/test_guard.py").write_text(TEST.replace("501", "500"))

    with pytest.raises(mutants.Unmeasurable, match="tests fail without any change"):
        mutants.survivors([GUARDED], checkout)


def test_the_command_prints_what_survives_and_ends_with_1(checkout, capsys):
    listed = checkout / "mutants.toml"
    listed.write_text(
        f"[[mutant]]\nname = {UNGUARDED.name!r}\nfile = {UNGUARDED.file!r}\n"
        f"line = {UNGUARDED.line!r}\ninstead = {UNGUARDED.instead!r}\ntests = {UNGUARDED.tests}\n"
    )

    code = mutants.main([], listed, checkout)

    assert capsys.readouterr().out == (
        "SURVIVES: nothing is small\n  connector/guard.py\n- return deletes < 20\n+ return False\n"
        "  tests/test_guard.py::test_one_too_many\n1 mutants, 1 survive\n"
    )
    assert code == 1


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], [GUARDED.name, UNGUARDED.name]),
        (["small"], [UNGUARDED.name]),
        (["guard.py", "x"], None),
    ],
)
def test_words_choose_by_name_or_file(words, names):
    found = [mutant.name for mutant in mutants.chosen([GUARDED, UNGUARDED], words)]

    assert found == (names or [GUARDED.name, UNGUARDED.name])
