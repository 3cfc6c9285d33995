"""Say how another terminal gets the ``connector`` command."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def lines(*, elsewhere: bool) -> list[str]:
    """Return the lines to type before ``connector`` can be typed; none where it can be typed at once.

    With ``elsewhere`` they are for a terminal in which no environment is active. Without it they are
    for the terminal of this process.
    """
    script, activate = (Path(sys.prefix) / "bin" / name for name in ("connector", "activate"))
    found = shutil.which("connector")
    if found and (not elsewhere or Path(found) != script):
        return []
    if script.exists() and activate.exists():
        return [f"source {shlex.quote(str(activate))}"]
    if found:
        return []
    return [f"alias connector={shlex.quote(f'{shlex.quote(sys.executable)} -m connector')}"]
