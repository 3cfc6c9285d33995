"""The settings: ``connector.toml`` with its environment overrides, checked as a whole."""

from __future__ import annotations

from connector.settings.checks import warnings
from connector.settings.kinds import KNOWN_ISSUES, KnownIssue
from connector.settings.load import find, load
from connector.settings.models import (
    DirectorySettings,
    LogSettings,
    MailSettings,
    SafetySettings,
    ScheduleSettings,
    Settings,
    StorageSettings,
)
from connector.settings.secrets import directory_password
from connector.settings.section import Section
from connector.settings.tenant import TenantSettings
from connector.settings.web import WebSettings

__all__ = [
    "KNOWN_ISSUES",
    "DirectorySettings",
    "KnownIssue",
    "LogSettings",
    "MailSettings",
    "SafetySettings",
    "ScheduleSettings",
    "Section",
    "Settings",
    "StorageSettings",
    "TenantSettings",
    "WebSettings",
    "directory_password",
    "find",
    "load",
    "warnings",
]
