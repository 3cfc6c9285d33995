"""Measure the connector itself: one settings file, one storage, from first sync to the last delta."""

from __future__ import annotations

import json
import statistics
import sys
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from connector import settings as files
from connector.assembly import open_parts
from connector.collector import collect_seldom
from connector.cycle import run_cycle
from connector.logs.log import open_log
from tests.benchmarks import measure
from tests.benchmarks.workloads import BigGroup, Mix, titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from connector.assembly import Parts
    from connector.lab.slapd import PrivateSlapd

_SETTINGS = """\
[directory]
url = "{url}"
base_dn = "{suffix}"
bind_dn = "{admin}"
password_file = "{password_file}"
timeout = "10m"

[tenant]
initial_domain = "contoso.onmicrosoft.com"
verified_domains = ["contoso.com", "fabrikam.com"]

[safety]
delete_threshold = 1000000

[storage]
path = "{folder}/var"

[log]
format = "json"
file = "{folder}/connector.log"
"""
_DELTA = 100
_DELTA_REPEATS = 5
_IDLE_REPEATS = 30
_STATUS_REPEATS = 5


def settings_text(provider: PrivateSlapd, folder: Path) -> str:
    """Return the settings of a connector that keeps everything in a folder."""
    return _SETTINGS.format(
        url=provider.url,
        suffix=provider.suffix,
        admin=provider.admin,
        password_file=provider.password_file,
        folder=folder,
    )


class ConnectorRuns:
    """The connector on one provider; the measurements build on each other in the order below."""

    def __init__(
        self, provider: PrivateSlapd, folder: Path, total: int, tell: Callable[[str], None]
    ) -> None:
        self._provider, self._total, self._tell = provider, total, tell
        folder.mkdir()
        self._file = folder / "connector.toml"
        self._environment = {"CONNECTOR_CONFIG": str(self._file)}
        self._file.write_text(settings_text(provider, folder))

    def reading(self) -> float:
        """Return the seconds for a whole refresh that is decoded and discarded."""
        with self._parts() as parts:
            return measure.seconds(lambda: sum(1 for _ in parts.open_directory().changes(None)))

    def first_sync(self) -> measure.Finished:
        """Run the first sync as an operator does, in a process of its own."""
        command = [sys.executable, "-m", "connector", "sync", "--policy", "initial", "--json"]
        # The 1 % of conflicts makes it end with code 1.
        done = measure.run(command, env=self._environment, codes=(0, 1))
        steps = {step["name"]: step for step in json.loads(done.output)["steps"]}
        self._tell_seconds({name: step["seconds"] for name, step in steps.items()})
        if steps["export"]["adds"] != self._total:
            raise RuntimeError(f"{steps['export']['adds']} of {self._total} objects were exported")
        return done

    def status(self) -> float:
        """Return the median seconds of processor time of ``connector status``."""
        command = [sys.executable, "-m", "connector", "status"]
        runs = (measure.run(command, env=self._environment) for _ in range(_STATUS_REPEATS))
        return statistics.median(done.processor for done in runs)

    def no_change(self, parts: Parts) -> float:
        self._settle(parts)
        return measure.median_seconds(lambda: run_cycle(parts), repeats=_IDLE_REPEATS)

    def delta(self, parts: Parts) -> float:
        """Return the median seconds of cycles with 100 changes each."""
        found = []
        for repeat in range(_DELTA_REPEATS):
            numbers = range(repeat * _DELTA, (repeat + 1) * _DELTA)
            self._provider.apply("".join(titles(numbers, f"Changed {repeat}")))
            found.append(self._cycle(parts, _DELTA))
        return statistics.median(found)

    def mix(self, parts: Parts) -> float:
        """Return the changes a second of a cycle with 1 % deletes, 1 % creates, 5 % modifies."""
        self._settle(parts)
        mix = Mix(self._total)
        self._provider.apply("".join(mix.records()))
        return mix.count / self._cycle(parts, mix.count)

    def one_member(self, parts: Parts) -> tuple[int, float]:
        """Return the size of a big group, and the seconds of a cycle that adds a member to it."""
        group = BigGroup(self._total)
        self._provider.apply(group.record())
        self._cycle(parts, 1)
        self._settle(parts)
        self._provider.apply(group.one_more())
        return group.members + 1, self._cycle(parts, 1)

    @contextmanager
    def running(self) -> Iterator[Parts]:
        """Open the parts as a daemon has them between its cycles."""
        with self._parts() as parts:
            run_cycle(parts)
            yield parts

    @contextmanager
    def _parts(self) -> Iterator[Parts]:
        settings = files.load(self._file, {})
        # As the command does that is the daemon.
        collect_seldom()
        with closing(open_log(settings.log)) as log, open_parts(settings, log=log) as parts:
            yield parts

    def _settle(self, parts: Parts) -> None:
        """Run the read-back of the last export, which belongs to the measurement before."""
        run_cycle(parts)

    def _cycle(self, parts: Parts, changes: int) -> float:
        """Run a cycle, and check that it did the work to be measured."""
        began = time.perf_counter()
        run = run_cycle(parts)
        took = time.perf_counter() - began
        self._tell_seconds({step.name: step.seconds for step in run.steps})
        [imported, *_, exported] = (step.counts for step in run.steps)
        seen = imported.adds + imported.updates + imported.deletes
        sent = exported.adds + exported.updates + exported.deletes
        if not seen == sent == changes:
            raise RuntimeError(f"{changes} changes: {seen} imported, {sent} exported ({run})")
        return took

    def _tell_seconds(self, steps: Mapping[str, float]) -> None:
        self._tell("  " + ", ".join(f"{name} {took:.3f} s" for name, took in steps.items()))
