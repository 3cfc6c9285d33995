"""Settings come from a file and the environment; every problem is named at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connector.errors import InvalidSettings, Problem
from connector.settings import KNOWN_ISSUES, find, load

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "connector.toml") -> Path:
        file: Path = tmp_path / name
        file.write_text(text)
        return file

    return write


def problems(file: Path, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as raised:
        load(file, environ or {})
    return raised.value.problems


def with_line(section: str, line: str) -> str:
    """Put a line into a section of the minimal file."""
    if f"[{section}]" not in MINIMAL:
        return f"{MINIMAL}\n[{section}]\n{line}\n"
    return MINIMAL.replace(f"[{section}]\n", f"[{section}]\n{line}\n")


def test_a_minimal_file_gives_the_documented_defaults(write):
    settings = load(write(MINIMAL), {})

    assert settings.directory.url == ("ldap://localhost",)
    assert settings.schedule.delta == timedelta(minutes=30)
    assert settings.safety.delete_threshold == 500
    assert settings.tenant.known_issues == KNOWN_ISSUES


def test_a_list_of_urls_is_kept_in_its_order(write):
    text = MINIMAL.replace('"ldap://localhost"', '["ldap://a", "ldap://b:1389"]')

    assert load(write(text), {}).directory.url == ("ldap://a", "ldap://b:1389")


def test_every_problem_is_named_at_once(write):
    file = write("""
