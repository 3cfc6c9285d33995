"""TLS that is always verified: the certificate's chain, its dates and its name."""

from __future__ import annotations

import ssl
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.errors import DirectoryUnavailable
from connector.values.moments import to_second

if TYPE_CHECKING:
    import socket
    from pathlib import Path

# What OpenSSL calls X509_V_ERR_CERT_HAS_EXPIRED and X509_V_ERR_CERT_NOT_YET_VALID.
_EXPIRED, _NOT_YET_VALID = 10, 9


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
        wrapped = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        with ExitStack() as stack:
            stack.callback(wrapped.close)
            _shake_hands(wrapped)
            stack.pop_all()
    except (OSError, ValueError) as error:
        raise DirectoryUnavailable(
            f"the TLS handshake failed ({_reason(error)}). "
            "Check that the port speaks TLS, or set directory.tls to what the server offers."
        ) from None
    return wrapped


def _shake_hands(sock: ssl.SSLSocket) -> None:
    try:
        sock.do_handshake()
    except ssl.SSLCertVerificationError as error:
        raise DirectoryUnavailable(_refused(error, sock)) from None


def _refused(error: ssl.SSLCertVerificationError, sock: ssl.SSLSocket) -> str:
    """Say what is wrong with the server's certificate, and who has to do what about it."""
    if error.verify_code == _EXPIRED:
        return (
            f"its certificate, or that of the authority that signed it, has expired{_at(sock, 'notAfter')}. "
            "Renew it on the server. If it is the authority's, renew that, and directory.ca_file."
        )
    if error.verify_code == _NOT_YET_VALID:
        return (
            "its certificate, or that of the authority that signed it, is not yet valid"
            f"{_at(sock, 'notBefore')}. Check the clock of this machine; else wait, or have it made anew."
        )
    step = (
        "Use a name in directory.url that the certificate carries."
        if "match" in error.verify_message
        else "Set directory.ca_file to the certificate of the authority that signed it."
    )
    return f"its certificate is not accepted: {error.verify_message}. {step}"


def _at(sock: ssl.SSLSocket, end: str) -> str:
    """Return since, or until, when a certificate of the server is out of its dates, as in " (on ...)".

    Python shows the certificates of a handshake that failed to nobody but itself before 3.13, so it may
    be that nothing is known.
    """
    try:
        shown = sock._sslobj.get_unverified_chain() or ()  # type: ignore[attr-defined] # noqa: SLF001
        moments = [ssl.cert_time_to_seconds(one.get_info()[end]) for one in shown]
    except (AttributeError, KeyError, TypeError, ValueError):
        return ""
    if not moments:
        return ""
    moment = min(moments) if end == "notAfter" else max(moments)
    outside = moment < time.time() if end == "notAfter" else moment > time.time()
    if not outside:
        return ""
    word = "on" if end == "notAfter" else "before"
    return f" ({word} {to_second(datetime.fromtimestamp(moment, UTC))})"


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
