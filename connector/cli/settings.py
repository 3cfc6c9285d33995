"""``connector settings``: what is set, and by what."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import opening, output
from connector.cli.output import Json
from connector.cli.pages import Commands
from connector.cli.words import pattern
from connector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.settings.origins import Setting

app = Commands(name="settings", no_args_is_help=True)


@app.callback()
def settings() -> None:
    """See the settings as the connector has them.

    docs/configuration.md of the project explains each of them.

    Examples:
      $ connector settings show
    """


@app.command()
def show(
    context: typer.Context,
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY...", help="Such as directory.url, or tenant for a section."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the settings in force, and where each comes from.

    A value comes from the environment, which names its variable, from the file, or is the default. What
    nobody named may be found (a password file beside the settings) or set by a cmdlet. Passwords are hidden.

    Examples:
      $ connector settings show
      $ connector settings show directory.url schedule
      $ connector settings show --json | jq '.[] | select(.from != "default")'
    """
    from connector.settings import find
    from connector.settings.load import named
    from connector.settings.origins import in_force

    file = find(context.obj, os.environ)
    loaded = opening.settings(context, needs_storage=False)
    found = in_force(loaded, named(file, os.environ), _changed(loaded))
    if keys:
        names = [one.key for one in found]
        sections = {name.partition(".")[0] for name in names if "." in name}
        wanted = (f"{key}.*" if key.lower() in sections else key for key in keys)
        globs = [pattern(key, names, "KEY") for key in wanted]
        found = [one for one in found if _is_among(one.key, globs)]
    if json:
        output.as_json(
            [
                {"key": s.key, "value": s.value, "from": s.source, "variable": s.variable}
                for s in found
            ]
        )
        return
    output.line(f"Settings of {file.absolute()}")
    columns, rows = ("Key", "Value", "From"), [[s.key, _text(s.value), _from(s)] for s in found]
    if output.fits(columns, rows):
        output.table(columns, rows)
    else:
        output.facts({key: f"{value} ({source})".strip() for key, value, source in rows})


def _is_among(key: str, globs: list[str]) -> bool:
    from fnmatch import fnmatchcase

    return any(fnmatchcase(key, glob) for glob in globs)


def _changed(loaded: Settings) -> dict[str, Any]:
    """Return by key what cmdlets set in place of the file; nothing where the storage cannot be read."""
    from connector.assembly import open_readers
    from connector.settings.overrides import safety_in_force, schedule_in_force
    from connector.storage.rights import refuse_stranger

    try:
        refuse_stranger(loaded.storage.path, loaded.databases.values())
        with open_readers(loaded) as readers:
            now = {
                "schedule": (
                    loaded.schedule,
                    schedule_in_force(loaded.schedule, readers.space.state),
                ),
                "safety": (loaded.safety, safety_in_force(loaded.safety, readers.space.state)),
            }
    except ConnectorError as error:
        output.note(f"What cmdlets set is not known: {error}")
        return {}
    return {
        f"{section}.{name}": getattr(after, name)
        for section, (before, after) in now.items()
        for name in type(before).model_fields
        if getattr(before, name) != getattr(after, name)
    }


def _text(value: object) -> str:
    """Write a value as the file has it, None and an empty list as nothing; of rules the names."""
    from connector.settings.template import toml

    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        value = [each["name"] for each in value]
    return "" if value in (None, []) else toml(value)


def _from(setting: Setting) -> str:
    return setting.variable or setting.source
