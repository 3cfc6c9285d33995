"""Make a private authority and a server's certificate, for a lab whose clients want https."""

from __future__ import annotations

import datetime as dt
import os
import re
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from connector.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

GRAPH = ("graph.microsoft.com", "login.microsoftonline.com")
"""The names under which clients reach it that come through a proxy in the place of Microsoft's hosts."""

_DAYS = 3650
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PUBLIC, _PRIVATE = 0o644, 0o600


class Files(NamedTuple):
    """The authority's certificate, which clients trust, and the server's with its key."""

    authority: Path
    certificate: Path
    key: Path


def usual_names() -> list[str]:
    """Return the names and addresses by which a lab's clients call the server."""
    return list(dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), *GRAPH]))


def make(folder: Path, names: Iterable[str], now: dt.datetime) -> Files:
    """Write the three files; the authority's own key is kept nowhere, so that it signs nothing else.

    Raises InvalidRequest for a name that cannot be one, and where one of the files is there already; OSError
    where they cannot be written.
    """
    files = Files(folder / "web-ca.pem", folder / "web.crt", folder / "web.key")
    for file in files:
        if file.exists():
            raise InvalidRequest(
                f"{file} is there already, and clients may trust it. Move it away, or name another folder: "
                "--folder"
            )
    alternatives = [_alternative(name) for name in dict.fromkeys(names)]
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "connector's own authority")])
    ca = (
        _certificate(authority, authority, root, root, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(root, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "connector web")])
    certificate = (
        _certificate(subject, authority, key, root, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(root, hashes.SHA256())
    )
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(files.key, private, _PRIVATE)
    _write(files.certificate, certificate.public_bytes(Encoding.PEM), _PUBLIC)
    _write(files.authority, ca.public_bytes(Encoding.PEM), _PUBLIC)
    return files


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.CertificateBuilder:
    """Begin a certificate; one day in the past, because clocks differ."""
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signing = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(own, critical=False)
        .add_extension(signing, critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name.strip("[]")))
    except ValueError:
        pass
    try:
        plain = name.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if not _HOST.fullmatch(plain):
        raise InvalidRequest(f"{name!r} cannot be the name of a host.")
    return x509.DNSName(plain)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a new file with this mode, whatever the umask; raises FileExistsError where there is one."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)
        stream.write(content)
