"""``python -m connector`` with small batches; it stops in the middle of an export, until SIGCONT."""

import os
import signal
from itertools import count

from connector.cli.app import main
from connector.export import exporter, references
from connector.model import Outcome

_log_object = exporter.Exporter._log_object
_logged = count(1)


def _log_and_stop(self: exporter.Exporter, outcome: Outcome) -> None:
    _log_object(self, outcome)
    if next(_logged) == exporter.BATCH:
        os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    exporter.BATCH = 40
    references.LINKS = 100
    exporter.Exporter._log_object = _log_and_stop  # type: ignore[method-assign]
    main()
