"""Run the command in this process, on a settings file and databases of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from connector.cli.app import main

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
[storage]
path = "var"
[log]
file = "connector.log"
"""


@dataclass
class Done:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Command:
    """``connector`` with the settings in ``file``."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = folder / "connector.toml"
        self.file.write_text(SETTINGS)
        self.log = folder / "connector.log"
        self.storage = folder / "var"
        self._capsys = capsys

    def on_a_screen(self, columns: int, *arguments: str) -> str:
        """What a command prints on a terminal of so many columns, without colours."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sys.stdout.isatty", lambda: True, raising=False)
            patched.setenv("COLUMNS", str(columns))
            return re.sub("\x1b\\[[0-9;]*m", "", self(*arguments).out)

    def __call__(self, *arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(self.file), *arguments])
        out, err = self._capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)


@pytest.fixture
def connector(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Command(tmp_path, capsys)
