"""Turn what an expression consists of into a function, and note what it reads and what is wrong."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.rules.language.calls import called
from connector.rules.language.function import Kind
from connector.rules.language.mistakes import Mistake
from connector.rules.language.operators import chained, signed
from connector.rules.language.parser import LITERALS
from connector.rules.language.syntax import (
    Attribute,
    Call,
    Chain,
    Constant,
    Link,
    Parameter,
    Sign,
    Variable,
    Word,
)
from connector.rules.language.values import ExpressionFailed, Marker
from connector.values.counting import counted
from connector.values.withheld import is_withheld

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.rules.language.evaluation import Evaluation, Run
    from connector.rules.language.function import Argument, Function
    from connector.rules.language.syntax import Node
    from connector.rules.language.values import Result

PARAMETERS = (
    "Connector.ID",
    "Domain.FQDN",
    "Domain.LDAP",
    "Domain.Netbios",
    "Forest.FQDN",
    "Forest.LDAP",
    "Forest.Netbios",
)
"""The parameters that an expression may name, such as ``%Domain.FQDN%``."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_LONGEST_NAME = 100
_NEAR = 0.7


class Language(NamedTuple):
    """The functions by name, and for those that are refused by name a sentence that says why."""

    functions: Mapping[str, Function]
    refused: Mapping[str, str]


