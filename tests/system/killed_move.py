"""``python -m connector`` that is killed where a move begins the piece of work that KILLED_AT names."""

from __future__ import annotations

import os
import signal

from connector.cli.app import main
from connector.cli.progress import Quiet
from connector.tenant import moving

KILLED_AT = "KILLED_AT"
LAST_STEP = "last step"


class Killed(Quiet):
    """Watches the work, and ends the process."""

    def begin(self, name: str, total: int | None = None) -> None:
        del total
        if name == os.environ[KILLED_AT]:
            os.kill(os.getpid(), signal.SIGKILL)


def _release(target: object) -> None:
    del target
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Quiet.begin = Killed.begin  # type: ignore[method-assign, assignment]
    if os.environ[KILLED_AT] == LAST_STEP:
        moving._release = _release
    main()
