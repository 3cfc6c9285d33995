"""What ``connector init`` proposes: the base, and the domains that the users of a directory are in."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.errors import DirectoryUnavailable, InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.report.survey import Survey
    from connector.settings import DirectorySettings

_DOMAINS = 20
_INITIAL = ".onmicrosoft.com"
_EXAMPLE = "dc=contoso,dc=com"
# A real tenant verifies a domain by a record in the public DNS, where these can have none.
_PRIVATE = frozenset(
    {"corp", "home", "internal", "invalid", "lan", "local", "localdomain", "localhost"}
)


class Given(NamedTuple):
    """What the person said of the directory; None where nothing was said."""

    url: str | None = None
    base_dn: str | None = None
    bind_dn: str | None = None
    password_file: str | None = None
    tls: str | None = None
    ca_file: str | None = None
    password: str | None = None


class Proposal(NamedTuple):
    """Settings by name, such as ``directory.url``, and what to tell about them, a line each."""

    settings: dict[str, Any]
    notes: list[str]


def propose(given: Given) -> Proposal:
    """Propose settings; a directory that is named is asked, and need not answer.

    Raises InvalidSettings for what is said and cannot be used.
    """
    notes: list[str] = []
    found: Survey | None = None
    base = given.base_dn
    if given.url is not None:
        try:
            base, found = _survey(given)
        except DirectoryUnavailable as error:
            notes.append(f"Warning: {error}")
    domains, told = _domains(base or _EXAMPLE, found)
    settings = {
        "directory.url": given.url,
        "directory.base_dn": base,
        "directory.bind_dn": given.bind_dn,
        "directory.password_file": given.password_file,
        "directory.tls": given.tls,
        "directory.ca_file": given.ca_file,
        "tenant.verified_domains": domains or None,
    }
    if base and domains:
        settings["tenant.initial_domain"] = _initial(domains, found)
    return Proposal({k: v for k, v in settings.items() if v is not None}, [*notes, *told])


def _domains(base: str, survey: Survey | None) -> tuple[list[str], list[str]]:
    """Return the domains to verify, and a line about where they come from."""
    from connector.rules.base_domain import domain_of

    of_base = domain_of(base)
    if survey is None:
        if not _can_be_verified(of_base):
            return [], []
        return [of_base], [f"verified_domains has {of_base}, the domain of base_dn."]
    upns, mails = survey.suffixes(), survey.mail_domains()
    names = list(dict.fromkeys([*upns, *mails, *([of_base] if of_base else [])]))
    domains = [name for name in names if _can_be_verified(name)][:_DOMAINS]
    notes = [f"verified_domains has {_told(name, upns, mails)}." for name in domains]
    private = [n for n in upns if not _can_be_verified(n) and not n.endswith(_INITIAL)]
    notes += [
        f"Not in verified_domains: {_told(name, upns, mails)}; no real tenant can verify it."
        for name in private
    ]
    return domains, notes


def _initial(domains: list[str], survey: Survey | None) -> str:
    """Return the initial domain that users are in already, else one by the first domain."""
    used = [name for name in (survey.suffixes() if survey else ()) if name.endswith(_INITIAL)]
    return next(iter(used), domains[0].partition(".")[0] + _INITIAL)


def _told(name: str, upns: dict[str, int], mails: dict[str, int]) -> str:
    from connector.values.counting import counted

    parts = [f"the UPNs of {counted(upns[name], 'user')}"] if name in upns else []
    parts += [f"the mail of {counted(mails[name], 'user')}"] if name in mails else []
    return f"{name}: {', '.join(parts) or 'the domain of base_dn'}"


def _can_be_verified(name: str) -> bool:
    from connector.values.hosts import is_domain

    if not is_domain(name) or name.endswith(_INITIAL):
        return False
    return name.rpartition(".")[2] not in _PRIVATE


def _survey(given: Given) -> tuple[str, Survey]:
    """Look at the directory; return its base and what its entries are."""
    from connector.directory import open_directory
    from connector.directory.diagnose import naming_contexts
    from connector.report.survey import survey

    settings = _directory(given, given.base_dn or _EXAMPLE)
    password = _password(given, settings)
    base = given.base_dn or _first(naming_contexts(settings, password))
    settings = settings.model_copy(update={"base_dn": base})
    with closing(open_directory(settings, password=password)) as directory:
        return base, survey(settings, directory)


def _first(contexts: Iterable[str]) -> str:
    """Return the naming context of the users: the first of a domain, else the first."""
    found = [name for name in contexts if "=" in name]
    return next(
        (name for name in found if name.lower().startswith("dc=")), *found[:1] or [_EXAMPLE]
    )


def _directory(given: Given, base: str) -> DirectorySettings:
    from connector.settings.load import directory_settings

    said = {**given._asdict(), "base_dn": base}
    return directory_settings({name: value for name, value in said.items() if value is not None})


def _password(given: Given, settings: DirectorySettings) -> str | None:
    from pathlib import Path

    if given.password_file is None:
        return None if settings.password is None else settings.password.get_secret_value()
    try:
        return Path(given.password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(
            [f"directory.password_file: {given.password_file}: {error}"]
        ) from error