class Compiler:
    """Compiles one expression.

    ``attributes`` are those that it reads: the name in lower case, and as it was first written.
    ``chance`` are the calls whose result changes from one evaluation to the next. ``reads`` has the
    attributes, as they are written, by the place of the call or operator that they stand in.
    ``variables`` counts those of With, Select and Where.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._scope: dict[str, int] = {}
        self._order: list[str] = []
        self.mistakes: list[Mistake] = []
        self.attributes: dict[str, str] = {}
        self.parameters: set[str] = set()
        self.chance: list[Mistake] = []
        self.reads: dict[int, tuple[str, ...]] = {}
        self.variables = 0

    def compiled(self, node: Node) -> Run:
        """Return what evaluates a node; where there is a mistake, it is noted."""
        run: Run
        before = len(self._order)
        match node:
            case Constant(value=value):
                run = lambda _: value  # noqa: E731
            case Attribute(name=name):
                run = self._attribute(node, name)
            case Parameter(name=name):
                run = self._parameter(node, name)
            case Variable(name=name):
                run = self._variable(node, name)
            case Word(name=name):
                run = self._word(node, name)
            case Sign(sign=sign, operand=operand):
                run = self._placed(node, before, signed(sign, self._operand(operand)))
            case Chain(first=first, links=links):
                left = self._operand(first)
                rest = [(link.operator, self._operand(link.operand)) for link in links]
                run = self._placed(links[0], before, chained(left, rest))
            case Call():
                run = self._call(node)
        return run

    # --- names --------------------------------------------------------------------------------

    def _attribute(self, node: Node, written: str) -> Run:
        name = self._attribute_name(node, written)
        return lambda evaluation: evaluation.read(name)

    def _attribute_name(self, node: Node, written: str) -> str:
        """Note an attribute that is read; return its name in lower case, without ``;binary``."""
        base, option, rest = written.partition(";")
        if option and rest.lower() != "binary":
            self._note(node, f"{written} has an option: only ;binary is taken")
        elif not _NAME.fullmatch(base) or len(base) > _LONGEST_NAME:
            self._note(node, f"{written} is not the name of an attribute")
        elif is_withheld(base):
            self._note(node, f"{written} is a secret, which no rule reads")
        name = base.lower()
        self._order.append(self.attributes.setdefault(name, base))
        return name

    def _parameter(self, node: Node, name: str) -> Run:
        if name not in PARAMETERS:
            self._note(node, f"%{name}% is not a parameter{_hint(name, PARAMETERS, '%')}")
        self.parameters.add(name)

        def run(evaluation: Evaluation) -> Result:
            if not (value := evaluation.surroundings.parameters.get(name)):
                raise ExpressionFailed(f"%{name}% has no value here")
            return value

        return run

    def _variable(self, node: Node, name: str) -> Run:
        if name not in self._scope:
            self._note(node, f"{name} is not a variable here{_hint(name, self._scope)}")
            return lambda _: None
        slot = self._scope[name]
        return lambda evaluation: evaluation.variables[slot]

    def _word(self, node: Node, name: str) -> Run:
        if name in self._language.functions:
            self._note(node, f"{name} is a function: its arguments are missing, {name}(...)")
        else:
            known = [*LITERALS, *self._language.functions]
            said = f"{name} means nothing here: an attribute is written [{name}]"
            hint = _hint(name, known)
            self._note(node, f"{name} means nothing here{hint}" if hint else said)
        return lambda _: None

    # --- calls --------------------------------------------------------------------------------

    def _call(self, node: Call) -> Run:
        function = self._language.functions.get(node.name)
        before = len(self._order)
        if function is None:
            self._note(node, self._unknown(node.name))
            for each in node.arguments:
                if not isinstance(each, Word | Variable):
                    self.compiled(each)
            return lambda _: None
        noted = len(self.mistakes)
        if said := _wrong_count(function, len(node.arguments)):
            self._note(node, said)
        if function.surroundings:
            said = f"{function.name} gives another value each time"
            self.chance.append(Mistake(node.at, node.end - node.at, said))
        given = self._arguments(function, node)
        if len(self.mistakes) > noted:
            return lambda _: None
        run = function.compute(*given) if function.form else called(function, given)
        return self._placed(node, before, run, f"{function.name}: ")

    def _arguments(self, function: Function, node: Call) -> list[Any]:
        """Compile the arguments; a variable of the call is known in the last one alone."""
        outer = inner = self._scope
        given: list[Any] = []
        for n, each in enumerate(node.arguments):
            argument = function.argument(n)
            if argument is not None and argument.kind is Kind.VARIABLE:
                given.append(self.variables)
                inner = outer | self._new_variable(function, each)
            else:
                self._scope = inner if n == len(node.arguments) - 1 else outer
                given.append(self._argument(function, argument, each))
        self._scope = outer
        return given

    def _argument(self, function: Function, argument: Argument | None, node: Node) -> Any:
        match argument and argument.kind:
            case Kind.WORD if argument is not None:
                return self._option(argument, node)
            case Kind.ATTRIBUTE:
                if isinstance(node, Constant) and type(node.value) is str:
                    return self._attribute_name(node, node.value.strip())
                self._note(node, f'{function.name} takes a name in quotation marks: "member"')
                return None
            case Kind.LATER:
                return self.compiled(node)
        return self._operand(node)

    def _option(self, argument: Argument, node: Node) -> str | None:
        """Return the word that an option is; case counts for a name, and not in a text."""
        words = {word.lower(): word for word in argument.words}
        if isinstance(node, Word) and node.name in argument.words:
            return node.name
        if isinstance(node, Constant) and type(node.value) is str and node.value.lower() in words:
            return words[node.value.lower()]
        listed_ = " or ".join(argument.words)
        self._note(node, f"{argument.name} is {listed_}")
        return None

    def _new_variable(self, function: Function, node: Node) -> dict[str, int]:
        if not isinstance(node, Variable):
            self._note(node, f"{function.name} takes a variable first, such as $item")
            return {}
        self.variables += 1
        return {node.name: self.variables - 1}

    def _operand(self, node: Node) -> Run:
        """Compile what has to be a value: a marker cannot be worked with."""
        if isinstance(node, Constant) and isinstance(node.value, Marker):
            name = node.value.value
            self._note(node, f"{name} stands alone, or as a result of IIF, Switch or With")
        return self.compiled(node)

    def _placed(self, place: Call | Sign | Link, before: int, run: Run, source: str = "") -> Run:
        """Let an error that comes out of a call or an operator name its source and its place.

        ``before`` is how many attributes were read before it.
        """
        at = place.at
        self.reads[at] = tuple(dict.fromkeys(self._order[before:]))

        def placed(evaluation: Evaluation) -> Result:
            try:
                return run(evaluation)
            except ExpressionFailed as error:
                if error.at < 0:
                    error.at = at
                    if not error.triggered:
                        error.message = f"{source}{error.message}"
                raise

        return placed

    def _note(self, node: Node, sentence: str) -> None:
        self.mistakes.append(Mistake(node.at, max(1, node.end - node.at), sentence))

    def _unknown(self, name: str) -> str:
        """Say that a name is not that of a function, and which was probably meant."""
        functions, refused = self._language.functions, self._language.refused
        if name in refused:
            return f"{name} is not taken: {refused[name]}"
        return f"{name} is not a function{_hint(name, functions)}"


def _wrong_count(function: Function, count: int) -> str:
    """Say what is wrong about the number of arguments; empty where nothing is."""
    most = len(function.arguments)
    if count < function.required or (not function.repeats and count > most):
        wanted = counted(function.required, "argument") if function.required else "no arguments"
        if most > function.required:
            wanted = f"{function.required} to {most} arguments"
        if function.repeats:
            wanted = f"at least {wanted}"
        return f"{function.name} takes {wanted}, not {count}: {function.usage}"
    if function.repeats and (count - most) % function.repeats:
        return f"{function.name} takes pairs, and the last one is not whole: {function.usage}"
    return ""


def _hint(name: str, known: Iterable[str], around: str = "") -> str:
    """Name the nearest of the names that there are."""
    lower = {each.lower(): each for each in known}
    found = lower.get(name.lower())
    if found is None:
        near = get_close_matches(name.lower(), list(lower), n=1, cutoff=_NEAR)
        found = lower[near[0]] if near else ""
    return f"; did you mean {around}{found}{around}?" if found else ""
