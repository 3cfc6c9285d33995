"""The rules of the house: each takes a tree of files and yields the places that break it.

They read text and syntax and run nothing. An import for type checking counts as an import where one
stage must not know another: to name a neighbour's type is to know the neighbour.
"""

from __future__ import annotations

import ast
import builtins
import os
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LINES = 400
TOP = _names(
    "CHANGELOG.md CONTRIBUTING.md LICENSE README.md SECURITY.md"
    " compose connector docs pyproject.toml schema tests"
)
STAGES = _names("directory staging rules export tenant")
SHARED_ROOMS = _names("logs storage values")
ABOVE = _names(
    "assembly cli cmdlets cycle daemon decoder entry guards lab lint operations reader report steps summary storage.backup"
    " storage.snapshots unmatched web"
)

# Modules of connector/ as patterns of their dotted names. Of directory/ and tenant/ all is pure but what
# EDGE names: a new module there has to say that it is not.
PURE = _names(
    "errors logs.text model operations.due report.advice run values.* directory.* export.order rules.* tenant.*"
)
EDGE = _names(
    "directory.apart directory.client directory.detection directory.diagnose directory.dirsync directory.ds389"
    " directory.ldap directory.one_entry directory.openldap directory.reading directory.scan directory.servers directory.stream directory.syncrepl"
    " directory.subschema directory.tls directory.url"
    " tenant.administrator tenant.clock tenant.domains tenant.edit tenant.machine tenant.membership tenant.opening tenant.ports tenant.process"
    "  tenant.postgresql.* tenant.remote.answers tenant.remote.connection tenant.remote.membership tenant.remote.opening tenant.remote.receiving tenant.remote.tenant tenant.remote.views tenant.served tenant.service tenant.sqlite.* tenant.sweeper"
)
IMPORTERS = {
    "cryptography": ("web.signin.*",),
    "docker": ("lab.*",),
    "jinja2": ("web.pages.*",),
    "jwt": ("web.signin.*",),
    "ldap3": ("directory.*",),
    "markupsafe": ("web.pages.*",),
    "prometheus_client": ("web.*",),
    "psycopg": ("tenant.postgresql.*",),
    "prompt_toolkit": ("cli.*",),
    "pydantic": ("settings.*",),
    "rich": ("cli.*",),
    "schedule": ("daemon.*",),
    "sqlite_utils": ("storage.*",),
    "starlette": ("web.app",),
    "typer": ("cli.*",),
    "uvicorn": ("web.server",),
}
PRINTERS = ("cli.*",)
# The way of an object through the tenant, as the docstring of tenant/intake.py draws it.
WAY = [
    "objects",
    "validation",
    "recipients",
    "wanted",
    "plain",
    "matching",
    "intake",
    "quarantine",
    "provision",
    "batch",
    "ports",
    "sqlite.arrivals",
    "sqlite.store",
    "service",
]

# Stores of the tenant, and the one module that chooses among them.
ENGINES = _names("tenant.postgresql tenant.sqlite")
OPENS_A_STORE = "tenant.opening"

OUTSIDE = IMPORTERS.keys() | _names(
    "asyncio fcntl glob http io logging multiprocessing os pathlib select selectors shutil signal socket"
    " sqlite3 ssl subprocess sys tempfile threading urllib"
)
CHANCE = _names("random secrets time")
SEEDED = "random.Random"  # with a seed it draws the same again, which is no chance
IMPURE_CALLS = _names("open print input now utcnow today uuid1 uuid4")
# What a property may call where not everything is pure: it looks at values that are at hand.
AT_HAND = (frozenset(dir(builtins)) - IMPURE_CALLS) | _names(
    "decode encode endswith is_loopback lower partition rpartition split startswith strip upper"
)

# Of the glossary's "never say" column, the words that hardly ever mean anything else.
BANNED_NAMES = _names("agent blacklist dummy inflight mapper newsletter plugin whitelist winner")
_MISSPELT = re.compile(r"s[yi]ncroni[sz]|synchronis|whitelist|blacklist|in-flight", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"/(?:root|work|home/\w+|Users/\w+)/|/opt/(?:venv|pypi)"
    r"|(?:pypi|pythonhosted|debian|ubuntu|npmjs|docker)[.](?:org|com|io)\b"
)
_NORMALIZERS = _names("values.addresses values.collation values.dn")
_LOOKS = _names("startswith removeprefix partition split find index count")
_ADDRESS_TYPE = re.compile(r"smtp:?|sip:", re.IGNORECASE)
_SKIPPED = re.compile(r"pytest[.](?:mark[.])?(?:skip|skipif|xfail|importorskip)\b|unittest[.]skip")
_TABLE = re.compile(r"create\s+table\b.*?(?:;|\Z)", re.IGNORECASE | re.DOTALL)


