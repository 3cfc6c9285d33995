"""Define the kinds of values in ``connector.toml``: how to write, read and check each."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
)

from connector.values import dn
from connector.values.database_url import DatabaseUrl, database_url
from connector.values.hosts import is_domain
from connector.values.service_url import service_url
from connector.values.withheld import is_withheld

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_URL = re.compile(r"(ldap|ldaps|ldapi)://([^/?#]*)/?", re.IGNORECASE)
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]/@]+):([0-9]{1,5})")
_RDN = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)\s*=.*", re.DOTALL)
_REPORT = re.compile(
    r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday) ([01][0-9]|2[0-3]):[0-5][0-9]"
)
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+", re.ASCII)
_LARGEST_PORT = 65535
LONGEST_DURATION = timedelta(days=100_000)
"""The longest that a setting may name: a time before or after now stays in the calendar."""


def parse_duration(value: object) -> timedelta:
    """Read ``30s``, ``5m``, ``1h`` or ``1d``; raise ValueError for anything else."""
    if isinstance(value, timedelta):
        duration = value
    else:
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise ValueError("must be a whole number and a unit, such as 30s, 5m, 1h or 1d")
        duration = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if duration < timedelta(seconds=1) or duration.microseconds:
        raise ValueError("must be whole seconds, and at least 1s")
    return duration


def _parse_interval(value: object) -> timedelta:
    """Read a duration or 0, which stands for never."""
    is_never = value in ("0", "0s", timedelta()) or (type(value) is int and value == 0)
    return timedelta() if is_never else parse_duration(value)


def duration_text(duration: timedelta) -> str:
    """Write a duration as in the file, in the largest unit that fits."""
    if not duration:
        return "0"
    seconds = int(duration.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _check_dn(value: str) -> str:
    rest = value
    while rest:
        above = dn.parent(rest)
        if not _RDN.fullmatch(rest[: len(rest) - len(above)]):
            break
        rest = above
    if rest or not value:
        raise ValueError(f"is not a distinguished name such as dc=contoso,dc=com: {value!r}")
    return value


def _check_domain(value: str) -> str:
    if not is_domain(value):
        raise ValueError(f"is not a domain name such as contoso.com: {value!r}")
    return value


def _check_url(value: str) -> str:
    """Accept the URL of a server; no message repeats it, because it may hold a password."""
    match = _URL.fullmatch(value)
    if match is None:
        raise ValueError("must be ldap://HOST[:PORT], ldaps://HOST[:PORT] or ldapi://PATH")
    scheme, place = match[1].lower(), match[2]
    if "@" in place:
        raise ValueError("must not hold a user name or password; use bind_dn and password_file")
    if scheme != "ldapi":
        with_port = place if re.search(r":[0-9]+\Z", place) else f"{place}:389"
        _check_host_port(with_port)
    return value


def _check_host_port(value: str) -> str:
    match = _HOST_PORT.fullmatch(value)
    if match is None or not 1 <= int(match[2]) <= _LARGEST_PORT:
        raise ValueError(f"must be a host and a port from 1 to 65535: {value!r}")
    return value


def _check_report(value: str) -> str:
    if not _REPORT.fullmatch(value.lower()):
        raise ValueError(f"must be a weekday and a time such as monday 08:00: {value!r}")
    return value.lower()


def _check_filter(value: str) -> str:
    """Accept a text with balanced parentheses as a filter (RFC 4515); the server checks the rest."""
    depths = list(accumulate({"(": 1, ")": -1}.get(character, 0) for character in value))
    if not depths or depths[-1] != 0 or min(depths[:-1], default=0) < 1:
        raise ValueError(f"is not an LDAP filter such as (objectClass=*): {value!r}")
    return value


def _check_web_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+(?:/\S*)?", value):
        raise ValueError("must be a web address such as https://connector.contoso.com")
    return value


def _check_service_url(value: str) -> str:
    service_url(value)
    return value.rstrip("/")


def _check_identifier(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,128}", value):
        raise ValueError("must be printable ASCII without blanks, 128 characters at most")
    return value


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    path = value.expanduser()
    return folder / path if folder else path


_MANY = BeforeValidator(_one_or_many)
_MANY_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
)

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"}),
]
Interval = Annotated[
    timedelta,
    BeforeValidator(_parse_interval),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^(0|{_DURATION.pattern})$"}),
]
"""A duration, or zero for never."""
FilePath = Annotated[Path, AfterValidator(_beside_the_file)]


def _database(value: object, info: ValidationInfo) -> Path | DatabaseUrl:
    """Read a path or the URL of a server; no message repeats it, because it may hold a password.

    The file may not hold one: others read it, and it goes into backups and tickets.
    """
    if isinstance(value, Path | DatabaseUrl):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a text in quotes")  # noqa: TRY004 - pydantic words a ValueError
    if "://" not in value:
        return _beside_the_file(Path(value), info)
    url = database_url(value)
    context = info.context or {}
    if url.has_password and "folder" in context and info.field_name not in context["variables"]:
        raise ValueError("must not hold a password in the file; use database_password_file")
    return url


def _not_in_the_file(value: object, info: ValidationInfo) -> object:
    """Accept a secret from the environment alone: others read the file, and it goes into backups."""
    context = info.context or {}
    if "folder" in context and info.field_name not in context["variables"]:
        raise ValueError(f"must not stand in the file; use {info.field_name}_file")
    return value


SecretOfTheEnvironment = Annotated[SecretStr, BeforeValidator(_not_in_the_file)]
DatabasePlace = Annotated[
    Path | DatabaseUrl,
    PlainValidator(_database),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string"}),
]


def _check_scoping_filter(text: str) -> str:
    from connector.values.filters import parse  # noqa: PLC0415 - most settings have none

    parse(text)
    return text


def _check_anchor(text: str) -> str:
    if not _ATTRIBUTE.fullmatch(text):
        raise ValueError(f'must be "auto" or the name of an attribute, not {text!r}')
    if is_withheld(text):
        raise ValueError(f"{text} holds a secret, which is never read")
    return text


AnchorAttribute = Annotated[str, AfterValidator(_check_anchor)]
Dn = Annotated[str, AfterValidator(_check_dn)]
Dns = Annotated[tuple[Dn, ...], _MANY, _MANY_SCHEMA]
Domain = Annotated[str, AfterValidator(_check_domain)]
Domains = Annotated[tuple[Domain, ...], _MANY, _MANY_SCHEMA]
ServerUrl = Annotated[str, AfterValidator(_check_url)]
ServerUrls = Annotated[tuple[ServerUrl, ...], _MANY, _MANY_SCHEMA]
HostPort = Annotated[str, AfterValidator(_check_host_port)]
ReportTime = Annotated[str, AfterValidator(_check_report)]
Filter = Annotated[str, AfterValidator(_check_filter)]
ScopingFilters = Annotated[
    tuple[Annotated[str, AfterValidator(_check_scoping_filter)], ...], _MANY, _MANY_SCHEMA
]
Texts = Annotated[tuple[str, ...], _MANY, _MANY_SCHEMA]
ServiceAddress = Annotated[str, AfterValidator(_check_service_url)]
ClientId = Annotated[str, AfterValidator(_check_identifier)]
WebUrl = Annotated[str, AfterValidator(_check_web_url)]
KnownIssue = Literal[
    "upn-and-proxy-held-by-group",
    "group-pair-fails-first",
    "portal-same-message",
    "portal-own-display-name",
    "restore-not-quarantined",
    "computed-upn-not-released",
]
KNOWN_ISSUES: tuple[KnownIssue, ...] = KnownIssue.__args__  # type: ignore[attr-defined]


def _issues(value: object) -> object:
    """Read ``true`` or ``all`` as all known issues, ``false`` or ``none`` as none."""
    if value in (True, "true", "all", ("true",), ("all",)):
        return KNOWN_ISSUES
    if value in (False, "false", "none", ("false",), ("none",)):
        return ()
    return (value,) if isinstance(value, str) else value


_KNOWN_ISSUES_SCHEMA = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "array", "items": {"enum": list(KNOWN_ISSUES)}},
    ]
}
KnownIssues = Annotated[
    tuple[KnownIssue, ...], BeforeValidator(_issues), WithJsonSchema(_KNOWN_ISSUES_SCHEMA)
]
Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[int, Field(ge=1, le=100)]
