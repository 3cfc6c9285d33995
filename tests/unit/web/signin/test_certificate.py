"""A lab gets an authority and a certificate that clients of today accept."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime

import pytest
from cryptography import x509

from connector.errors import InvalidRequest
from connector.web.signin.certificate import make, usual_names

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def names_of(file):
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    found = extension.value
    return {
        *found.get_values_for_type(x509.DNSName),
        *map(str, found.get_values_for_type(x509.IPAddress)),
    }


def test_the_certificate_has_every_name_and_only_the_key_is_private(tmp_path):
    files = make(
        tmp_path / "tls", ["localhost", "::1", "127.0.0.1", "münchen.example", "localhost"], NOW
    )
    modes = [stat.S_IMODE(file.stat().st_mode) for file in files]

    assert names_of(files.certificate) == {
        "localhost",
        "::1",
        "127.0.0.1",
        "xn--mnchen-3ya.example",
    }
    assert modes == [0o644, 0o644, 0o600]
    assert sorted(path.name for path in (tmp_path / "tls").iterdir()) == [
        "web-ca.pem",
        "web.crt",
        "web.key",
    ]


def test_a_strict_client_that_trusts_the_authority_takes_it(tmp_path):
    files = make(tmp_path, usual_names(), NOW)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=str(files.authority))
    client.verify_flags |= ssl.VERIFY_X509_STRICT

    assert handshake(client, server, "graph.microsoft.com")
    assert handshake(client, server, "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(client, server, "evil.example")


def handshake(client, server, name):
    """Let two contexts talk without a socket; True when they agree."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=name),
        server.wrap_bio(up, down, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return bool(ends[0].getpeercert())


@pytest.mark.parametrize("there", ["web-ca.pem", "web.crt", "web.key"])
def test_a_file_that_is_there_is_not_replaced(tmp_path, there):
    (tmp_path / there).write_text("mine")

    with pytest.raises(InvalidRequest, match=there):
        make(tmp_path, ["localhost"], NOW)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {there: "mine"}


@pytest.mark.parametrize("name", ["", "ä" * 70, "a b", "-x", "a..b", "*"])
def test_what_cannot_be_a_host_is_refused(tmp_path, name):
    with pytest.raises(InvalidRequest, match="cannot be the name of a host"):
        make(tmp_path, [name], NOW)
