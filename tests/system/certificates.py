"""Make a certificate authority and server certificates with openssl."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from connector.lab.slapd import TlsFiles

if TYPE_CHECKING:
    from pathlib import Path

_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def authority(folder: Path) -> Path:
    """Return the certificate of a new authority; its key lies beside it."""
    ca = folder / "ca.pem"
    _openssl(
        "req", "-x509", *_NEW_KEY, "-days", "2", "-subj", "/CN=Lab CA",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout", str(folder / "ca.key"), "-out", str(ca),
    )  # fmt: skip
    return ca


def server_files(folder: Path, ca: Path, names: str, *, days: int = 2) -> TlsFiles:
    """Return a server's files for ``names``, such as ``DNS:localhost,IP:127.0.0.1``.

    With -1 for ``days`` the certificate has expired yesterday.
    """
    stem = folder / f"{names.replace(':', '-').replace(',', '_')}_{days}"
    key, request, certificate = (stem.with_suffix(end) for end in (".key", ".csr", ".pem"))
    extensions = stem.with_suffix(".ext")
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    _openssl("req", *_NEW_KEY, "-subj", "/CN=directory", "-keyout", str(key), "-out", str(request))
    _openssl(
        "x509", "-req", "-in", str(request), "-CA", str(ca), "-CAkey", str(ca.with_suffix(".key")),
        "-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(certificate),
    )  # fmt: skip
    return TlsFiles(ca=ca, certificate=certificate, key=key)


def future_files(folder: Path, ca: Path, names: str) -> TlsFiles:
    """Return a server's files for ``names`` that will be valid from 2099 on."""
    key, request, certificate = (folder / f"future.{end}" for end in ("key", "csr", "pem"))
    (folder / "index.txt").touch()
    configuration = folder / "future.cnf"
    configuration.write_text(
        f"[ca]\ndatabase={folder}/index.txt\nnew_certs_dir={folder}\ndefault_md=sha256\n"
        "policy=any\nrand_serial=yes\n[any]\ncommonName=supplied\n"
        f"[server]\nsubjectAltName={names}\n"
    )
    _openssl("req", *_NEW_KEY, "-subj", "/CN=directory", "-keyout", str(key), "-out", str(request))
    _openssl(
        "ca", "-batch", "-notext", "-config", str(configuration), "-name", "ca", "-extensions", "server",
        "-cert", str(ca), "-keyfile", str(ca.with_suffix(".key")), "-in", str(request),
        "-startdate", "20990101000000Z", "-enddate", "21000101000000Z", "-out", str(certificate),
    )  # fmt: skip
    return TlsFiles(ca=ca, certificate=certificate, key=key)


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
