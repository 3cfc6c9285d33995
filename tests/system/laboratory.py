"""A slapd that was synced, in this process: what a what-if foresees, and what is true."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from connector.assembly import open_parts
from connector.cycle import PROFILES, run_profile
from connector.errors import InvalidLdif
from connector.lint.proposal import ProposedDirectory
from connector.logs.log import silent_log
from connector.operations.effect import effect
from connector.operations.rehearsal import rehearse
from connector.settings import Settings, StorageSettings, TenantSettings
from connector.values import dn as dns
from connector.values.ldif import parse
from tests.fakes import SUFFIX
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = "refused"


class Laboratory:
    """A slapd, and a connector beside it; ``slapd`` are arguments of SlapdWorld."""

    def __init__(self, path: Path, **slapd: Any) -> None:
        self.world = SlapdWorld(path / "slapd", **slapd)
        self.settings = Settings(
            directory=self.world.settings(),
            tenant=TenantSettings(
                initial_domain="contoso.onmicrosoft.com", verified_domains=("contoso.com",)
            ),
            storage=StorageSettings(path=path / "var"),
        )
        self.directory = self.world.open()

    def sync(self) -> dict[str, str]:
        """Run a cycle; return the types of the objects in the tenant by display name."""
        with open_parts(self.settings, log=silent_log(), directory=self.directory) as parts:
            assert run_profile(parts, PROFILES["delta"]).result.counts_as_done
            objects = parts.tenant.objects()
            return {each["displayName"]: each["objectType"] for each in objects}

    def foreseen(self, ldif: str) -> Any:
        """What a what-if shows of a file; REFUSED for one that it refuses."""
        without = rehearse(self.settings, directory=self.directory, sweep=True)
        try:
            proposed = ProposedDirectory(self.directory, parse(ldif), SUFFIX)
        except InvalidLdif:
            return REFUSED
        return _shown(
            effect(without, rehearse(self.settings, directory=proposed, sweep=True)).changes
        )

    def true(self, ldif: str) -> Any:
        """What a dry run shows when ldapmodify has applied the file; REFUSED where it did not."""
        slapd = self.world.slapd
        command = [
            "ldapmodify",
            "-x",
            "-H",
            slapd.url,
            "-D",
            slapd.admin,
            "-w",
            self.world.password,
        ]
        done = subprocess.run(command, input=ldif, capture_output=True, text=True, check=False)
        if done.returncode:
            return REFUSED
        return _shown(rehearse(self.settings, directory=self.directory).changes)


def _shown(changes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (
            change["operation"],
            dns.key(change["dn"]),
            sorted((name, *map(repr, values)) for name, values in change["attributes"].items()),
            sorted(change["members"].items()),
        )
        for change in changes
    )
