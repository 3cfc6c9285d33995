"""Functions of numbers."""

from __future__ import annotations

from operator import and_, or_
from typing import TYPE_CHECKING

from connector.rules.functions.arguments import a_whole
from connector.rules.language.function import Function
from connector.rules.language.values import ExpressionFailed

if TYPE_CHECKING:
    from connector.rules.language.evaluation import Surroundings


def _random_num(surroundings: Surroundings, lowest: int, highest: int) -> int:
    if surroundings.draw is None:
        raise ExpressionFailed("an expression has no chance here")
    if lowest > highest:
        raise ExpressionFailed(f"{lowest} is more than {highest}")
    return surroundings.draw(lowest, highest)


FUNCTIONS = (
    Function(
        "BitAnd",
        (a_whole("first"), a_whole("second")),
        and_,
        "The bits that both numbers have.",
        (("BitAnd(&HF, &HF7)", 7),),
    ),
    Function(
        "BitOr",
        (a_whole("first"), a_whole("second")),
        or_,
        "The bits that one of the numbers has.",
        (("BitOr(&H1, &H4)", 5),),
    ),
    Function(
        "RandomNum",
        (a_whole("lowest"), a_whole("highest")),
        _random_num,
        "A number between two, which may be one of them.",
        surroundings=True,
    ),
)
