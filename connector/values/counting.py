"""Say how many there are of something, for people to read."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Say how many there are: ``1 value``, ``2 values``."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
