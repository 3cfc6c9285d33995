"""Bind requests to the signatures of the operations that carry them out.

An operation is a function ``(subject, *, keyword: type, ...) -> Answer``, and its signature is the
schema: the name of the function is the command, a keyword is an argument of its name and type, and one
with a default may be left out. Requests and answers are plain data, as they travel over the control
socket.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter, signature
from types import NoneType, SimpleNamespace, UnionType
from typing import (
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from connector.errors import (
    AmbiguousIdentity,
    ConnectorError,
    DaemonUnavailable,
    InvalidRequest,
    TenantRefused,
    UnknownObject,
)
from connector.values.printable import cut

P = ParamSpec("P")
Request = Mapping[str, Any]
Answer = dict[str, Any]
Operation = Callable[..., Answer]

COMMAND = "command"
_UNIONS = (Union, UnionType)
_WORDS = {
    NoneType: "null",
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    str: "a text",
}


def command(operation: Operation) -> str:
    """Return the command that asks for an operation: ``stop-cycle`` for ``stop_cycle``."""
    return operation.__name__.rstrip("_").replace("_", "-")


def by_command(*operations: Operation) -> dict[str, Operation]:
    """Return operations by their commands."""
    return {command(operation): operation for operation in operations}


def request_for(
    operation: Callable[Concatenate[Any, P], Answer], *_: P.args, **arguments: P.kwargs
) -> dict[str, Any]:
    """Write the call of an operation as a request."""
    return {COMMAND: command(operation), **arguments}


def asked_for(operations: Mapping[str, Operation], request: Request) -> Operation | None:
    """Return the operation that a request asks for; None when these lack it."""
    name = request.get(COMMAND)
    return operations.get(name) if isinstance(name, str) else None


def perform(operations: Mapping[str, Operation], subject: object, request: Request) -> Answer:
    """Carry a request out on the subject, and return the answer.

    An expected error is an answer too: ``{"error": ..., "exit_code": ...}``.
    """
    operation = asked_for(operations, request)
    try:
        if operation is None:
            raise InvalidRequest(cut(f"unknown command {request.get(COMMAND)!r}"))
        return operation(subject, **bound(operation, request))
    except ConnectorError as error:
        return refusal(error)


def refusal(error: ConnectorError) -> Answer:
    """Write an expected error as an answer; ``reason`` is there where a job fails for it, ``kind`` for some."""
    answer: Answer = {"error": str(error), "exit_code": error.exit_code}
    if error.reason:
        answer["reason"] = error.reason
    if error.kind:
        answer["kind"] = error.kind
    return answer


def error_of(answer: Answer) -> ConnectorError:
    """Return the error that an answer tells of, as its ``kind`` names it."""
    for kind in (AmbiguousIdentity, TenantRefused, UnknownObject):
        if answer.get("kind") == kind.kind:
            return kind(answer["error"])
    is_busy = answer["exit_code"] == DaemonUnavailable.exit_code
    return (DaemonUnavailable if is_busy else InvalidRequest)(answer["error"])


def bound(operation: Operation, request: Request) -> dict[str, Any]:
    """Return the arguments that a request gives an operation.

    Raises InvalidRequest for one that is missing, unknown, or of another type.
    """
    arguments = {name: value for name, value in request.items() if name != COMMAND}
    kinds, required = _keywords(operation)
    check(command(operation), arguments, kinds)
    for name in required:
        if name not in arguments:
            raise InvalidRequest(f"{command(operation)}: the argument {name} is missing")
    return arguments


def check(what: str, given: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    """Compare values with their types, by name.

    Raises InvalidRequest for a name that is unknown and for a value of another type.
    """
    for name, value in given.items():
        if name not in kinds:
            known = ", ".join(kinds) or "none"
            raise InvalidRequest(cut(f"{what}: unknown argument {name!r}; there are: {known}"))
        if not _fits(value, kinds[name]):
            raise InvalidRequest(f"{what}: the argument {name} must be {_words(kinds[name])}")


@cache
def _keywords(operation: Operation) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the keywords of an operation with their types, and those without a default.

    The types of the subject and the answer do not matter: a request does not name them.
    """
    found = [
        p for p in signature(operation).parameters.values() if p.kind is Parameter.KEYWORD_ONLY
    ]
    written = SimpleNamespace(__annotations__={p.name: p.annotation for p in found})
    kinds = get_type_hints(written, operation.__globals__)
    return kinds, tuple(p.name for p in found if p.default is Parameter.empty)


def _fits(value: object, kind: Any) -> bool:
    """Tell whether a value is of a type as JSON has them: true is not a number, and NaN neither."""
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if origin in _UNIONS:
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if isinstance(value, bool):
        return origin in (bool, object)
    if origin is float:
        return isinstance(value, int | float) and abs(value) < math.inf
    if not isinstance(value, origin):
        return False
    items: Any = value.values() if isinstance(value, dict) else value
    return not parts or all(_fits(item, parts[-1]) for item in items)


def _words(kind: Any) -> str:
    """Describe in words the values of a type."""
    origin, parts = get_origin(kind) or kind, get_args(kind)
    if origin in _UNIONS:
        return " or ".join(_words(part) for part in parts)
    if origin is Literal:
        return " or ".join(repr(part) for part in parts)
    if origin is list:
        return f"a list, each item {_words(parts[-1])}"
    if origin is dict and parts[-1] is not object:
        return f"an object, each value {_words(parts[-1])}"
    return _WORDS[origin]
