"""Why an object cannot be computed: a sync error, as a value and as an exception."""

from __future__ import annotations

from typing import NamedTuple


class FlowError(NamedTuple):
    """Why an object cannot be computed until the directory changes: a sync error.

    ``error`` is the name of the error, ``attribute`` the one to correct in the directory.
    """

    error: str
    attribute: str
    value: str | None
    message: str


class FlowFailed(Exception):
    """A rule of the user's own has no result for an object; ``error`` is the sync error."""

    def __init__(self, rule: str, error: FlowError) -> None:
        super().__init__(error.message)
        self.rule = rule
        self.error = error
