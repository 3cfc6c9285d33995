"""Open a directory on fake servers, and close it after the test."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector.directory import open_directory
from connector.settings import DirectorySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.ports import Directory
    from tests.system.fake_ldap import FakeLdap

SECRET = "s3cret-and-never-shown"

_opened: list[Directory] = []


@pytest.fixture(autouse=True)
def closed_afterwards() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def opened(*servers: FakeLdap | str, **changed: Any) -> Directory:
    """Return the port on these servers; ``changed`` are settings, and ``stop``."""
    stop = changed.pop("stop", lambda: False)
    urls = [server if isinstance(server, str) else server.url for server in servers]
    values = {
        "url": urls,
        "base_dn": "dc=x",
        "bind_dn": "cn=sync,dc=x",
        "timeout": timedelta(seconds=5),
    }
    settings = DirectorySettings(**{**values, **changed})
    _opened.append(open_directory(settings, password=SECRET, stop=stop))
    return _opened[-1]
