"""Any expression compiles or is refused with a place; an evaluation keeps within its bounds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connector.rules.expression import compiled
from connector.rules.functions.table import LANGUAGE
from connector.rules.language.compiler import PARAMETERS
from connector.rules.language.evaluation import Surroundings
from connector.rules.language.function import Kind
from connector.rules.language.mistakes import pointed
from connector.rules.language.parser import LITERALS, STRENGTH
from connector.rules.language.values import CHARACTERS, VALUES, ExpressionFailed, Marker, listed

FUNCTIONS = list(LANGUAGE.functions.values())
NAMES = ("cn", "title", "member", "proxyAddresses", "objectGUID", "nobody")
PIECES = [
    *LANGUAGE.functions,
    *LITERALS,
    *STRENGTH,
    *(f"[{name}]" for name in NAMES),
    *(f"%{name}%" for name in PARAMETERS),
    *("(", ")", ",", "$x", "$item", "vbBinaryCompare", "&HFF", "3", "0.5", "-1", "\\", "'", "{"),
    '"a"',
    '""',
    '"',
]
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "1",
            "TRUE",
            "-2",
            "2020-01-31",
            "\ud800",
            "cn=A\\0ACNF:b,dc=c",
            "a:b,c:",
            "ß",
            "İ",
            "m",
        ]
    ),
)
ENTRIES = st.dictionaries(
    st.sampled_from([name.lower() for name in NAMES]),
    st.lists(st.one_of(TEXTS, st.binary(max_size=20)), max_size=4).map(tuple),
)
SURROUNDINGS = Surroundings(
    parameters=dict.fromkeys(PARAMETERS, "dc=x"),
    clock=lambda: datetime(2020, 1, 1, tzinfo=UTC),
    draw=lambda lowest, _: lowest,
    guid=lambda: "guid",
)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'


LEAVES = st.one_of(
    TEXTS.map(quoted),
    st.integers(-(2**64), 2**64).map(str),
    st.floats(0, 1e20).map(lambda number: f"{number:.3f}"),
    st.sampled_from([*LITERALS, "$item", *(f"[{name}]" for name in NAMES)]),
    st.sampled_from([f"%{name}%" for name in PARAMETERS]),
)


@st.composite
def calls(draw, inner):
    """Draw a call of a function with arguments of the right number, and mostly of the right kind."""
    function = draw(st.sampled_from(FUNCTIONS))
    count = draw(st.integers(function.required, len(function.arguments)))
    return f"{function.name}({','.join(draw(_argument(function.argument(n), inner)) for n in range(count))})"


def _argument(argument, inner):
    match argument.kind:
        case Kind.VARIABLE:
            return st.just("$item")
        case Kind.ATTRIBUTE:
            return st.sampled_from([quoted(name) for name in NAMES])
        case Kind.WORD:
            return st.sampled_from(argument.words)
    return inner


EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        calls(inner),
        st.builds("({}{}{})".format, inner, st.sampled_from(sorted(STRENGTH)), inner),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=12,
)


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join)))
def test_any_text_compiles_or_is_refused_with_a_place(text):
    expression = compiled(text)

    for mistake in expression.mistakes:
        assert 0 <= mistake.at <= len(text)
        assert mistake.sentence
        line, carets = pointed(text, mistake, 60)
        assert carets.strip(" ").strip("^") == ""
        assert len(line.splitlines()) <= 1


def is_expected(text, entry):
    """Whether the value of an expression is within its bounds, or it failed as the language does."""
    try:
        result = compiled(text).evaluate(entry, SURROUNDINGS)
    except ExpressionFailed as failed:
        return bool(str(failed)) or failed.triggered
    values = () if isinstance(result, Marker) else listed(result)
    length = sum(len(value) for value in values if isinstance(value, str | bytes))
    return len(values) <= VALUES and length <= CHARACTERS


@given(EXPRESSIONS, ENTRIES)
def test_an_evaluation_gives_a_result_within_its_bounds_or_fails_as_the_language_does(text, entry):
    assert is_expected(f"With($item,[cn],{text})", entry)


@given(EXPRESSIONS, ENTRIES)
def test_equal_entries_give_equal_results(text, entry):
    expression = compiled(text)
    outcomes = []
    for values in (entry, {name: tuple(reversed(values)) for name, values in entry.items()}):
        try:
            outcomes.append(expression.evaluate(values, SURROUNDINGS))
        except ExpressionFailed as failed:
            outcomes.append(str(failed))

    assert outcomes[0] == outcomes[1]


@given(st.data(), st.sampled_from(FUNCTIONS), ENTRIES)
def test_no_arguments_of_a_function_break_it(data, function, entry):
    arguments = [data.draw(_argument(each, LEAVES)) for each in function.arguments]

    assert is_expected(f"With($item,[cn],{function.name}({','.join(arguments)}))", entry)
