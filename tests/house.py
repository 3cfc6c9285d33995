"""The rules of the house: each takes a tree and yields what breaks it, one line a place.

They read text and syntax, never the running program. Imports for type checking count as imports: to
name a neighbour's type is to know the neighbour.
"""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGES = ("directory", "staging", "rules", "export", "tenant")
ABOVE = (
    "assembly",
    "cli",
    "control",
    "cycle",
    "daemon",
    "lab",
    "lint",
    "operations",
    "rehearsal",
    "report",
    "web",
)

# fmt: off
PURE = (
    "addresses", "canonical", "dn", "due", "entries", "errors", "logtext", "model", "printable",
    "directory.attributes", "directory.ber", "directory.controls", "directory.refusals", "directory.rootdse",
    "export.order", "rules.*", "tenant.*",
)
# In tenant/ what is not named here is pure: a new module has to say when it is not.
EDGE = ("tenant.administrator", "tenant.errors", "tenant.queries", "tenant.service", "tenant.store")
IO = frozenset((
    "asyncio", "builtins", "fcntl", "fileinput", "glob", "http", "importlib", "io", "logging", "multiprocessing",
    "os", "pathlib", "resource", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl",
    "subprocess", "sys", "tempfile", "threading", "urllib",
    "docker", "ldap3", "pydantic", "rich", "schedule", "sqlite_utils", "structlog", "typer",
))
# fmt: on
CHANCE = frozenset(("random", "secrets", "time"))  # a type of theirs may be named, as an argument
CALLS = frozenset(("open", "print", "input", "now", "utcnow", "today", "urandom", "uuid1", "uuid4"))

IMPORTERS = {
    "docker": ("lab.*",),
    "ldap3": ("directory.*",),
    "pydantic": ("settings.*",),
    "pydantic_core": ("settings.*",),
    "rich": ("cli.*",),
    "schedule": ("daemon",),
    "sqlite_utils": ("database",),
    "structlog": ("logs",),
    "typer": ("cli.*", "lab.demo"),
}
MAY_PRINT = ("cli.*", "lab.demo", "lab.stories", "settings.__main__")
LINES = 400

TOP = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "compose",
    "connector",
    "docs",
    "pyproject.toml",
    "schema",
    "tests",
)

# Words of the glossary's "never say" column that hardly ever mean anything else.
BANNED_NAMES = frozenset(
    ("agent", "blacklist", "dummy", "inflight", "mapper", "newsletter", "plugin", "whitelist", "winner")
)
BANNED_WORDS = re.compile(
    r"\b(?:s[yi]ncroni[sz]\w*|synchronis\w*|(?:white|black)lists?|in-flight|canonical model)\b", re.I
)
_FOREIGN = re.compile(
    r"/(?:root|work|home/\w+|Users/\w+|opt/\w+)/"
    r"|pypi[.]org|pythonhosted[.]org|(?:deb|security)[.]debian[.]org|archive[.]ubuntu[.]com"
    r"|registry[.]npmjs|index[.]docker[.]io|proxy[.]golang"
)
_SKIPS = re.compile(r"pytest[.](?:mark[.])?(?:skip|skipif|xfail|importorskip)\b|unittest[.]skip|__test__")


class Module(NamedTuple):
    """A module of the program or the tests; ``name`` is dotted, without the package on top."""

    path: Path
    name: str
    tree: ast.Module

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


class Import(NamedTuple):
    """One imported name, absolute; ``typing`` says that only type checkers import it."""

    name: str
    node: ast.stmt
    typing: bool

    @property
    def root(self) -> str:
        return self.name.partition(".")[0]


class Tree:
    """A checkout: its files, without what .gitignore leaves out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        rules = (root / ".gitignore").read_text().split() if (root / ".gitignore").exists() else []
        self._ignored = [".git", *(rule.strip("/") for rule in rules)]

    def top(self) -> list[str]:
        return sorted(path.name for path in self.root.iterdir() if not self._is_ignored(path.name))

    def files(self, folder: str = ".") -> Iterator[Path]:
        for parent, folders, names in (self.root / folder).walk() if _HAS_WALK else _walk(self.root / folder):
            folders[:] = [name for name in folders if not self._is_ignored(name)]
            yield from (parent / name for name in names if not self._is_ignored(name))

    def text(self, path: Path) -> str:
        return path.read_text(encoding="utf-8", errors="replace")

    def modules(self, package: str) -> Iterator[Module]:
        for path in sorted(self.files(package)):
            if path.suffix == ".py":
                relative = path.relative_to(self.root)
                name = ".".join(relative.with_suffix("").parts[1:])
                yield Module(relative, name, _parse(path))

    def _is_ignored(self, name: str) -> bool:
        return any(fnmatch(name, rule) for rule in self._ignored)
