"""An expression that is compiled: what it reads, what is wrong with it, and its value for an entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.rules.language.compiler import PARAMETERS, Compiler
from connector.rules.language.evaluation import Evaluation, Surroundings, refuse_too_large
from connector.rules.language.mistakes import Mistake, Refused
from connector.rules.language.parser import parse
from connector.rules.language.values import ExpressionFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.rules.language.compiler import Language
    from connector.rules.language.evaluation import Run
    from connector.rules.language.values import Result

_NOWHERE = Surroundings()
# What an expression is tried with, to see whether it fails for an entry that has no attributes.
_ANYWHERE = Surroundings(
    parameters=dict.fromkeys(PARAMETERS, "x"),
    clock=lambda: datetime(2020, 1, 1, tzinfo=UTC),
    draw=lambda lowest, _: lowest,
    guid=lambda: "00000000-0000-0000-0000-000000000000",
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, usable if it has no ``mistakes``.

    ``attributes`` are those that it reads: each name in lower case, and as it is first written.
    ``parameters`` are names such as ``Domain.FQDN``. ``chance`` are the places whose value is another one
    each time; without any, equal entries give equal results. ``warnings`` are the places that fail for
    every object which lacks an attribute.
    """

    text: str
    mistakes: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]
    attributes: Mapping[str, str]
    parameters: frozenset[str]
    chance: tuple[Mistake, ...]
    _run: Run
    _variables: int

    @property
    def is_deterministic(self) -> bool:
        """Whether equal entries give equal results."""
        return not self.chance

    def evaluate(
        self,
        attributes: Mapping[str, Sequence[str | bytes]],
        surroundings: Surroundings = _NOWHERE,
    ) -> Result:
        """Return what the expression gives for the attributes of an entry.

        ``attributes`` has texts, and octets of binary attributes, by names in lower case. None is
        ``NULL``. Raises ExpressionFailed, and nothing else, where there is no result.
        """
        if self.mistakes:
            raise ExpressionFailed(self.mistakes[0].sentence)
        result = self._run(Evaluation(attributes, surroundings, self._variables))
        refuse_too_large(result)
        return result


def compile_expression(text: str, language: Language) -> Expression:
    """Compile an expression in a language; never raises: what is wrong are its ``mistakes``."""
    compiler = Compiler(language)
    run: Run = lambda _: None  # noqa: E731
    try:
        run = compiler.compiled(parse(text))
    except Refused as refused:
        compiler.mistakes.append(refused.mistake)
    mistakes = tuple(sorted(compiler.mistakes))
    expression = Expression(
        text,
        mistakes,
        (),
        compiler.attributes,
        frozenset(compiler.parameters),
        tuple(compiler.chance),
        run,
        compiler.variables,
    )
    if mistakes:
        return expression
    return replace(expression, warnings=tuple(_warnings(expression, compiler)))


def _warnings(expression: Expression, compiler: Compiler) -> Iterator[Mistake]:
    """Try the expression on an entry that has no attributes; what ``Error`` says is meant so."""
    try:
        expression.evaluate({}, _ANYWHERE)
    except ExpressionFailed as error:
        if not error.triggered:
            read = compiler.reads.get(error.at, ())
            if not read and compiler.variables:  # a variable may stand for any of them
                read = tuple(compiler.attributes.values())
            names = " and ".join(f"[{name}]" for name in read)
            who = f"every object without {names}" if names else "every object"
            yield Mistake(max(0, error.at), 1, f"this fails for {who}: {error}")