colour = "red"
base_dn = "dc=x"
[directry]
url = "ldap://localhost"
[directory]
bse_dn = "dc=contoso,dc=com"
mode = "magic"
timeout = "1.5h"
initial_domain = "contoso.com"
[tenant]
initial_domain = "contoso"
resiliency = "rain"
[safety]
delete_threshold = -1
delete_percent = 101
shrink_percent = "half"
[schedule]
report = "someday"
enabled = "perhaps"
""")

    assert problems(file) == (
        "colour: unknown setting",
        "base_dn: unknown setting; did you mean directory.base_dn?",
        "directry: unknown section; did you mean directory?",
        "directory.url: required",
        "directory.base_dn: required",
        "directory.mode: must be one of 'auto', 'syncrepl', 'dirsync' or 'scan', not 'magic'",
        "directory.timeout: must be a whole number and a unit, such as 30s, 5m, 1h or 1d",
        "directory.bse_dn: unknown setting; did you mean base_dn?",
        "directory.initial_domain: unknown setting; did you mean tenant.initial_domain?",
        "tenant.initial_domain: is not a domain name such as contoso.com: 'contoso'",
        "tenant.resiliency: must be true or false",
        "schedule.report: must be a weekday and a time such as monday 08:00: 'someday'",
        "schedule.enabled: must be true or false",
        "safety.delete_threshold: must be at least 0",
        "safety.delete_percent: must be at most 100",
        "safety.shrink_percent: must be a whole number",
    )


@pytest.mark.parametrize(
    ("section", "line", "problem"),
    [
        ("directory", 'timeout = "0s"', "directory.timeout: must be whole seconds, and at least 1s"),
        ("directory", "timeout = 30", "directory.timeout: must be a whole number and a unit, such as 30s, 5m, 1h or 1d"),
        ("directory", 'include = ["users"]', "directory.include: is not a distinguished name such as dc=contoso,dc=com: 'users'"),
        ("directory", 'filter = "(cn=x"', "directory.filter: is not an LDAP filter such as (objectClass=*): '(cn=x'"),
        ("directory", 'filter = "(a=b)(c=d)"', "directory.filter: is not an LDAP filter such as (objectClass=*): '(a=b)(c=d)'"),
        ("directory", "password = 5", "directory.password: must be a text in quotes"),
        ("directory", 'tls = "ldaps"', 'directory.tls: "ldaps" needs every url to be ldaps://; for ldap:// use "starttls"'),
        ("directory", 'ca_file = "missing.pem"', "directory.ca_file: {folder}/missing.pem: No such file or directory"),
        ("directory", 'password = "a"', "directory.bind_dn: required, because a password is set"),
        ("tenant", 'database = "postgresql://me:secret@db/tenant"', "tenant.database: must not hold a password in the file; use database_password_file"),
        ("tenant", 'url = "https://t"', "tenant.client_id: required, because url is set"),
        ("tenant", 'url = "http://t"\nclient_id = "a"', "tenant.url: must begin with https://; http:// is for this machine alone"),
        ("tenant", 'url = "https://t"\nclient_id = "a"\ndatabase = "t.db"', "tenant.url: set url or database, not both: the tenant is in one place"),
        ("tenant", 'url = "https://t"\nclient_id = "a"\nclient_secret = "secret"', "tenant.client_secret: must not stand in the file; use client_secret_file"),
        ("tenant", 'url = "https://t"\nclient_id = "a b"', "tenant.client_id: must be printable ASCII without blanks, 128 characters at most"),
        ("tenant", 'ca_file = "connector.toml"', "tenant.ca_file: needs url"),
        ("mail", 'host = "mail"', "mail.to: required, because a host is set"),
        ("web", 'listen = "8080"', "web.listen: must be a host and a port from 1 to 65535: '8080'"),
        ("web", 'listen = "127.0.0.1:0"', "web.listen: must be a host and a port from 1 to 65535: '127.0.0.1:0'"),
        ("web", 'public_url = "ftp://x"', "web.public_url: must be a web address such as https://connector.contoso.com"),
        ("web", 'tls_cert = "connector.toml"', "web.tls_cert: needs tls_key, and the other way round"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_is_right(write, section, line, problem):
    file = write(with_line(section, line))

    assert problems(file) == (problem.format(folder=file.parent),)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://a", "must be ldap://HOST[:PORT], ldaps://HOST[:PORT] or ldapi://PATH"),
        ("ldap://", "must be a host and a port from 1 to 65535: ':389'"),
        ("ldap://a:99999", "must be a host and a port from 1 to 65535: 'a:99999'"),
        (
            "ldap://cn=admin:hunter2@a",
            "must not hold a user name or password; use bind_dn and password_file",
        ),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_a_password(write, url, problem):
    file = write(MINIMAL.replace("ldap://localhost", url))

    assert problems(file) == (f"directory.url: {problem}",)


def test_a_password_does_not_travel_in_the_clear_to_another_machine_unless_allowed(write):
    text = MINIMAL.replace("localhost", "ad.contoso.com")
    file = write(text.replace("[tenant]", 'bind_dn = "cn=admin"\n[tenant]'))

    [problem] = problems(file)
    allowed = load(file, {"CONNECTOR__DIRECTORY__ALLOW_PLAINTEXT": "true"})

    assert problem.startswith("directory.tls: the password would travel to ldap://ad.contoso.com")
    assert allowed.directory.allow_plaintext


@pytest.mark.parametrize(
    "host", ["127.0.0.1.evil.example", "localhost.evil.example", "127.1", "2130706433"]
)
def test_a_host_that_only_begins_like_this_machine_gets_no_password_in_the_clear(write, host):
    text = MINIMAL.replace("localhost", host)
    file = write(text.replace("[tenant]", 'bind_dn = "cn=admin"\n[tenant]'))

    [problem] = problems(file)

    assert problem.startswith(f"directory.tls: the password would travel to ldap://{host}")


@pytest.mark.parametrize(
    "url",
    ["ldap://localhost:389", "ldap://127.0.0.2", "ldap://[::1]:389", "LDAPI://%2Frun%2Fslapd"],
)
def test_on_this_machine_the_password_needs_no_protection(write, url):
    text = MINIMAL.replace("ldap://localhost", url)

    assert load(write(text.replace("[tenant]", 'bind_dn = "cn=admin"\n[tenant]')), {})


def test_password_and_password_file_exclude_each_other(write):
    secret = write("secret", "pw")
    lines = f'bind_dn = "cn=admin"\npassword = "a"\npassword_file = "{secret}"'

    assert problems(write(with_line("directory", lines))) == (
        "directory.password: set password or password_file, not both",
    )


def test_ldaps_urls_alone_mean_tls(write):
    settings = load(write(MINIMAL.replace("ldap://", "ldaps://")), {})

    assert settings.directory.tls == "ldaps"


def test_starttls_over_a_unix_socket_is_refused(write):
    text = with_line("directory", 'tls = "starttls"').replace("ldap://localhost", "ldapi:///")

    assert problems(write(text)) == ('directory.tls: "starttls" needs every url to be ldap://',)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", KNOWN_ISSUES),
        ("false", ()),
        ("[]", ()),
        ('["portal-same-message"]', ("portal-same-message",)),
    ],
)
def test_known_issues_are_all_none_or_some(write, written, meant):
    settings = load(write(with_line("tenant", f"known_issues = {written}")), {})

    assert settings.tenant.known_issues == meant


def test_a_syntax_error_names_the_line(write):
    file = write("[directory]\nurl = ldap://localhost\n")

    assert problems(file) == (f"{file}: Invalid value (at line 2, column 7)",)


def test_a_file_that_is_not_utf_8_is_named(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_bytes(b"# \xff\n")

    assert problems(file) == (f"{file}: is not written in UTF-8",)


def test_relative_paths_start_at_the_folder_of_the_file(write, monkeypatch):
    file = write(with_line("storage", 'path = "var"'))
    monkeypatch.chdir("/")

    assert load(file, {}).storage.path == file.parent / "var"


def test_the_tenant_is_in_the_storage_folder_unless_its_file_is_named(write):
    file = write(with_line("storage", 'path = "var"'))
    before = load(file, {}).databases["tenant.db"]
    after = load(file, {"CONNECTOR__TENANT__DATABASE": "cloud.db"}).databases["tenant.db"]

    assert (before, after) == (file.parent / "var" / "tenant.db", file.parent / "cloud.db")


def test_the_environment_stands_above_the_file(write):
    environ = {
        "CONNECTOR__DIRECTORY__URL": "ldap://a, ldap://b",
        "CONNECTOR__DIRECTORY__INCLUDE": "ou=users,dc=contoso,dc=com",
        "CONNECTOR__DIRECTORY__EXCLUDE": '["ou=a,dc=b", "ou=c,dc=d"]',
        "CONNECTOR__TENANT__KNOWN_ISSUES": "none",
        "CONNECTOR__SAFETY__DELETE_THRESHOLD": "3",
        "CONNECTOR__SCHEDULE__ENABLED": "false",
        "CONNECTOR__MAIL__FROM": "sync@contoso.com",
        "CONNECTOR__LOG__FILE": "",
    }

    settings = load(write(MINIMAL), environ)

    assert settings.directory.url == ("ldap://a", "ldap://b")
    assert settings.directory.include == ("ou=users,dc=contoso,dc=com",)
    assert settings.directory.exclude == ("ou=a,dc=b", "ou=c,dc=d")
    assert settings.tenant.known_issues == ()
    assert settings.safety.delete_threshold == 3
    assert settings.schedule.enabled is False
    assert settings.mail.sender == "sync@contoso.com"
    assert settings.log.file is None


def test_a_problem_in_the_environment_names_the_variable(write):
    environ = {
        "CONNECTOR__DIRECTORY__TIMEOUT": "soon",
        "CONNECTOR__LOG__FORMT": "json",
        "CONNECTOR__LGO__FORMAT": "json",
        "CONNECTOR__DIRECTORY__EXCLUDE": "[ou=a",
    }

    assert problems(write(MINIMAL), environ) == (
        'CONNECTOR__DIRECTORY__EXCLUDE: must be a list such as ["a", "b"]',
        "CONNECTOR__LGO__FORMAT: unknown section; did you mean log?",
        "CONNECTOR__DIRECTORY__TIMEOUT: must be a whole number and a unit, such as 30s, 5m, 1h or 1d",
        "CONNECTOR__LOG__FORMT: unknown setting; did you mean format?",
    )


def test_the_given_path_comes_before_the_environment_and_the_usual_places(write, monkeypatch):
    given, named = write(MINIMAL, "given.toml"), write(MINIMAL, "named.toml")
    usual = write(MINIMAL)
    monkeypatch.chdir(usual.parent)
    environ = {"CONNECTOR_CONFIG": str(named)}

    found = [find(given, environ), find(None, environ), find(None, {}).absolute()]

    assert found == [given, named, usual]


def test_a_missing_file_says_where_it_looked_and_what_to_do(tmp_path):
    missing = tmp_path / "none.toml"

    with pytest.raises(InvalidSettings) as raised:
        find(missing, {})

    assert raised.value.problems == (
        f"no settings file at {missing}: write one with 'connector init', or name it with --config",
    )


def test_no_problem_repeats_a_secret(write):
    text = with_line("directory", 'password = "hunter2"\nmode = "magic"\ntls = "ldaps"\nextra = 1')

    assert "hunter2" not in "".join(problems(write(text)))


WITH_PASSWORDS = (
    MINIMAL.replace("[tenant]", 'bind_dn = "cn=connector"\n[tenant]')
    + '[mail]\nhost = "mail"\nuser = "connector"\nto = "admin@contoso.com"\n'
)


@pytest.fixture
def passwords(tmp_path):
    """Write the usual password files into a folder; return where they are."""

    def passwords(folder: Path, text: str) -> list[Path]:
        folder.mkdir(exist_ok=True)
        files = [folder / "directory-password", folder / "mail-password"]
        for file in files:
            file.write_text(text)
        return files

    return passwords


def password_files(file: Path, environ: dict[str, str]) -> list[Path | None]:
    settings = load(file, environ)
    return [settings.directory.password_file, settings.mail.password_file]


def test_passwords_that_are_not_named_lie_beside_the_file(write, passwords, tmp_path):
    beside = passwords(tmp_path, "p")

    assert password_files(write(WITH_PASSWORDS), {}) == beside


def test_systemd_credentials_come_before_what_lies_beside_the_file(write, passwords, tmp_path):
    passwords(tmp_path, "p")
    credentials = passwords(tmp_path / "credentials", "p")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}

    assert password_files(write(WITH_PASSWORDS), environ) == credentials


def test_a_password_file_that_is_named_comes_before_both(write, passwords, tmp_path):
    _, named = passwords(tmp_path, "p")
    text = WITH_PASSWORDS.replace("[tenant]", 'password_file = "mail-password"\n[tenant]')

    assert password_files(write(text), {})[0] == named


def test_an_empty_file_is_no_password(write, passwords, tmp_path):
    passwords(tmp_path, "")

    assert problems(write(WITH_PASSWORDS)) == (
        "mail.password_file: required, because a user is set",
    )


def test_the_password_of_the_pages_is_used_where_it_lies(write, tmp_path):
    file = write(MINIMAL)
    without = load(file, {}).web.admin_password_file
    (tmp_path / "web-password").write_text("p")

    assert (without, load(file, {}).web.admin_password_file) == (None, tmp_path / "web-password")


def test_a_password_that_nobody_needs_is_left_alone(write, passwords, tmp_path):
    passwords(tmp_path, "p")

    assert password_files(write(MINIMAL), {}) == [None, None]


def test_the_place_of_a_mistake_in_a_filter_is_drawn_below_it(write):
    scope = 'scope = ["department EQUALS Sales", "title EQUAL x", "title EQUAL x AND userPassword ISNOTNULL"]'
    file = write(MINIMAL.replace("[tenant]", f"{scope}\n[tenant]"))

    drawn = [one.draw(None) for one in problems(file) if isinstance(one, Problem)]
    [variable] = problems(file, {"CONNECTOR__DIRECTORY__SCOPE": "title ISNULL x"})

    assert drawn == [
        ("department EQUALS Sales", "           ^^^^^^"),
        ("title EQUAL x AND userPassword ISNOTNULL", " " * 18 + "^^^^^^^^^^^^"),
    ]
    assert isinstance(variable, Problem)
    assert variable == "CONNECTOR__DIRECTORY__SCOPE: ISNULL takes no value: 'title ISNULL x'"
    assert variable.draw(None) == ("title ISNULL x", "             ^")
