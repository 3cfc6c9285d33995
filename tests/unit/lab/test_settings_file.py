from __future__ import annotations

from dataclasses import replace

import pytest

from connector.lab.server import DirectoryAccess
from connector.lab.settings_file import settings_text, variables
from connector.settings import load


@pytest.fixture
def access(tmp_path):
    """The access to a directory without TLS."""
    password = tmp_path / "password"
    password.touch()
    return DirectoryAccess("ldap://127.0.0.1:1389", "cn=admin,dc=contoso,dc=com", password)


@pytest.fixture
def loaded(tmp_path):
    def loaded(access, environ=(), **options):
        file = tmp_path / "connector.toml"
        file.write_text(settings_text(access, **options))
        return load(file, dict(environ))

    return loaded


def test_the_settings_point_to_the_directory_and_stay_in_the_labs_folder(loaded, access, tmp_path):
    settings = loaded(access)

    assert settings.directory.url == ("ldap://127.0.0.1:1389",)
    assert settings.directory.bind_dn == "cn=admin,dc=contoso,dc=com"
    assert settings.directory.password_file == access.password_file
    assert settings.directory.tls == "none"
    assert settings.storage.path == tmp_path / "var"
    assert settings.log.file == tmp_path / "connector.log"
    assert settings.mail.host is None


def test_with_an_authority_the_directory_is_reached_over_tls(loaded, access, tmp_path):
    authority = tmp_path / "ca.pem"
    authority.touch()

    settings = loaded(replace(access, ca_file=authority)).directory

    assert (settings.tls, settings.ca_file) == ("starttls", authority)


def test_mails_go_to_a_catcher_where_there_is_one(loaded, access):
    mail = loaded(access, mail_port=1025).mail

    assert (mail.host, mail.port, mail.to) == ("127.0.0.1", 1025, ("admin@contoso.com",))


def test_the_daemon_listens_where_it_is_told(loaded, access):
    assert loaded(access, web_port=8099).web.listen == "127.0.0.1:8099"


def test_settings_of_a_story_stand_above_the_file(loaded, access):
    environ = variables({"tenant.known_issues": "none", "directory.filter": "(uid=ann)"})

    settings = loaded(access, environ)

    assert (settings.tenant.known_issues, settings.directory.filter) == ((), "(uid=ann)")
