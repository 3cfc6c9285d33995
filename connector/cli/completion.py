"""Offer the names of arguments to the shell, for ``autocompletion=`` of typer.

Each function returns all names with a word about each; typer picks those that match the input.
"""

from __future__ import annotations

import os

import typer

from connector.errors import ConnectorError

Offers = list[tuple[str, str]]

# The licences that the tenant has to give.
LICENCES = ("EXCHANGE",)

# A shell sets it to ask for completions; see "connector --show-completion".
_ASKED = "_CONNECTOR_COMPLETE"


def one_line_each() -> None:
    """Keep descriptions on one line: fish takes each further line for another completion."""
    if _ASKED in os.environ:
        os.environ["COLUMNS"] = "1000"


def feature() -> Offers:
    """Name the features of the tenant that can be switched."""
    from connector.tenant.features import SETTABLE

    return [(name, "") for name in SETTABLE]


def licence() -> Offers:
    """Name the licences that the tenant has to give."""
    return [(name, "") for name in LICENCES]


def snapshot(context: typer.Context) -> Offers:
    """Name the snapshots below the storage of the settings; none where these cannot be used."""
    from connector import settings
    from connector.storage import snapshots

    try:
        file = settings.find(context.find_root().params.get("config"), os.environ)
        found = snapshots.listed(settings.load(file, os.environ).storage.path)
    except (ConnectorError, OSError):
        return []
    return [(each.name, f"{each.created:%Y-%m-%d %H:%M}") for each in found]


def story() -> Offers:
    """Name the stories of the lab."""
    from connector.lab.stories import STORIES

    named = [(each.name, each.title) for each in STORIES.values()]
    return [("all", "every story"), ("list", "their names"), *named]


def cmdlet() -> Offers:
    """Name the cmdlets."""
    from connector.cmdlets.catalog import CMDLETS

    return [(each.signature.name, each.help) for each in CMDLETS]


def exercise_name() -> Offers:
    """Name the exercises of the lab."""
    from connector.lab.exercises import EXERCISES

    return [(each.name, each.title) for each in EXERCISES.values()]


def exercise() -> Offers:
    """Name what can be done with the exercises of the lab."""
    actions = [
        ("list", "their names"),
        ("start", "break a lab"),
        ("check", "is it mended?"),
        ("solve", "mend it"),
    ]
    return [*actions, *exercise_name()]
