"""The connector of an operator: a settings file, and commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.fakes import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path


class CommandLine:
    """Runs commands on settings of its own; ``sections`` change or add to the usual ones.

    ``module`` is the module that ``python -m`` starts, ``environ`` has further variables.
    """

    def __init__(self, path: Path, directory: dict[str, Any], **sections: dict[str, Any]) -> None:
        self.module = "connector"
        self.environ: dict[str, str] = {}
        self.path = path
        self.storage = path / "var"
        self.log = path / "connector.log"
        self.settings = path / "connector.toml"
        tables = {
            "directory": {"base_dn": SUFFIX, **directory},
            "tenant": {
                "initial_domain": "contoso.onmicrosoft.com",
                "verified_domains": ["contoso.com", "fabrikam.com"],
            },
            "storage": {"path": str(self.storage)},
            "log": {"format": "json", "file": str(self.log)},
        }
        for name, values in sections.items():
            tables[name] = {**tables.get(name, {}), **values}
        self.settings.write_text(
            "\n".join(
                f"[{name}]\n"
                + "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
                for name, values in tables.items()
            )
        )

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.environ, "CONNECTOR_CONFIG": str(self.settings)}

    def run(
        self, *arguments: str, wrapper: tuple[str, ...] = (), timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, through ``wrapper`` if one is given."""
        return subprocess.run(
            [*wrapper, sys.executable, "-m", self.module, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command without waiting for it; keep only its standard error."""
        return subprocess.Popen(
            [sys.executable, "-m", self.module, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode in codes, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def objects(self) -> dict[str, dict[str, Any]]:
        """The objects of the tenant by display name."""
        return {item["displayName"]: item for item in self.json("objects")}

    def synced(self) -> dict[str, dict[str, Any]]:
        """Run a cycle that must succeed; return the objects of the tenant by display name."""
        done = self.run("sync")
        assert done.returncode in {0, 1}, (done.stdout, done.stderr)
        return self.objects()

    def events(self) -> list[dict[str, Any]]:
        """The events of the log, without a line that a killed process did not finish."""
        lines = self.log.read_text().splitlines(keepends=True) if self.log.exists() else []
        return [json.loads(line) for line in lines if line.endswith("}\n")]

    def logged(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events() if event["event"] == name]
