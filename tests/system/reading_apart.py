"""``python -m connector`` whose answers another process decodes as soon as it can, however small they are."""

import select

from connector.cli.app import main
from connector.directory import apart


class Awaited(apart.Decoder):
    """A process that is waited for."""

    def is_ready(self) -> bool:
        while not super().is_ready():
            select.select([self.socket], [], [])
        return True


if __name__ == "__main__":
    apart.WORTHWHILE = 0
    apart.Decoder = Awaited  # type: ignore[misc]
    main()
