"""List the names that the program shows, from its code, to compare documents with."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, Any

import typer.main

from connector import errors
from connector.cli.app import build
from connector.lint import findings
from connector.model import SyncCode
from connector.run import RunResult
from connector.settings.models import SECTIONS
from tests.documents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


_SHELL = frozenset({"|", ">", ">>", "<", "&&", "||", ";", "&"})
_EVENT = re.compile(r"[a-z]+\.[a-z_]+")
_METRIC = re.compile(r"connector_[a-z_]+")


@cache
def modules(folder: str = "connector") -> dict[str, ast.Module]:
    """The syntax of the modules below a folder, by dotted name."""
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def _calls(folder: str = "connector") -> Iterator[tuple[str, str, ast.Call]]:
    """All calls, with the module of each and the name of the called function."""
    for module, syntax in modules(folder).items():
        for node in ast.walk(syntax):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                    yield module, name, node


def _texts(folder: str = "connector") -> Iterator[str]:
    for syntax in modules(folder).values():
        for node in ast.walk(syntax):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@cache
def commands() -> dict[str, dict[str, bool]]:
    """The options of every command by its words; each maps to whether a value follows it."""
    return dict(_options("", typer.main.get_command(build())))


def _options(path: str, command: Any) -> Iterator[tuple[str, dict[str, bool]]]:
    own = {
        option: not getattr(one, "is_flag", False)
        for one in command.params
        for option in (*one.opts, *one.secondary_opts)
        if option.startswith("-")
    }
    yield path, {**own, "--help": False, "-h": False}
    for name, one in getattr(command, "commands", {}).items():
        yield from _options(f"{path} {name}".strip(), one)


def unknown(line: str) -> str | None:
    """Name an unknown command or option in a line that starts with ``connector``.

    A word in capitals stands for any word, and ends the check.
    """
    known, path = commands(), ""
    words = iter(shlex.split(line, comments=True)[1:])
    for word in words:
        option, given, _ = word.partition("=")
        if word in _SHELL or (word.isupper() and not word.startswith("-")):
            return None
        if word.startswith("-"):
            if option not in known[path]:
                return f"{line}: no option {option}"
            if known[path][option] and not given:
                next(words, None)
        elif f"{path} {word}".strip() in known:
            path = f"{path} {word}".strip()
        elif any(name.startswith(f"{path} ".lstrip()) for name in known.keys() - {path}):
            return f"{line}: no command {word}"
        else:
            continue
    return None


@cache
def sections() -> dict[str, type[BaseModel]]:
    """The model of every section of the settings."""
    return dict(SECTIONS)


@cache
def settings() -> dict[str, set[str]]:
    """The keys of every section of the settings, as written in the file."""
    return {
        section: {one.alias or name for name, one in model.model_fields.items()}
        for section, model in sections().items()
    }


@cache
def events() -> dict[str, set[str]]:
    """The keys with which the code logs each event by name; some events have further ones."""
    found: dict[str, set[str]] = {}
    for _, name, call in _calls():
        if name in {"debug", "info", "warning", "error"} and call.args:
            match call.args[0]:
                case ast.Constant(value=str(event)) if _EVENT.fullmatch(event):
                    keys = {keyword.arg for keyword in call.keywords if keyword.arg}
                    found.setdefault(event, set()).update(keys)
        if name == "tell" and len(call.args) > 1:
            match call.args[1]:
                case ast.Constant(value=str(event)) if _EVENT.fullmatch(event):
                    keys = {keyword.arg for keyword in call.keywords if keyword.arg}
                    found.setdefault(event, set()).update(keys)
    for text in _texts():
        if re.fullmatch(r"(?:object|export)\.[a-z]+", text):
            found.setdefault(text, set())
    return found


def metrics() -> set[str]:
    """The metrics by the names that Prometheus shows: counters end in ``_total``."""
    found = set()
    for module, name, call in _calls("connector/web"):
        match name, call.args:
            case "Counter", [ast.Constant(value=str(metric)), *_]:
                found.add(f"{metric}_total")
            case "Histogram", [ast.Constant(value=str(metric)), *_]:
                found.add(metric)
            case (("_gauge" | "_gauges_by"), [ast.Constant(value=str(metric)), *_]):
                found.add(f"connector_{metric}")
            case _ if name in {"Counter", "Histogram", "Gauge", "Summary", "_gauge", "_gauges_by"}:
                raise AssertionError(f"{module}:{call.lineno}: the name is no plain text")
    return found


def exit_codes() -> set[int]:
    """The exit codes of commands."""
    raised = {error.exit_code for error in exceptions().values()}
    named = {"cli.app": ("INTERNAL_ERROR", "INTERRUPTED"), "cli.lint": ("FOUND",)}
    said = {
        getattr(importlib.import_module(f"connector.{module}"), name)
        for module, names in named.items()
        for name in names
    }
    return raised | said | {result.exit_code for result in RunResult}


def exceptions() -> dict[str, type[errors.ConnectorError]]:
    """The errors that are raised on purpose, by name."""
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.ConnectorError)
    }


def export_errors() -> set[str]:
    """The errors by which the tenant refuses an object."""
    return {
        SyncCode[node.attr].value
        for syntax in modules("connector/tenant").values()
        for node in ast.walk(syntax)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "SyncCode"
    }


def sync_errors() -> set[str]:
    """The errors by which the rules refuse an object."""
    position = {"FlowError": 0, "Failure": 1, "Excluded": 3}
    found = set()
    for module, name, call in _calls("connector/rules"):
        if name in position and len(call.args) > position[name]:
            value = _value(module, call.args[position[name]])
            if isinstance(value, str):
                found.add(value)
    return found


def lint_errors() -> set[str]:
    return set(findings.ERRORS)


def _value(module: str, node: ast.expr) -> object:
    """The value of an argument that is a text or a constant of the module; None for others."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return getattr(importlib.import_module(module), name, None)
    return None


def sentences() -> list[str]:
    """Every text of the code in one line, with ``*`` for each value in it."""
    found = []
    for syntax in modules().values():
        for node in ast.walk(syntax):
            match node:
                case ast.JoinedStr(values=parts):
                    found.append(
                        "".join(
                            str(part.value) if isinstance(part, ast.Constant) else "*"
                            for part in parts
                        )
                    )
                case ast.Constant(value=str(text)):
                    found.append(text)
    return found
