"""Write all that a tenant holds into files of JSON lines, for programs that keep or compare it.

Everything is read in one state of each database, whatever works on them, and written as it is read, so
that a tenant of any size takes the same memory.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any

from connector.errors import StorageUnusable
from connector.report.error_report import stream_errors
from connector.storage.backup import partial_folder, refuse_occupied
from connector.storage.whole_file import writing_whole
from connector.tenant.provisioning_errors import EVERY_ERROR
from connector.values.printable import json_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from connector.staging.space import ConnectorSpace
    from connector.tenant.service import TenantService

OBJECTS, MEMBERS, ERRORS = "objects.jsonl", "members.jsonl", "errors.jsonl"


def export_tenant(
    space: ConnectorSpace, tenant: TenantService, folder: Path, *, replace: bool = False
) -> dict[str, int]:
    """Write the files into a folder, and return the number of lines of each by its name.

    The folder is made whole or not at all, for its user alone; with ``replace`` it may hold something, and
    each of the files is replaced whole. Raises StorageUnusable.
    """
    occupied = folder.is_dir() and any(folder.iterdir())
    if not (replace and occupied):
        refuse_occupied(folder)
    lines: Mapping[str, Iterable[Any]] = {
        OBJECTS: chain(tenant.objects(), tenant.objects(deleted=True)),
        MEMBERS: tenant.memberships(),
        ERRORS: stream_errors(space, tenant, EVERY_ERROR),
    }
    try:
        with ExitStack() as stack:
            stack.enter_context(tenant.one_state())
            stack.enter_context(space.one_state())
            if occupied:
                return {name: _write(folder / name, items) for name, items in lines.items()}
            partial = stack.enter_context(partial_folder(folder))
            counts = {name: _write(partial / name, items) for name, items in lines.items()}
            partial.rename(folder)
    except OSError as error:
        raise StorageUnusable(
            f"{folder}: {error.strerror}. The tenant was not exported."
        ) from error
    return counts


def _write(path: Path, items: Iterable[Any]) -> int:
    count = 0
    with writing_whole(path) as file:
        for item in items:
            file.write(f"{json_line(item)}\n")
            count += 1
    return count
