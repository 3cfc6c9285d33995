from __future__ import annotations

from pathlib import Path

import pytest

from connector.lab.configuration import Configuration, TlsFiles


def configuration(**more) -> Configuration:
    return Configuration(
        **{
            "path": Path("/lab"),
            "suffix": "dc=contoso,dc=com",
            "schemas": [Path("/schema/core.schema"), Path("/schema/own.schema")],
            "module_path": Path("/modules"),
            "password": "secret",
            **more,
        }
    )


def test_the_plain_server_has_one_database_with_a_session_log():
    assert configuration().text() == (
        'include "/schema/core.schema"\n'
        'include "/schema/own.schema"\n'
        'modulepath "/modules"\n'
        "moduleload back_mdb\n"
        "moduleload syncprov\n"
        'pidfile "/lab/slapd.pid"\n'
        "sizelimit unlimited\n"
        "sortvals member\n"
        "\n"
        "database mdb\n"
        'suffix "dc=contoso,dc=com"\n'
        'rootdn "cn=admin,dc=contoso,dc=com"\n'
        'directory "/lab/db"\n'
        "maxsize 4294967296\n"
        "dbnosync\n"
        "rootpw secret\n"
        "index objectClass,entryUUID,entryCSN,uid,cn eq\n"
        "overlay syncprov\n"
        "syncprov-checkpoint 100 10\n"
        "syncprov-sessionlog 1000\n"
    )


def test_without_a_session_log_no_line_asks_for_one():
    assert "sessionlog" not in configuration(session_log=None).text()


def test_a_server_without_content_synchronization_has_no_overlay():
    text = configuration(content_sync=False).text()

    assert "overlay" not in text
    assert "syncprov-" not in text


def test_an_accesslog_is_a_database_before_the_main_one():
    text = configuration(accesslog=True).text()

    assert text.index('suffix "cn=accesslog"') < text.index('suffix "dc=contoso,dc=com"')
    assert "syncprov-sessionlog-source cn=accesslog\n" in text
    assert "syncprov-sessionlog 1000" not in text
    assert configuration(accesslog=True).databases == (Path("/lab/db"), Path("/lab/log"))


def test_backends_that_are_linked_in_are_not_loaded():
    text = configuration(module_path=None).text()

    assert "module" not in text


def test_tls_files_are_named():
    files = TlsFiles(ca=Path("/ca.pem"), certificate=Path("/a b.pem"), key=Path("/key.pem"))

    text = configuration(tls=files).text()

    assert 'TLSCACertificateFile "/ca.pem"\n' in text
    assert 'TLSCertificateFile "/a b.pem"\n' in text
    assert 'TLSCertificateKeyFile "/key.pem"\n' in text


@pytest.mark.parametrize("directive", ["limits anonymous size=10", "readonly on"])
def test_further_directives_belong_to_the_main_database_before_its_overlays(directive):
    text = configuration(directives=[directive]).text()

    database, _, overlays = text.partition("overlay syncprov")
    assert f"\n{directive}\n" in database.partition('suffix "dc=contoso,dc=com"')[2]
    assert directive not in overlays
