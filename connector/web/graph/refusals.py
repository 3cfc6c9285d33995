"""Say no as Graph does: a status, a code and a sentence for each reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Refusal(Exception):
    """A request that is not answered; ``details`` and ``headers`` go into the answer as they are."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers or {}


def is_text(value: object) -> bool:
    """Tell whether a value is text that can be looked for: without NUL and lone surrogates."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def bad_request(message: str) -> Refusal:
    """Refuse a request that cannot be read: wrong syntax, or a name that there is not."""
    return Refusal(400, "BadRequest", message)


def invalid(message: str, details: Sequence[Mapping[str, Any]] = ()) -> Refusal:
    """Refuse a request that the directory service of Graph would refuse."""
    return Refusal(400, "Request_BadRequest", message, details=details)


def unsupported(message: str) -> Refusal:
    return Refusal(400, "Request_UnsupportedQuery", message)


def unsupported_clause(name: str, resource: str) -> Refusal:
    """Refuse a clause of a filter that needs the header ConsistencyLevel, or is never supported."""
    return unsupported(
        "Unsupported or invalid query filter clause specified for property "
        f"'{name}' of resource '{resource}'."
    )


def not_found(identity: str) -> Refusal:
    return Refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identity}' does not exist or one of its queried reference-property objects "
        "are not present.",
    )


def unknown_segment(name: str) -> Refusal:
    return Refusal(404, "BadRequest", f"Resource not found for the segment '{name}'.")


def not_implemented(name: str) -> Refusal:
    """Refuse a resource that Graph has and this server has not."""
    return Refusal(
        501, "NotImplemented", f"Microsoft Graph has '{name}', and this server does not."
    )


def not_allowed(methods: Iterable[str]) -> Refusal:
    return Refusal(
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
        headers={"Allow": ", ".join(methods)},
    )


def denied() -> Refusal:
    return Refusal(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
