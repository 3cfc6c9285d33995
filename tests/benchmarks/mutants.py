"""Change the product one line at a time, and see that a test fails each time.

    python -m tests.benchmarks.mutants [WORD...] [--list] [--jobs N]

The changes stand in ``mutants.toml`` beside this file, with the tests that must notice them. Each is
made in a copy of the checkout. Exits with 1 when a change survives, and with 2 when the list no longer
fits the product or its tests fail without any change.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROOT = Path(__file__).parent.parent.parent
LIST = Path(__file__).with_name("mutants.toml")

_PASSED, _FAILED = 0, 1
_MINUTES = 5
_TAIL = 3000


class Mutant(NamedTuple):
    """One change: ``line`` of ``file`` becomes ``instead``; both are written without indentation.

    ``name`` says what the product does wrong then, ``tests`` which tests must fail: ids of pytest
    without parameters.
    """

    name: str
    file: str
    line: str
    instead: str
    tests: Sequence[str]

    def applied(self, text: str) -> str:
        """Return the text with the change; raises Outdated unless the line stands in it once."""
        lines = text.splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if line.strip() == self.line]
        if len(places) != 1:
            raise Outdated(f"{self.name}: {self.file} has {len(places)} lines {self.line!r}")
        [place] = places
        lines[place] = lines[place].replace(self.line, self.instead)
        return "".join(lines)


class Outdated(Exception):
    """The list of mutants no longer fits the product."""


class Unmeasurable(Exception):
    """The tests say nothing about a mutant."""


def read(path: Path = LIST) -> list[Mutant]:
    """Read a list of mutants."""
    return [Mutant(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["mutant"]]


def chosen(mutants: Iterable[Mutant], words: Sequence[str]) -> list[Mutant]:
    """Return the mutants that have any of the words in their name or file; without words, all."""
    return [
        mutant
        for mutant in mutants
        if not words or any(word in f"{mutant.name} {mutant.file}" for word in words)
    ]


# --- whether the list fits the product ----------------------------------------------------------


def problems(mutants: Sequence[Mutant], root: Path) -> Iterator[str]:
    """Yield a sentence for each mutant that cannot be applied, or whose tests are not there."""
    names = [mutant.name for mutant in mutants]
    yield from (f"{name}: listed twice" for name in {n for n in names if names.count(n) > 1})
    for mutant in mutants:
        try:
            ast.parse(mutant.applied((root / mutant.file).read_text("utf-8")))
        except FileNotFoundError:
            yield f"{mutant.name}: there is no {mutant.file}"
        except SyntaxError as error:
            yield f"{mutant.name}: {mutant.instead!r} makes no Python: {error.msg}"
        except Outdated as error:
            yield str(error)
        if not mutant.tests:
            yield f"{mutant.name}: names no test"
        for test in mutant.tests:
            if not _is_there(root, test):
                yield f"{mutant.name}: there is no {test}"


def _is_there(root: Path, test: str) -> bool:
    path, _, name = test.partition("::")
    return (root / path).is_file() and name in _functions(root / path)


@cache
def _functions(path: Path) -> frozenset[str]:
    syntax = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in syntax.body if isinstance(node, ast.FunctionDef))


# --- applying them ------------------------------------------------------------------------------


class Copy:
    """A copy of a checkout in which mutants are tried one after the other."""

    def __init__(self, root: Path, folder: Path) -> None:
        ignored = root / ".gitignore"
        left_out = ignored.read_text("utf-8").split() if ignored.exists() else []
        patterns = (".git", *(rule.strip("/") for rule in left_out if "pycache" not in rule))
        shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*patterns))
        self.root = folder

    def is_killed(self, mutant: Mutant) -> bool:
        """Apply a mutant, run its tests and take it back; say whether one of them failed.

        Tests that do not end within minutes have failed. Raises Unmeasurable when they cannot run.
        """
        file = self.root / mutant.file
        before, stat = file.read_bytes(), file.stat()
        file.write_text(mutant.applied(before.decode()), "utf-8")
        # A time that no compiled file has: the interpreter takes the change also within one second.
        os.utime(file, (0, 0))
        try:
            return not self.passes(mutant.tests, PYTHONDONTWRITEBYTECODE="1")
        except subprocess.TimeoutExpired:
            return True
        except Unmeasurable as error:
            raise Unmeasurable(f"{mutant.name}: {error}") from error
        finally:
            file.write_bytes(before)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def passes(self, tests: Iterable[str], **environment: str) -> bool:
        """Run tests; say whether all passed. Raises Unmeasurable when pytest cannot run them."""
        options = ["-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb", "short"]
        # The examples of hypothesis are the same in each run where CI is set.
        where = {"PYTHONPATH": str(self.root), "CI": "1", **environment}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *dict.fromkeys(tests)],
            cwd=self.root,
            env={**os.environ, **where},
            capture_output=True,
            text=True,
            timeout=_MINUTES * 60,
            check=False,
        )
        if done.returncode not in (_PASSED, _FAILED):
            raise Unmeasurable(f"pytest says\n{(done.stdout + done.stderr)[-_TAIL:]}")
        return done.returncode == _PASSED


def survivors(
    mutants: Sequence[Mutant],
    root: Path = ROOT,
    *,
    jobs: int = 1,
    follow: Callable[[Iterator[bool], int], Iterable[bool]] = lambda results, _: results,
) -> list[Mutant]:
    """Return the mutants that no test of theirs notices.

    ``jobs`` copies work side by side; ``follow`` is given the results as they come, and their number,
    to show progress. Raises Outdated, or Unmeasurable when tests fail without any change.
    """
    if wrong := list(problems(mutants, root)):
        raise Outdated("\n".join(wrong))
    with tempfile.TemporaryDirectory(prefix="connector-mutants.") as folder:
        first = Copy(root, Path(folder, "0"))
        if not first.passes(test for mutant in mutants for test in mutant.tests):
            raise Unmeasurable("tests fail without any change")
        free: SimpleQueue[Copy] = SimpleQueue()
        free.put(first)
        for number in range(1, jobs):
            free.put(Copy(first.root, Path(folder, str(number))))

        def judge(mutant: Mutant) -> bool:
            copy = free.get()
            try:
                return copy.is_killed(mutant)
            finally:
                free.put(copy)

        with ThreadPoolExecutor(jobs) as pool:
            killed = list(follow(pool.map(judge, mutants), len(mutants)))
    return [mutant for mutant, dead in zip(mutants, killed, strict=True) if not dead]


def main(arguments: Sequence[str] | None = None, path: Path = LIST, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD", help="in the name or file of a mutant")
    parser.add_argument("--list", action="store_true", help="name the mutants and apply none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    options = parser.parse_args(arguments)
    progress = Console(stderr=True)
    mutants = chosen(read(path), options.words)
    if not mutants:
        progress.print("No mutant has such a name or file.")
        return 2
    if options.list:
        sys.stdout.writelines(f"{mutant.file}: {mutant.name}\n" for mutant in mutants)
        return 0

    def follow(results: Iterator[bool], total: int) -> Iterable[bool]:
        return track(results, description="mutants", total=total, console=progress)

    try:
        left = survivors(mutants, root, jobs=max(1, options.jobs), follow=follow)
    except (Outdated, Unmeasurable) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for mutant in left:
        tests = "\n".join(f"  {test}" for test in mutant.tests)
        sys.stdout.write(
            f"SURVIVES: {mutant.name}\n  {mutant.file}\n- {mutant.line}\n+ {mutant.instead}\n{tests}\n"
        )
    sys.stdout.write(f"{len(mutants)} mutants, {len(left)} survive\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
