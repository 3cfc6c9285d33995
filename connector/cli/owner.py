"""Let root act as the owner of the storage, so that root does not own files there.

The daemon could not open a file that root made, such as a database before the first start. And a user who
may write in a folder could trick root there.
"""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def become_owner(folder: Path) -> None:
    """If running as root, switch permanently to the owner of the folder.

    Without a folder, or where root may not switch (a container without CAP_SETUID), nothing changes.
    """
    if os.geteuid() != 0:
        return
    with suppress(FileNotFoundError, PermissionError):
        found = folder.stat()
        if found.st_uid != 0:
            _become(found.st_uid, found.st_gid)


def _become(user: int, group: int) -> None:
    try:
        entry = pwd.getpwuid(user)
    except KeyError:  # a number without a name, as in containers
        os.setgroups([])
    else:
        group = entry.pw_gid
        os.initgroups(entry.pw_name, group)
    os.setgid(group)
    os.setuid(user)
