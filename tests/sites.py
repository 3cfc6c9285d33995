"""A server that has the tenant, in this process with TLS, and the settings of connectors that come to it."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.assembly import open_parts, open_readers
from connector.logs.log import silent_log
from connector.settings import Settings
from connector.web.app import Application
from connector.web.context import Context
from connector.web.server import bind, secured, serve
from connector.web.signin.apps import Apps
from connector.web.signin.certificate import make
from connector.web.signin.keys import FILE, Keys
from tests.waiting import ended

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.web.signin.certificate import Files


class MadeOnce(NamedTuple):
    """What takes long to make: a certificate, and the key that signs tokens."""

    files: Files
    key: Path


def make_once(folder: Path) -> MadeOnce:
    Keys(folder).current()
    files = make(folder / "tls", ["localhost", "127.0.0.1"], datetime.now(UTC))
    return MadeOnce(files, folder / FILE)


class Office:
    """The site that has the tenant: ``connector web`` on a port of its own, while ``running``."""

    def __init__(self, folder: Path, made: MadeOnce, **tenant: Any) -> None:
        (folder / "storage").mkdir(parents=True)
        files = made.files
        shutil.copy(made.key, folder / "storage")
        self.authority = files.authority
        self.folder = folder
        self.settings = Settings.model_validate(
            {
                "directory": {"url": "ldap://memory", "base_dn": "dc=contoso,dc=com"},
                "tenant": {
                    "initial_domain": "contoso.onmicrosoft.com",
                    "verified_domains": ["contoso.com", "fabrikam.com"],
                    "random_seed": 1,
                    **tenant,
                },
                "storage": {"path": folder / "storage"},
                "web": {
                    "tls_cert": files.certificate,
                    "tls_key": files.key,
                },
            }
        )
        with open_parts(self.settings, log=silent_log()):
            pass
        self.file = self.settings.databases["tenant.db"]
        self.port = 0

    def tenant_of(self, name: str) -> dict[str, Any]:
        """Register an application, and return the settings of the connector that comes by it."""
        app, secret = Apps(self.settings.storage.path).add(name, "synchronization")
        file = self.folder / f"{name}.secret"
        file.write_text(secret)
        return {
            "url": f"https://localhost:{self.port}",
            "ca_file": self.authority,
            "client_id": app.client_id,
            "client_secret_file": file,
        }

    def cloud(self) -> dict[str, dict[str, Any]]:
        """The objects of the tenant by display name."""
        with open_readers(self.settings) as readers:
            return {item["displayName"]: item for item in readers.tenant.objects()}

    @contextmanager
    def running(self) -> Iterator[Context]:
        """Serve, at the port of the first time, until the block ends."""
        listen = f"127.0.0.1:{self.port}"
        listener = bind(listen)
        self.port = listener.getsockname()[1]
        context = Context(self.settings, silent_log(), lambda _: {})
        started, end = threading.Event(), threading.Event()
        thread = threading.Thread(
            target=serve,
            args=(Application(context, lambda _: None), listener, secured(self.settings.web)),
            kwargs={"started": started.set, "told_to_stop": end.is_set},
            daemon=True,
        )
        thread.start()
        self.context = context
        try:
            assert started.wait(20)
            yield context
        finally:
            end.set()
            try:
                ended(thread)
            finally:
                listener.close()
                context.sync.close()
                context.rehearsals.close()
