"""Compile the rules of the settings, and word what is wrong with them for their author."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.rules.compilation import compile_rules
from connector.settings.problems import drawn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from connector.rules.compilation import RuleMistake
    from connector.settings.models import Settings
    from connector.settings.rule_files import FoundRules


def mistakes(found: FoundRules, disabled: Sequence[str], file: Path) -> list[str]:
    """Return all that is wrong with rules besides their form; one of another ``file`` is named with it."""
    files: dict[str, list[str]] = {}
    for each in (*found.rules, *found.parts):
        where = "" if each.file == file else f"{each.file}: "
        files.setdefault(each.rule.name, []).append(f"{where}rule {each.rule.name!r}")
    named = {name: ", ".join(dict.fromkeys(places)) for name, places in files.items()}
    wrong = [*compile_rules([one.rule.rule() for one in found.rules], disabled=disabled).mistakes]
    for part in found.parts:
        alone = compile_rules([part.rule.rule()]).mistakes
        # What is left is said of a flow or of a filter, and not of the rule, which was not well formed.
        wrong += [each for each in alone if each.target is not None or each.place is not None]
    return [_worded(mistake, named.get(mistake.rule)) for mistake in wrong]


_COMPUTED = frozenset(("directreports", "managedobjects", "memberof"))
"""Attributes in lower case that many servers work out from other entries."""


def warnings(settings: Settings) -> list[str]:
    """Return what a rule's author should know: what stops many objects, and what no delta tells."""
    rules = [one.rule() for one in settings.rules]
    found = compile_rules(rules).warnings
    return [
        *(_worded(warning, f"rule {warning.rule!r}") for warning in found),
        *(
            f"rule {rule.name!r}: many servers compute {written} and tell nobody when it changes: "
            "only an import of everything sees that"
            for rule in rules
            for name, written in compile_rules([rule]).chain.reads.items()
            if name in _COMPUTED
        ),
    ]


def _worded(one: RuleMistake, where: str | None) -> str:
    """Word a mistake; ``where`` is None for the name of a default rule that is disabled."""
    place = where or f"sync.disabled_rules: {one.rule!r}"
    target = "" if one.target is None else f", {one.target}"
    sentence = f"{place}{target}: {one.sentence}"
    if one.expression is None or one.place is None:
        return sentence
    return drawn(sentence, one.expression, one.place)
