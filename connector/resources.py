"""Find the data files: in the installed package, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def schema(*parts: str) -> Path:
    """Return the path of a file or folder under ``schema/``."""
    return _data("schema", *parts)


def compose(*parts: str) -> Path:
    """Return the path of a file or folder under ``compose/``."""
    return _data("compose", *parts)


def _data(folder: str, *parts: str) -> Path:
    installed = _PACKAGE / folder
    root = installed if installed.is_dir() else _PACKAGE.parent / folder
    return root.joinpath(*parts)
