"""How long the schedule leaves a directory alone that refused the password.

A directory counts wrong passwords, and a few in a row lock the account. So the same password is sent again
by the schedule only after a pause, which grows with each refusal (``due.bind_again_after``). Another password
in the file is tried at once, and so is whatever somebody asks for.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connector.errors import InvalidSettings
from connector.operations.due import bind_again_after
from connector.values import moments

if TYPE_CHECKING:
    from collections.abc import Callable


class BindPause:
    """The pause since the last refusal; ``read_password`` raises InvalidSettings when it cannot."""

    def __init__(self, read_password: Callable[[], str | None]) -> None:
        self._read_password = read_password
        self._refused: str | None = None
        self._refusals = 0

    def begin(self) -> float:
        """Note that the password was refused; return the seconds until it may be sent again."""
        password = self._password()
        if password != self._refused:
            self._refusals = 0
        self._refused = password
        self._refusals += 1
        return bind_again_after(self._refusals).total_seconds()

    def end(self) -> None:
        """Note that the directory let the connector in."""
        self._refused, self._refusals = None, 0

    def is_mended(self) -> bool:
        """Tell, once, whether there is another password than the one that was refused."""
        if self._refused is None or self._password() in {self._refused, None}:
            return False
        self.end()
        return True

    def _password(self) -> str | None:
        """Return a hash of the password as it is now, None where there is none."""
        try:
            password = self._read_password()
        except InvalidSettings:
            return None
        return None if password is None else hashlib.sha256(password.encode()).hexdigest()


def retry_time(seconds: float) -> str:
    """Return the moment in so many seconds as text."""
    return moments.to_second(datetime.now(UTC) + timedelta(seconds=seconds))
