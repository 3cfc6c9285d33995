"""Write a commented settings file, and its JSON Schema, from the models."""

from __future__ import annotations

import json
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.settings.kinds import duration_text
from connector.settings.models import SECTIONS, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

_HEAD = """\
Settings of the connector. A line that starts with # shows the default, or an example if there is no
default. The environment can set every key too: CONNECTOR__DIRECTORY__URL is url of [directory]. A
relative path starts at the folder of this file. 'connector check' checks the settings."""

_RULES = """
# Synchronization rules of your own, here or in rules/*.toml beside this file. The environment cannot set
# them. docs/rules-language.md explains expressions.
#   [[rules]]
#   name = "In from AD - given name in proper case"
#   from = "user"
#   precedence = 50
#   flows = [{ to = "givenName", value = "PCase([givenName])" }]
"""


def template(values: Mapping[str, Any] | None = None) -> str:
    """Return a complete ``connector.toml``: required keys with an example, others as comments.

    ``values`` maps such names as ``directory.url`` to what is set instead.
    """
    return "\n".join([*_comment(_HEAD), *_tables(values or {}), *_RULES.splitlines()]) + "\n"


def json_schema() -> str:
    """Return the JSON Schema of ``connector.toml``, the text of ``schema/settings.json``."""
    schema = Settings.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _tables(values: Mapping[str, Any]) -> Iterator[str]:
    for name, model in SECTIONS.items():
        yield ""
        yield from _comment(model.__doc__ or "")
        yield f"[{name}]"
        for key, setting in model.model_fields.items():
            yield from _comment(setting.description or "")
            name_in_file = setting.alias or key
            given = values.get(f"{name}.{name_in_file}")
            if given is None:
                yield _line(name_in_file, setting)
            else:
                yield f"{name_in_file} = {toml(given)}"


def _line(key: str, setting: FieldInfo) -> str:
    if setting.is_required():
        return f"{key} = {toml(setting.examples[0])}" if setting.examples else f"{key} ="
    default = setting.get_default()
    shown = setting.examples[0] if setting.examples and default in (None, ()) else default
    return f"# {key} = {toml(shown)}".rstrip()


def toml(value: Any) -> str:
    """Write a value as TOML; texts, numbers, booleans and lists are written as in JSON."""
    match value:
        case None:
            return ""
        case timedelta():
            return json.dumps(duration_text(value))
        case Path():
            return json.dumps(str(value))
        case _:
            return json.dumps(value)


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 98)]
