"""Be the daemon: lock the storage, open what the settings name, serve, and again after a reload."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from connector import __version__
from connector.assembly import open_parts
from connector.daemon.commands import status
from connector.daemon.failures import REFUSED
from connector.daemon.service import Service
from connector.daemon.signals import Signals
from connector.daemon.systemd import BeatingProgress, Notifier, watched
from connector.daemon.waiting import Waiting, is_away
from connector.daemon.web_process import serving_web
from connector.errors import ConnectorError, StorageRemoved
from connector.logs.log import open_log
from connector.settings import directory_password
from connector.storage.instance import lock_storage
from connector.web.health import Health
from connector.web.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from connector.assembly import Parts
    from connector.logs.log import Log
    from connector.settings import Settings
    from connector.storage.instance import StorageLock


def run(load: Callable[[], Settings], environ: Mapping[str, str] = os.environ) -> None:
    """Be the daemon until SIGTERM or SIGINT; SIGHUP loads the settings anew, SIGUSR1 syncs now.

    Raises InvalidSettings, StorageUnusable, also when the storage is taken away later, and
    InstanceLocked when another instance works on the storage path.
    """
    settings = load()
    signals, notifier, metrics = Signals(), Notifier(environ), Metrics()

    def check() -> Settings:
        try:
            return _usable(load, environ)
        except ConnectorError as error:
            metrics.count_failure("reload", error.reason or REFUSED)
            raise

    # Before the lock: a process that sees it held may send a signal at once.
    signals.install()
    with watched(notifier), lock_storage(settings.storage.path) as lock:
        while True:
            with _logging(settings, environ) as log:
                _serve(settings, log, signals, notifier, metrics, check, lock)
                if signals.stop:
                    return
                notifier.notify(RELOADING=1, MONOTONIC_USEC=time.monotonic_ns() // 1000)
                settings = _reloaded(settings, check, log)
            signals.reload = False


def _serve(  # noqa: PLR0913, PLR0917 -- what lives as long as the process, one by one
    settings: Settings,
    log: Log,
    signals: Signals,
    notifier: Notifier,
    metrics: Metrics,
    check: Callable[[], object],
    lock: StorageLock,
) -> None:
    """Serve with these settings, and say in the log when that begins and why it ends."""

    def stop() -> bool:
        notifier.beat()
        return signals.stop is not None or signals.stop_cycle

    def started() -> None:
        log.tell(
            "info",
            "daemon.started",
            version=__version__,
            storage=str(settings.storage.path),
            directory=", ".join(settings.directory.url),
        )

    progress = BeatingProgress(notifier)
    opened = partial(
        open_parts, settings, log=log, stop=stop, lock=False, progress=progress, patient=False
    )
    with ExitStack() as stack:
        try:
            parts = stack.enter_context(opened())
        except ConnectorError as error:
            if not is_away(error):
                raise
            started()
            waiting = Waiting(
                settings,
                signals,
                notifier,
                log,
                check_settings=check,
                count_failure=metrics.count_failure,
                check_storage=lock.check,
            )
            found = _waited(waiting, error, opened, stack, metrics, notifier, log)
            if found is None:
                _tell_end(signals, notifier, log)
                return
            parts = found
        else:
            started()
        lock.watch(*settings.databases.values())
        service = Service(
            parts,
            signals,
            notifier,
            check_settings=check,
            observe=metrics.observe,
            count_failure=metrics.count_failure,
            check_storage=lock.check,
            progress=progress.facts,
        )
        health = Health(
            settings, metrics, status=partial(status, service), silence=notifier.silence
        )
        service.monitor = health.answer
        try:
            with serving_web(settings, health.answer, log):
                service.serve()
        except StorageRemoved as error:
            service.failures.meet("storage", error)
            log.tell("error", "daemon.stopped", reason=error.reason)
            raise
        _tell_end(signals, notifier, log)


def _waited(  # noqa: PLR0913, PLR0917 -- as ``_serve``
    waiting: Waiting,
    error: ConnectorError,
    opened: Callable[[], AbstractContextManager[Parts]],
    stack: ExitStack,
    metrics: Metrics,
    notifier: Notifier,
    log: Log,
) -> Parts | None:
    """Wait until the parts can be opened, for as long as ``stack``; None where the daemon is to end or reload."""
    found: list[Parts] = []
    health = Health(
        waiting.settings, metrics, status=partial(status, waiting), silence=notifier.silence
    )
    waiting.monitor = health.answer
    with serving_web(waiting.settings, health.answer, log):
        waiting.wait(error, lambda: found.append(stack.enter_context(opened())))
    return found[0] if found else None


def _tell_end(signals: Signals, notifier: Notifier, log: Log) -> None:
    if signals.stop:
        notifier.notify(STOPPING=1, STATUS="stopping")
        log.tell("info", "daemon.stopped", reason=signals.stop)


@contextmanager
def _logging(settings: Settings, environ: Mapping[str, str]) -> Iterator[Log]:
    """Open the log; failing to write its last lines does not change how the daemon ends."""
    log = open_log(settings.log, environ=environ)
    try:
        yield log
    finally:
        log.close_anyhow()


def _usable(load: Callable[[], Settings], environ: Mapping[str, str]) -> Settings:
    """Load settings that the daemon can start with, the files included that it then opens.

    Raises InvalidSettings.
    """
    fresh = load()
    directory_password(fresh)
    open_log(fresh.log, environ=environ).close()
    return fresh


def _reloaded(settings: Settings, load: Callable[[], Settings], log: Log) -> Settings:
    """Load the settings anew; those that cannot be used are named, and the old ones stay."""
    try:
        fresh = load()
    except ConnectorError as error:
        log.tell("error", "daemon.reload_failed", message=str(error))
        return settings
    if (fresh.databases, fresh.tenant.database) != (settings.databases, settings.tenant.database):
        moved = fresh.storage != settings.storage
        key = "storage.path" if moved else "tenant.database"
        log.tell("warning", "daemon.reload_failed", message=f"{key}: takes effect after a restart")
        kept = {"database": settings.tenant.database}
        tenant = fresh.tenant.model_copy(update=kept)
        fresh = fresh.model_copy(update={"storage": settings.storage, "tenant": tenant})
    log.tell("info", "daemon.reloaded")
    return fresh
