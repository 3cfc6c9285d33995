"""``connector restore``: put a backup back in place of both databases."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import opening, output

if TYPE_CHECKING:
    from connector.settings import Settings


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a backup.")],
) -> None:
    """Put a backup back in place of both databases, after a check; nothing may be at work on them.

    The files keep owner and mode. Those that were there are kept below storage.path, in a folder whose
    name begins with replaced-. Snapshots and mails stay as they are. The next sync brings what changed in
    the directory since the backup.

    Examples:
      $ connector backup --list
      $ systemctl stop connector && connector restore /var/backups/connector/monday
      $ connector verify && systemctl start connector

    Exit codes:
      0   both databases are those of the backup
      2   the backup is damaged or incomplete, or of a newer version: nothing was changed
      75  a daemon or another command is at work: nothing was changed
    """
    from connector.operations.elsewhere import refuse_on_a_server
    from connector.settings import find
    from connector.settings.models import TENANT_FILE
    from connector.storage.instance import lock_stopped, share_tenant
    from connector.storage.restore import opened
    from connector.storage.restore import restore as put_back
    from connector.values import moments

    # Root opens the files before it becomes the owner of the storage, who may not enter their folder.
    with opened(folder) as files:
        settings = opening.settings_of(find(context.obj, os.environ))
        refuse_on_a_server(settings, "A restore")
        storage = settings.storage.path
        with ExitStack() as stack:
            stack.enter_context(lock_stopped(storage))
            shared = stack.enter_context(share_tenant(settings.databases[TENANT_FILE]))
            stack.enter_context(shared.alone("a restore"))
            restored = put_back(storage, files, tenant=settings.tenant_file)
            _log(settings, folder)
    output.line(f"Restored {folder}, made {moments.to_second(restored.taken)}.")
    if restored.former is not None:
        output.line(f"The databases that were there are in {restored.former}; remove them in time.")
    if restored.is_another_tenant:
        output.note(
            "Warning: the tenant of this backup is another one than that of the databases that it "
            "belongs to: is it the backup of this connector? The next sync compares it as a whole "
            "(connector sync --dry-run shows what it would do)."
        )
    output.line("Next: connector sync")


def _log(settings: Settings, folder: Path) -> None:
    from connector.cli.verbosity import open_command_log

    with closing(open_command_log(settings, None)) as log:
        log.info("backup.restored", folder=str(folder.absolute()))
