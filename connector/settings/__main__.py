"""``python -m connector.settings``: write schema/settings.json and docs/configuration.md."""

from __future__ import annotations

import sys
from pathlib import Path

from connector import resources
from connector.settings.reference import configuration
from connector.settings.template import json_schema

DOCUMENTS = Path(__file__).parents[2] / "docs"


def examples() -> dict[str, str]:
    """Return the settings files that the document shows, by name."""
    files = sorted((DOCUMENTS / "examples").glob("*.toml"))
    return {file.name: file.read_text(encoding="utf-8") for file in files}


if __name__ == "__main__":
    if not DOCUMENTS.is_dir():
        sys.exit(f"{DOCUMENTS} is missing: run this in a checkout.")
    resources.schema("settings.json").write_text(json_schema(), encoding="utf-8")
    (DOCUMENTS / "configuration.md").write_text(configuration(examples()), encoding="utf-8")