class Imported(NamedTuple):
    """An imported name, dotted and absolute; ``typing`` says that only type checkers import it."""

    name: str
    line: int
    typing: bool

    @property
    def root(self) -> str:
        return self.name.partition(".")[0]


class Call(NamedTuple):
    """A call of ``name``, or of an attribute of that name; ``arguments`` is their number."""

    name: str
    line: int
    arguments: int


class Module(NamedTuple):
    """A Python file; ``name`` is dotted, without the package at the top."""

    path: str
    name: str
    syntax: ast.Module

    def at(self, line: int, what: str) -> str:
        return f"{self.path}:{line}: {what}"

    def imports(self) -> list[Imported]:
        return list(_imports(self.syntax.body, typing=False))

    def calls(self) -> Iterator[Call]:
        return _calls(self.syntax)


class Tree:
    """A checkout without what its .gitignore leaves out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = root / ".gitignore"
        rules = ignored.read_text(encoding="utf-8").split() if ignored.exists() else []
        self._left_out = (".git", *(rule.strip("/") for rule in rules))

    def top(self) -> list[str]:
        return self._kept(path.name for path in self.root.iterdir())

    def files(self, folder: str = ".") -> Iterator[tuple[str, str]]:
        """Yield path and text of the files below a folder."""
        for parent, folders, names in os.walk(self.root / folder):
            folders[:] = self._kept(folders)
            for name in self._kept(names):
                path = Path(parent, name)
                text = path.read_text(encoding="utf-8", errors="replace")
                yield path.relative_to(self.root).as_posix(), text

    def modules(self, package: str) -> Iterator[Module]:
        for path, text in self.files(package):
            if path.endswith(".py"):
                name = path[len(package) + 1 : -len(".py")].replace("/", ".")
                yield Module(path, name.removesuffix(".__init__"), _syntax(text))

    def _kept(self, names: Iterable[str]) -> list[str]:
        return sorted(n for n in names if not any(fnmatchcase(n, rule) for rule in self._left_out))


@cache
def _syntax(text: str) -> ast.Module:
    return ast.parse(text)


def _imports(body: Iterable[ast.AST], *, typing: bool) -> Iterator[Imported]:
    for node in body:
        match node:
            case ast.Import():
                yield from (Imported(name.name, node.lineno, typing) for name in node.names)
            case ast.ImportFrom():
                yield from (
                    Imported(f"{node.module}.{name.name}", node.lineno, typing)
                    for name in node.names
                )
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from _imports(node.body, typing=True)
                yield from _imports(node.orelse, typing=typing)
            case _:
                yield from _imports(ast.iter_child_nodes(node), typing=typing)


def _calls(syntax: ast.AST) -> Iterator[Call]:
    for node in ast.walk(syntax):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                yield Call(name, node.lineno, len(node.args) + len(node.keywords))


def _within(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a dotted name, or a module that it is in, is among the patterns."""
    parts = name.split(".")
    prefixes = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return any(fnmatchcase(prefix, pattern) for prefix in prefixes for pattern in patterns)


def _is_pure(name: str) -> bool:
    return _within(name, PURE) and not _within(name, EDGE)


def _pure(tree: Tree) -> Iterator[Module]:
    return (module for module in tree.modules("connector") if _is_pure(module.name))


def stages_do_not_know_each_other(tree: Tree) -> Iterator[str]:
    for module in tree.modules("connector"):
        stage = module.name.partition(".")[0]
        if stage in STAGES:
            strangers = [name for name in (*STAGES, *ABOVE) if name != stage]
            for imported in module.imports():
                if _within(imported.name.removeprefix("connector."), strangers):
                    yield module.at(imported.line, f"{stage} imports {imported.name}")


def an_object_goes_one_way_through_the_tenant(tree: Tree) -> Iterator[str]:
    """Each module on the way imports only from those before it, not even for type checking."""
    for module in tree.modules("connector/tenant"):
        if module.name in WAY:
            later = [f"connector.tenant.{name}" for name in WAY[WAY.index(module.name) + 1 :]]
            for imported in module.imports():
                if _within(imported.name, later):
                    yield module.at(imported.line, f"imports {imported.name}, which comes later")


