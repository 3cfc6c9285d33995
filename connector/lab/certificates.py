"""Make a certificate authority and a server's certificate with openssl, if it is installed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from connector.errors import LabUnusable
from connector.lab.configuration import TlsFiles

if TYPE_CHECKING:
    from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
# Long enough that nobody has to renew the certificates of a lab.
_DAYS = "3650"


def tls_files(folder: Path, *, names: str = "DNS:localhost,IP:127.0.0.1") -> TlsFiles | None:
    """Return the TLS files of a local server, made on first use; None without openssl.

    ``names`` are those by which clients call the server.

    They are made once, so that a client that trusts the authority can go on doing so.
    """
    files = TlsFiles(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    if all(file.exists() for file in (files.ca, files.certificate, files.key)):
        return files
    if shutil.which("openssl") is None:
        return None
    folder.mkdir(mode=0o700, exist_ok=True)
    authority, request, extensions = (folder / f"{name}" for name in ("ca.key", "request", "names"))
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    _openssl(
        "req", "-x509", *_NEW_KEY, "-days", _DAYS, "-subj", "/CN=Authority of the lab",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout", authority, "-out", files.ca,
    )  # fmt: skip
    _openssl("req", *_NEW_KEY, "-subj", "/CN=localhost", "-keyout", files.key, "-out", request)
    _openssl(
        "x509", "-req", "-in", request, "-CA", files.ca, "-CAkey", authority, "-CAcreateserial",
        "-days", _DAYS, "-extfile", extensions, "-out", files.certificate,
    )  # fmt: skip
    files.key.chmod(0o600)
    return files


def _openssl(*arguments: str | Path) -> None:
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, process_group=0, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise LabUnusable(f"openssl could not make the lab's certificates: {said}")
