"""TLS that is always verified: the certificate's chain, its dates and its name."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from connector.errors import DirectoryUnavailable

if TYPE_CHECKING:
    import socket
    from pathlib import Path


def secured(sock: socket.socket, host: str, ca_file: Path | None) -> ssl.SSLSocket:
    """Do the handshake and check the certificate against ``host``, a name or an IP address.

    ldap3 would compare the names itself, and fails on IP addresses from Python 3.12 on. OpenSSL
    compares both, and sends a host name as SNI. Raises DirectoryUnavailable.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise DirectoryUnavailable(
            f"the CA file {ca_file} cannot be used ({_reason(error)}). Check directory.ca_file."
        ) from None
    # Python 3.13 also asks for extensions that many private authorities leave out.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        step = (
            "Use a name in directory.url that the certificate carries."
            if "match" in error.verify_message
            else "Set directory.ca_file to the certificate of the authority that signed it."
        )
        raise DirectoryUnavailable(
            f"its certificate is not accepted: {error.verify_message}. {step}"
        ) from None
    except (OSError, ValueError) as error:
        raise DirectoryUnavailable(
            f"the TLS handshake failed ({_reason(error)}). "
            "Check that the port speaks TLS, or set directory.tls to what the server offers."
        ) from None


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
