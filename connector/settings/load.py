"""Find ``connector.toml``, read it, apply the environment, and report all problems at once."""

from __future__ import annotations

import json
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

from pydantic import ValidationError

from connector.errors import InvalidSettings
from connector.settings.checks import implied, section_problems
from connector.settings.models import DirectorySettings, Settings
from connector.settings.secrets import with_usual_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from connector.settings.section import Section

SEARCHED = (Path("connector.toml"), Path("/etc/connector/connector.toml"))
_PREFIX = "CONNECTOR__"
_DN_LISTS = ("include", "exclude")

_REASONS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "missing": "required",
    "path_type": "must be a path in quotes",
    "string_type": "must be a text in quotes",
    "tuple_type": 'must be a list such as ["a", "b"]',
}

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
    Relative paths start at the folder of the file. If the settings name no password, it is looked for
    among the credentials of systemd, then beside the file; it stays in its own file. Raises
    InvalidSettings with all problems, which never contain a secret.
    """
    tables, problems = _sections(_read(file))
    names = _override(tables, environ, problems)

    sections: dict[str, Section] = {}
    folder = file.absolute().parent
    passwords = [Path(text), folder] if (text := environ.get("CREDENTIALS_DIRECTORY")) else [folder]
    for section, model in _models().items():
        try:
            read = model.model_validate(tables.get(section, {}), context={"folder": folder})
        except ValidationError as error:
            problems += _described(section, error.errors(include_url=False), names)
            continue
        if isinstance(read, DirectorySettings):
            read = implied(read)
        read = with_usual_password(read, passwords)
        problems += [f"{section}.{text}" for text in section_problems(read)]
        sections[section] = read
    if problems:
        raise InvalidSettings(problems)
    return Settings.model_validate(sections)


def named(file: Path, environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return the dotted keys that are set, with the variable that sets each, None where the file does.

    The settings of the file and the environment can be loaded.
    """
    tables, problems = _sections(_read(file))
    found: dict[str, str | None] = {
        f"{section}.{key}": None for section, t in tables.items() for key in t
    }
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


def _read(file: Path) -> Table:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidSettings([f"{file}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise InvalidSettings([f"{file}: is not written in UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings([f"{file}: {error}"]) from error
    except ValueError as error:  # what Python says of a number of thousands of digits
        raise InvalidSettings([f"{file}: a number has too many digits"]) from error
    except RecursionError as error:
        raise InvalidSettings([f"{file}: is nested too deep"]) from error


def _models() -> dict[str, type[Section]]:
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type)
    }


def _sections(document: Table) -> tuple[dict[str, Table], list[str]]:
    """Split the file into its tables, and report unknown ones."""
    tables: dict[str, Table] = {}
    problems: list[str] = []
    known = list(Settings.model_fields)
    for name, value in document.items():
        if name not in known:
            kind = "section" if isinstance(value, dict) else "setting"
            home = [f"{key}.{name}" for key in known if name in _keys(key)]
            problems.append(_unknown(name, kind, home if kind == "setting" else (), known))
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
        if section not in Settings.model_fields:
            problems.append(_unknown(variable, "section", (), list(Settings.model_fields), section))
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
    field = _models()[section].model_fields.get(key)
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
            homes = [f"{name}.{key}" for name in Settings.model_fields if key in _keys(name)]
            problems.append(_unknown(where, "setting", homes, _keys(section), key))
        else:
            problems.append(f"{where}: {_reason(error)}")
    return list(dict.fromkeys(problems))


def _reason(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be one of {context['expected']}, not {error['input']!r}"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case kind:
            return _REASONS.get(kind, error["msg"])


def _keys(section: str) -> list[str]:
    return [field.alias or name for name, field in _models()[section].model_fields.items()]


def _unknown(
    where: str, kind: str, homes: Iterable[str], known: list[str], written: str | None = None
) -> str:
    """Say that a name is unknown, and suggest the one that was probably meant."""
    text = f"{where}: unknown {kind}"
    if near := get_close_matches(written or where, known, n=1):
        return f"{text}; did you mean {near[0]}?"
    return f"{text}; did you mean {home}?" if (home := next(iter(homes), None)) else text
