from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import DirectoryUnavailable
from connector.model import Complete
from tests.contracts.directory import Copy
from tests.ldap_messages import UUIDS, entry, result, sync_done, sync_state
from tests.system import certificates
from tests.system.fake_ldap import FakeLdap, script, sent
from tests.system.reading import SECRET, closed_afterwards, opened  # noqa: F401 - a fixture
from tests.system.slapd_world import SlapdWorld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.lab.slapd import TlsFiles


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def ca(folder: Path) -> Path:
    return certificates.authority(folder)


@pytest.fixture(scope="module")
def by_name_and_address(folder: Path, ca: Path) -> TlsFiles:
    return certificates.server_files(folder, ca, "DNS:localhost,IP:127.0.0.1")


@pytest.fixture
def world(tmp_path: Path, by_name_and_address: TlsFiles) -> Iterator[SlapdWorld]:
    world = SlapdWorld(tmp_path / "slapd", tls=by_name_and_address)
    yield world
    world.close()


def serving(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


def failure(server: FakeLdap, **changed: object) -> str:
    directory = opened(f"ldaps://127.0.0.1:{server.port}", **changed)
    with pytest.raises(DirectoryUnavailable) as caught:
        list(directory.changes(None))
    assert not any(SECRET.encode() in request for request in server.requests)
    return str(caught.value)


def test_ldaps_and_starttls_read_by_address_and_by_name(world: SlapdWorld, ca: Path) -> None:
    dn = world.user("ann")
    ldap, ldaps = world.slapd.url, world.slapd.ldaps_url
    ways: list[dict[str, Any]] = [
        {"url": ldaps},
        {"url": ldaps.replace("127.0.0.1", "localhost")},
        {"url": ldap, "tls": "starttls"},
        {"url": ldap.replace("127.0.0.1", "localhost"), "tls": "starttls"},
    ]

    read = [Copy(world.open(ca_file=ca, **way)).names() for way in ways]

    assert read == [[dn]] * 4


def test_connection_under_tls_is_kept(world: SlapdWorld, ca: Path) -> None:
    copy = Copy(world.open(url=world.slapd.ldaps_url, ca_file=ca))
    dn = world.user("ann")

    copy.update()
    copy.update()

    assert copy.names() == [dn]


def test_answer_of_many_tls_records_is_read_whole(ca: Path, by_name_and_address: TlsFiles) -> None:
    many = {"description": [b"x" * 1000] * 200}
    parts = [sent(entry(f"cn={n},dc=x", many), sync_state(1, UUIDS[n])) for n in range(10)]
    done = sent(result(), sync_done(None, refresh_deletes=True))
    with FakeLdap(script(*parts, done), tls=serving(by_name_and_address)) as server:
        directory = opened(f"ldaps://127.0.0.1:{server.port}", ca_file=ca)

        *entries, complete = directory.changes(None)

        assert len(entries) == 10
        assert isinstance(complete, Complete)


def test_certificate_of_an_unknown_authority_is_refused(by_name_and_address: TlsFiles) -> None:
    with FakeLdap(tls=serving(by_name_and_address)) as server:
        assert "Set directory.ca_file" in failure(server)


def test_certificate_that_has_expired_is_called_so_with_its_date(folder: Path, ca: Path) -> None:
    files = certificates.server_files(folder, ca, "IP:127.0.0.1", days=-1)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with FakeLdap(tls=serving(files)) as server:
        said = failure(server, ca_file=ca)

    assert f"has expired (on {yesterday:%Y-%m-%d}" in said
    assert "Renew it on the server" in said


def test_certificate_that_is_not_yet_valid_is_called_so_with_its_date(
    folder: Path, ca: Path
) -> None:
    files = certificates.future_files(folder, ca, "IP:127.0.0.1")
    with FakeLdap(tls=serving(files)) as server:
        said = failure(server, ca_file=ca)

    assert "is not yet valid (before 2099-01-01T00:00:00" in said
    assert "Check the clock of this machine" in said


@pytest.mark.parametrize("names", ["DNS:localhost", "DNS:127.0.0.1", "IP:127.0.0.2"])
def test_certificate_of_another_address_is_refused(folder: Path, ca: Path, names: str) -> None:
    files = certificates.server_files(folder, ca, names)
    with FakeLdap(tls=serving(files)) as server:
        said = failure(server, ca_file=ca)

        assert "IP address mismatch" in said
        assert "Use a name in directory.url that the certificate carries" in said


def test_certificate_of_another_name_is_refused(folder: Path, ca: Path) -> None:
    files = certificates.server_files(folder, ca, "DNS:dc1.contoso.com,IP:127.0.0.1")
    with FakeLdap(tls=serving(files)) as server:
        directory = opened(f"ldaps://localhost:{server.port}", ca_file=ca)

        with pytest.raises(DirectoryUnavailable, match="Hostname mismatch"):
            list(directory.changes(None))


def test_server_that_speaks_no_tls_is_told() -> None:
    with FakeLdap() as server:
        assert "the TLS handshake failed" in failure(server)


def test_authority_file_that_is_missing_or_none_is_named(tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.write_text("nothing")
    with FakeLdap() as server:
        for file in (missing, empty):
            assert f"the CA file {file} cannot be used" in failure(server, ca_file=file)
