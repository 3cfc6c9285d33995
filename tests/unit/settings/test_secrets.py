"""A password is read as intended, and is never shown."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import InvalidSettings
from connector.settings import (
    DirectorySettings,
    Settings,
    TenantSettings,
    directory_password,
    load,
    warnings,
)
from connector.settings.secrets import tenant_secret


def settings(**directory: Any) -> Settings:
    return Settings(
        directory=DirectorySettings(
            url=("ldap://localhost",), base_dn="dc=contoso,dc=com", **directory
        ),
        tenant=TenantSettings(initial_domain="contoso.onmicrosoft.com"),
    )


def test_a_password_is_used_as_it_is():
    assert directory_password(settings(bind_dn="cn=a", password="p ")) == "p "


@pytest.mark.parametrize(
    ("written", "meant"), [("p\n", "p"), ("p\r\n", "p"), ("p\n\n", "p\n"), (" p", " p")]
)
def test_one_newline_at_the_end_of_a_password_file_does_not_count(tmp_path, written, meant):
    file = tmp_path / "pw"
    file.write_bytes(written.encode())

    assert directory_password(settings(bind_dn="cn=a", password_file=file)) == meant


def test_without_a_bind_dn_no_password_is_needed():
    assert directory_password(settings()) is None


def test_a_bind_dn_without_a_password_is_a_problem():
    with pytest.raises(InvalidSettings, match=r"directory\.password_file: required"):
        directory_password(settings(bind_dn="cn=a"))


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"", "is empty"), (b"\xff", "UTF-8")])  # fmt: skip
def test_a_password_file_that_cannot_be_used_is_named(tmp_path, content, reason):
    file = tmp_path / "pw"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(InvalidSettings, match=reason):
        directory_password(settings(bind_dn="cn=a", password_file=file))


def test_a_password_does_not_show_when_settings_are_printed():
    assert "hunter2" not in repr(settings(bind_dn="cn=a", password="hunter2"))


def test_files_that_everyone_may_read_are_warned_of(tmp_path):
    password, file = tmp_path / "pw", tmp_path / "connector.toml"
    for path in (password, file):
        path.write_text("x")
        path.chmod(0o644)

    found = [
        *warnings(settings(bind_dn="cn=a", password_file=password), file),
        *warnings(settings(bind_dn="cn=a", password="x"), file),
    ]

    assert found == [
        f"directory.password_file: every user may read {password}: chmod 600 {password}",
        f"{file} holds a password, and every user may read it: chmod 600 {file}",
    ]


def test_an_initial_domain_unlike_a_real_one_is_warned_of():
    unlike = settings().model_copy(update={"tenant": TenantSettings(initial_domain="contoso.com")})

    [warning] = warnings(unlike)

    assert warning.startswith("tenant.initial_domain: contoso.com does not end in")


FILE = """
[directory]
url = "ldap://localhost"
base_dn = "dc=contoso,dc=com"
[tenant]
initial_domain = "contoso.onmicrosoft.com"
url = "https://tenant.contoso.com"
client_id = "branch"
"""
SECRET = "CONNECTOR__TENANT__CLIENT_SECRET"


def test_the_secret_of_an_application_comes_from_the_environment_and_is_hidden(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_text(FILE)
    loaded = load(file, {SECRET: "Pa55"})

    assert tenant_secret(loaded.tenant) == "Pa55"
    assert "Pa55" not in repr(loaded) + loaded.model_dump_json()


def test_the_secret_of_an_application_is_found_in_a_file_of_its_name(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_text(FILE)
    (tmp_path / "tenant-secret").write_text("Pa55\n")

    assert tenant_secret(load(file, {}).tenant) == "Pa55"


def test_a_secret_that_is_nowhere_is_asked_for(tmp_path):
    file = tmp_path / "connector.toml"
    file.write_text(FILE)

    with pytest.raises(InvalidSettings, match=r"tenant\.client_secret_file: required"):
        tenant_secret(load(file, {}).tenant)
