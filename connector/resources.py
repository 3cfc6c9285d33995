"""Find the data files: beside the package when installed, at the top of a checkout otherwise."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def schema(*parts: str) -> Path:
    """Return the path of a file or folder under ``schema/``."""
    installed = _PACKAGE / "schema"
    root = installed if installed.is_dir() else _PACKAGE.parent / "schema"
    return root.joinpath(*parts)
