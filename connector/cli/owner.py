"""Root acts as the user who owns the storage, so that nothing there comes to belong to root.

A file that root made, such as a database before the first start, is one that the daemon could not open.
And a user who may write in a folder could lead root astray there.
"""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def become_owner(folder: Path) -> None:
    """As root, be the owner of a folder from now on, for good; others stay who they are.

    Where there is no folder yet, or root may not change (in a container without CAP_SETUID), nothing
    changes.
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
