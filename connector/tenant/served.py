"""Be the process that applies export batches for another one, which starts it (``process``).

It answers what ``process.TenantProcess`` asks over a socket, and ends when that is closed, however the other
one ended. Signals that a terminal or a service manager sends to all processes are left to the other one: it
stops between two batches. The lock of the storage folder is inherited, so that nobody else starts before.
"""

from __future__ import annotations

import marshal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from connector.collector import collect_seldom
from connector.errors import StorageUnusable
from connector.model import MemberChange, ObjectType, SyncObject, SyncOperation
from connector.processes import ignore_signals
from connector.tenant.foresight import UNFORESEEN, Foreseen
from connector.tenant.service import open_tenant
from connector.values.canonical import decode, read

if TYPE_CHECKING:
    from connector.settings import TenantSettings
    from connector.tenant.service import TenantService

_SECONDS_TO_SWITCH = 0.0005
_TYPES = {kind.value: kind for kind in ObjectType}
_OPERATIONS = {operation.value: operation for operation in SyncOperation}


def main(descriptor: int) -> None:
    """Answer until the socket of this descriptor is closed at the other end."""
    collect_seldom()
    ignore_signals()
    with Connection(descriptor) as channel:
        try:
            _serve(channel)
        except (EOFError, ConnectionError):
            return


def _serve(channel: Connection) -> None:
    path, settings = _received(channel)
    try:
        tenant = open_tenant(Path(path), _settings(settings))
        waiting, tenant.client = _received(channel)
        tenant.expect(waiting)
    except StorageUnusable as error:
        _answer(channel, "unusable", str(error), error.reason)
        while True:  # the other one may only ask later, and reads that answer then
            channel.recv_bytes()
    # The next batch is read while the one before is written: SQLite lets go of the interpreter, and
    # the one thread takes it back from the other sooner than by default.
    sys.setswitchinterval(_SECONDS_TO_SWITCH)
    with closing(tenant), ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        following = reader.submit(_question, channel, tenant)
        while True:
            question = following.result()
            following = reader.submit(_question, channel, tenant)
            try:
                text = tenant.export_as_text(*question) if question else _settled(tenant)
            except StorageUnusable as error:
                _answer(channel, "unusable", str(error), error.reason)
            except Exception:  # noqa: BLE001 - the other process tells it
                _answer(channel, "failed", traceback.format_exc())
            else:
                _answer(channel, "done", text)


def _settled(tenant: TenantService) -> str:
    tenant.settle()
    return ""


def _settings(text: str) -> TenantSettings:
    """Return settings that the other process has checked, without the model that checks them.

    To load it takes 20 MB and a tenth of a second.
    """
    return cast("TenantSettings", SimpleNamespace(**decode(text)))


def _question(
    channel: Connection, tenant: TenantService
) -> tuple[str, list[SyncObject], Foreseen] | None:
    """Read a batch, and foresee it; None where the other process wants what was begun to be ended."""
    question = _received(channel)
    if not question:
        return None
    batch, plain = question
    objects = [
        SyncObject(
            _TYPES[kind],
            _OPERATIONS[operation],
            anchor,
            None if properties is None else read(properties),
            [MemberChange(*change) for change in changes],
            manager,
        )
        for kind, operation, anchor, properties, changes, manager in plain
    ]
    return batch, objects, _foreseen(tenant, objects)


def _foreseen(tenant: TenantService, objects: list[SyncObject]) -> Foreseen:
    try:
        return tenant.foresee(objects)
    except Exception:  # noqa: BLE001 - the export meets it again, and tells it
        return UNFORESEEN


def _received(channel: Connection) -> Any:
    return marshal.loads(channel.recv_bytes())  # noqa: S302 - from the process that started this one


def _answer(channel: Connection, *answer: str) -> None:
    channel.send_bytes(marshal.dumps(answer))
