"""``python -m connector.settings`` writes ``schema/settings.json`` of a checkout anew."""

from __future__ import annotations

from connector import resources
from connector.settings.template import json_schema

if __name__ == "__main__":
    resources.schema("settings.json").write_text(json_schema(), encoding="utf-8")
