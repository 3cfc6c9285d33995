"""Find ``connector.toml``, read it, apply the environment, and report all problems at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

from pydantic import ValidationError

from connector.errors import InvalidSettings
from connector.settings.checks import implied, section_problems
from connector.settings.models import SECTIONS, DirectorySettings, Settings
from connector.settings.problems import keys, unknown, worded
from connector.settings.rule_files import KEY as RULES
from connector.settings.rule_files import files_beside, rules_of
from connector.settings.rules import SyncSettings
from connector.settings.secrets import with_usual_password
from connector.settings.toml_file import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from connector.settings.rule_files import FoundRules
    from connector.settings.section import Section

SEARCHED = (Path("connector.toml"), Path("/etc/connector/connector.toml"))
_PREFIX = "CONNECTOR__"
_DN_LISTS = ("include", "exclude")

Table = dict[str, Any]


def find(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the settings file: the given one, ``CONNECTOR_CONFIG``, or one in a usual place.

    Raises InvalidSettings, with the places it looked at, if there is no such file.
    """
    named = path or (Path(text) if (text := environ.get("CONNECTOR_CONFIG")) else None)
    looked = (named,) if named else SEARCHED
    for candidate in looked:
        if _is_there(candidate):
            return candidate
    places = " or ".join(str(candidate) for candidate in looked)
    raise InvalidSettings(
        [f"no settings file at {places}: write one with 'connector init', or name it with --config"]
    )


def load(file: Path, environ: Mapping[str, str]) -> Settings:
    """Read and check the settings of a file; ``find`` finds it.

    A variable ``CONNECTOR__SECTION__KEY`` overrides the key of the file; an empty one does not count.
    The rules are those of the file and of ``rules/*.toml`` beside it, which no variable changes.
    Relative paths start at the folder of the file. If the settings name no password, it is looked for
    among the credentials of systemd, then beside the file; it stays in its own file. Raises
    InvalidSettings with all problems, which never contain a secret.
    """
    document = read(file)
    tables, problems = _sections(document)
    names = _override(tables, environ, problems)

    sections: dict[str, Section] = {}
    folder = file.absolute().parent
    passwords = [Path(text), folder] if (text := environ.get("CREDENTIALS_DIRECTORY")) else [folder]
    for section, model in SECTIONS.items():
        try:
            variables = {key for of, key in names if of == section}
            context = {"folder": folder, "variables": variables}
            table = model.model_validate(tables.get(section, {}), context=context)
        except ValidationError as error:
            problems += _described(section, error.errors(include_url=False), names)
            continue
        if isinstance(table, DirectorySettings):
            table = implied(table)
        table = with_usual_password(table, passwords)
        problems += [f"{section}.{text}" for text in section_problems(table)]
        sections[section] = table
    rules = rules_of(document.get(RULES), file)
    problems += rules.problems
    problems += _mistakes(rules, sections.get("sync"), file)
    if problems:
        raise InvalidSettings(problems)
    return Settings.model_validate({**sections, RULES: tuple(one.rule for one in rules.rules)})


def _mistakes(rules: FoundRules, sync: Section | None, file: Path) -> list[str]:
    """Return what is wrong with rules of the right form, and with the names of the default rules."""
    disabled = sync.disabled_rules if isinstance(sync, SyncSettings) else ()
    if not (rules.rules or rules.parts or disabled):
        return []
    from connector.settings.rule_mistakes import mistakes  # noqa: PLC0415 - most settings have none

    return mistakes(rules, disabled, file)


def named(file: Path, environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return the dotted keys that are set, with the variable that sets each, None where the file does.

    The settings of the file and the environment can be loaded.
    """
    document = read(file)
    tables, problems = _sections(document)
    found: dict[str, str | None] = {
        f"{section}.{key}": None for section, t in tables.items() for key in t
    }
    if RULES in document or any(files_beside(file)):
        found[RULES] = None
    variables = _override(tables, environ, problems)
    return found | {f"{section}.{key}": name for (section, key), name in variables.items()}


def directory_settings(values: Table) -> DirectorySettings:
    """Check the keys of ``[directory]`` alone, before there is a file. Raises InvalidSettings."""
    try:
        read = implied(DirectorySettings.model_validate(values))
    except ValidationError as error:
        raise InvalidSettings(
            _described("directory", error.errors(include_url=False), {})
        ) from error
    if problems := section_problems(read):
        raise InvalidSettings([f"directory.{text}" for text in problems])
    return read


def _is_there(file: Path) -> bool:
    """Tell whether a file exists, as far as this user may know.

    An absolute path in a folder that this user may not enter counts as existing.
    """
    try:
        file.stat()
    except PermissionError:
        return file.is_absolute()
    except OSError:
        return False
    return True


def _sections(document: Table) -> tuple[dict[str, Table], list[str]]:
    """Split the file into its tables, and report unknown ones."""
    tables: dict[str, Table] = {}
    problems: list[str] = []
    known = list(Settings.model_fields)
    for name, value in document.items():
        if name == RULES:
            continue
        if name not in known:
            kind = "section" if isinstance(value, dict) else "setting"
            home = [f"{key}.{name}" for key in SECTIONS if name in keys(SECTIONS[key])]
            problems.append(unknown(name, kind, home if kind == "setting" else (), known))
        elif isinstance(value, dict):
            tables[name] = dict(value)
        else:
            problems.append(f"{name}: must be a section, written [{name}]")
            tables[name] = {}
    return tables, problems


def _override(
    tables: dict[str, Table], environ: Mapping[str, str], problems: list[str]
) -> dict[tuple[str, str], str]:
    """Put the values of the environment into the tables; return the variable of each key."""
    names = {}
    for variable in sorted(environ):
        text = environ[variable]
        if not variable.startswith(_PREFIX) or not text:
            continue
        section, _, key = variable.removeprefix(_PREFIX).lower().partition("__")
        if section == RULES:
            problems.append(f"{variable}: rules are in files alone, no variable sets them")
            continue
        if section not in SECTIONS:
            problems.append(unknown(variable, "section", (), list(SECTIONS), section))
            continue
        names[section, key] = variable
        try:
            tables.setdefault(section, {})[key] = _value(section, key, text)
        except ValueError:
            problems.append(f'{variable}: must be a list such as ["a", "b"]')
            del names[section, key]
    return names


def _value(section: str, key: str, text: str) -> object:
    """Parse a value of the environment: a JSON list, a comma-separated list, or plain text."""
    field = SECTIONS[section].model_fields.get(key)
    if field is None or get_origin(field.annotation) is not tuple:
        return text
    if text.lstrip().startswith("["):
        return json.loads(text)
    if key in _DN_LISTS:
        return [text]
    items = [item.strip() for item in text.split(",")]
    return items if len(items) > 1 else items[0]


def _described(
    section: str, errors: Iterable[ErrorDetails], names: Mapping[tuple[str, str], str]
) -> list[str]:
    """Word each problem for the operator, once per key and reason."""
    problems = []
    for error in errors:
        key = str(error["loc"][0]) if error["loc"] else ""
        where = names.get((section, key), f"{section}.{key}")
        if error["type"] == "extra_forbidden":
            homes = [f"{name}.{key}" for name in SECTIONS if key in keys(SECTIONS[name])]
            problems.append(unknown(where, "setting", homes, keys(SECTIONS[section]), key))
        else:
            problems.append(worded(where, error))
    return list(dict.fromkeys(problems))