def one_module_knows_the_engines_of_the_tenant(tree: Tree) -> Iterator[str]:
    """Who decides and who asks know ``tenant/ports`` alone; ``tenant/opening`` opens a store."""
    for module in tree.modules("connector"):
        if module.name != OPENS_A_STORE and not _within(module.name, ENGINES):
            for imported in module.imports():
                if _within(imported.name.removeprefix("connector."), ENGINES):
                    yield module.at(imported.line, f"{module.name} imports {imported.name}")


def shared_rooms_know_no_stage(tree: Tree) -> Iterator[str]:
    """What the stages share stands below them; ``storage`` and ``values`` name none of them."""
    for module in tree.modules("connector"):
        if module.name.partition(".")[0] in SHARED_ROOMS:
            for imported in module.imports():
                if _within(imported.name.removeprefix("connector."), STAGES):
                    yield module.at(imported.line, f"{module.name} imports {imported.name}")


def pure_modules_reach_nothing_outside(tree: Tree) -> Iterator[str]:
    """Not even a type of the outside is allowed; a type of chance or time is, for an argument."""
    for module in _pure(tree):
        for imported in module.imports():
            by_chance = imported.root in CHANCE and imported.name != SEEDED and not imported.typing
            if imported.root in OUTSIDE or by_chance:
                yield module.at(imported.line, f"pure, but imports {imported.name}")
        for call in module.calls():
            if call.name in IMPURE_CALLS or (call.name == "Random" and not call.arguments):
                yield module.at(call.line, f"pure, but calls {call.name}()")


def pure_modules_import_pure_modules(tree: Tree) -> Iterator[str]:
    packages = {"connector", *(f"connector.{stage}" for stage in STAGES)}
    for module in _pure(tree):
        for imported in module.imports():
            inside = imported.root == "connector" and imported.name not in packages
            if inside and not imported.typing and not _is_pure(imported.name[len("connector.") :]):
                yield module.at(imported.line, f"pure, but imports {imported.name}")


def properties_neither_read_nor_wait(tree: Tree) -> Iterator[str]:
    """What reads a database or a clock, asks a server or waits is a method with a verb.

    In a pure module nothing can. Elsewhere a property makes an object (its class has a capital) or
    calls what looks at values.
    """
    for module in tree.modules("connector"):
        if not _is_pure(module.name):
            for node in ast.walk(module.syntax):
                if isinstance(node, ast.FunctionDef) and _is_property(node):
                    for call in _calls(node):
                        if call.name not in AT_HAND and not call.name.lstrip("_")[:1].isupper():
                            yield module.at(call.line, f"property {node.name} calls {call.name}()")


def _is_property(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(mark).endswith("property") for mark in function.decorator_list)


def each_package_to_the_outside_has_one_importer(tree: Tree) -> Iterator[str]:
    for module in tree.modules("connector"):
        for imported in module.imports():
            importers = IMPORTERS.get(imported.root, (module.name,))
            if not _within(module.name, importers) and f"{module.name}.*" not in importers:
                yield module.at(
                    imported.line, f"only {', '.join(importers)} imports {imported.root}"
                )


def only_commands_print(tree: Tree) -> Iterator[str]:
    for module in tree.modules("connector"):
        for call in module.calls():
            if call.name == "print" and not _within(module.name, PRINTERS):
                yield module.at(call.line, "print outside cli/")


def rules_and_directory_know_no_quarantine(tree: Tree) -> Iterator[str]:
    for stage in ("directory", "rules"):
        for path, text in tree.files(f"connector/{stage}"):
            yield from _found(path, text, re.compile("quarantin", re.IGNORECASE))


def case_is_folded_in_one_place(tree: Tree) -> Iterator[str]:
    for module in tree.modules("connector"):
        for call in module.calls():
            if call.name == "casefold" and module.name != "values.addresses":
                yield module.at(call.line, "casefold() outside values/addresses.py")
            if call.name == "normalize" and module.name not in _NORMALIZERS:
                yield module.at(
                    call.line,
                    "normalize() outside values/addresses.py, values/collation.py and values/dn.py",
                )


def addresses_are_parsed_in_one_place(tree: Tree) -> Iterator[str]:
    """To look for the prefix of an address is to parse it: ``text.startswith("SMTP:")``."""
    for module in tree.modules("connector"):
        if module.name == "values.addresses":
            continue
        for node in ast.walk(module.syntax):
            match node:
                case ast.Call(func=ast.Attribute(attr=name), args=looked_for) if name in _LOOKS:
                    pass
                case ast.Compare(left=left, comparators=others):
                    looked_for = [left, *others]
                case _:
                    continue
            if any(_ADDRESS_TYPE.fullmatch(text) for text in _constants(looked_for)):
                yield module.at(node.lineno, "an address is parsed outside values/addresses.py")


def moments_are_written_in_one_place(tree: Tree) -> Iterator[str]:
    """What people read (``9/7/17 12:32 PM``) is another thing: only ISO 8601 is meant."""
    for module in tree.modules("connector"):
        if module.name == "values.moments":
            continue
        for node in ast.walk(module.syntax):
            match node:
                case ast.Call(func=ast.Attribute(attr="isoformat" | "fromisoformat")):
                    yield module.at(node.lineno, "a moment is written outside values/moments.py")
                case ast.Constant(value=str(text)) if re.search("%[Sf]Z", text):
                    yield module.at(node.lineno, "a moment is written outside values/moments.py")


def modules_are_short(tree: Tree) -> Iterator[str]:
    for path, text in tree.files("connector"):
        lines = text.count("\n")
        if path.endswith(".py") and lines > LINES:
            yield f"{path}:{lines}: more than {LINES} lines"


def tables_come_from_the_schema_and_are_strict(tree: Tree) -> Iterator[str]:
    """PostgreSQL's tables are strict as they are."""
    for path, text in tree.files("schema"):
        if "/postgresql/" in path:
            continue
        for table in _TABLE.findall(text) if path.endswith(".sql") else ():
            if not re.search(r"\)\s*STRICT\b[^()]*;\Z", table):
                yield f"{path}:1: not STRICT: {table.splitlines()[0]}"
    for path, text in tree.files("connector"):
        yield from _found(path, text, _TABLE)


def nothing_is_mocked(tree: Tree) -> Iterator[str]:
    for module in tree.modules("tests"):
        for imported in module.imports():
            if imported.name.startswith(("unittest.mock", "mock.", "pytest_mock")):
                yield module.at(imported.line, f"imports {imported.name}")


def nothing_is_skipped(tree: Tree) -> Iterator[str]:
    for path, text in tree.files("tests"):
        if path.endswith(".py"):
            yield from _found(path, text, _SKIPPED)


def unit_tests_mirror_the_package(tree: Tree) -> Iterator[str]:
    """``unit/values/test_dn.py`` tests ``values/dn.py``; files in ``unit/rules/`` test ``rules/``."""
    modules = {module.name for module in tree.modules("connector")}
    packages = {name.rpartition(".")[0] for name in modules} - {""}
    for module in tree.modules("tests/unit"):
        folder, _, name = module.name.rpartition(".")
        if name.startswith("test_") and folder not in packages and name[5:] not in modules:
            yield module.at(1, "tests nothing that is in connector/")


def no_file_names_the_machine_it_was_made_on(tree: Tree) -> Iterator[str]:
    """Registries are the user's choice; they are set up in pip and apt, not here."""
    for path, text in tree.files():
        yield from _found(path, text, _ELSEWHERE)


def the_top_level_is_kept_small(tree: Tree) -> Iterator[str]:
    for name in tree.top():
        if name not in TOP and not name.startswith("."):
            yield f"{name}:1: does not belong at the top"


def names_keep_to_the_glossary(tree: Tree) -> Iterator[str]:
    for module in tree.modules("connector"):
        for name, line in _defined(module.syntax):
            words = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)}
            if banned := words & BANNED_NAMES:
                yield module.at(line, f"{name}: the glossary never says {', '.join(banned)}")


def texts_keep_to_one_spelling(tree: Tree) -> Iterator[str]:
    for path, text in tree.files():
        if path != "tests/house.py":
            yield from _found(path, text, _MISSPELT)


def _found(path: str, text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{path}:{line}: {match[0].splitlines()[0]}"


def _constants(nodes: Iterable[ast.expr]) -> Iterator[str]:
    """Yield texts that stand alone or in a tuple, a list or a set."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                yield from _constants(items)


def _defined(syntax: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(syntax):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
