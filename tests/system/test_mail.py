"""Mail goes over real SMTP: plain, with STARTTLS and a login, and over TLS from the start."""

from __future__ import annotations

import email
import socket
import ssl
from datetime import UTC, datetime
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from connector.errors import MailUndelivered
from connector.report.error_mails import Mail, weekly
from connector.report.mail import send
from connector.settings import MailSettings
from tests.ports import free_port
from tests.system.certificates import authority, server_files

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MAIL = weekly(
    errors=1, domain="contoso.onmicrosoft.com", link="http://localhost/health/sync-errors"
)
TO = ("admin@contoso.com", "José <jose@contoso.com>")


class Mailbox:
    """Keeps the envelopes and logins that the server accepted."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.logins: list[Any] = []
        self.encrypted: list[Any] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd's name
        self.envelopes.append(envelope)
        self.encrypted.append(
            session.ssl is not None or bool(server.transport.get_extra_info("ssl_object"))
        )
        return "250 kept"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append(data)
        return AuthResult(success=data == LoginPassword(b"connector", b"s3cret"), handled=False)

    def message(self):
        [envelope] = self.envelopes
        return email.message_from_bytes(envelope.content, policy=default)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    return server_files(folder, authority(folder), "DNS:localhost,IP:127.0.0.1")


@pytest.fixture
def tls(certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    return context


@pytest.fixture
def trusted(certificates, monkeypatch):
    """Let the certificates of the system be those of the test's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca))


@pytest.fixture
def serve(request):
    """Start a mail server; return its mailbox and the settings that reach it."""

    def serve(*, settings=None, **options):
        mailbox = Mailbox()
        port = free_port()
        if options.get("auth_required"):
            options["authenticator"] = mailbox.authenticate
        controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        request.addfinalizer(controller.stop)
        reach = {
            "host": "localhost",
            "port": port,
            "from": "Connector <sync@contoso.com>",
            "to": TO,
        }
        return mailbox, MailSettings.model_validate({**reach, **(settings or {})})

    return serve


@pytest.fixture
def password_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    return file


def test_a_mail_arrives_as_it_was_written(serve, tmp_path):
    mailbox, settings = serve()

    place = send(MAIL, settings, tmp_path, MONDAY)

    message = mailbox.message()
    assert place == f"localhost:{settings.port}"
    assert message["Subject"] == "Sync errors detected on your Azure AD Connect service"
    assert message["From"] == "Connector <sync@contoso.com>"
    assert [address.addr_spec for address in message["To"].addresses] == [
        "admin@contoso.com",
        "jose@contoso.com",
    ]
    assert message["Date"].datetime == MONDAY
    assert message["Message-ID"].endswith("@contoso.com>")
    assert message.get_content().replace("\r\n", "\n") == MAIL.body
    assert mailbox.envelopes[0].rcpt_tos == ["admin@contoso.com", "jose@contoso.com"]


def test_a_mail_in_any_language_passes_a_server_that_takes_seven_bits(serve, tmp_path):
    mailbox, settings = serve()
    body = "ß ı é 漢字 " * 40 + "\n.\nDot above.\n"

    send(Mail("Fehler: ß 漢", body), settings, tmp_path, MONDAY)

    content = mailbox.envelopes[0].content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert mailbox.message()["Subject"] == "Fehler: ß 漢"
    assert mailbox.message().get_content().replace("\r\n", "\n") == body


def test_starttls_and_a_login(serve, tls, trusted, password_file, tmp_path):
    mailbox, settings = serve(
        tls_context=tls,
        require_starttls=True,
        auth_required=True,
        settings={"tls": "starttls", "user": "connector", "password_file": password_file},
    )

    send(MAIL, settings, tmp_path, MONDAY)

    assert mailbox.logins[-1] == LoginPassword(b"connector", b"s3cret")
    assert mailbox.encrypted == [True]


def test_tls_from_the_start(serve, tls, trusted, tmp_path):
    mailbox, settings = serve(ssl_context=tls, settings={"tls": "smtps"})

    send(MAIL, settings, tmp_path, MONDAY)

    assert mailbox.encrypted == [True]


@pytest.mark.parametrize("mode", ["starttls", "smtps"])
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(serve, tls, tmp_path, mode):
    options = {"tls_context": tls} if mode == "starttls" else {"ssl_context": tls}
    mailbox, settings = serve(settings={"tls": mode}, **options)

    with pytest.raises(MailUndelivered, match="certificate verify failed"):
        send(MAIL, settings, tmp_path, MONDAY)

    assert mailbox.envelopes == []


def test_a_certificate_of_another_host_gets_no_mail(serve, tls, trusted, tmp_path, monkeypatch):
    mailbox, settings = serve(tls_context=tls, settings={"tls": "starttls"})
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)
    )

    with pytest.raises(MailUndelivered, match="mail\\.contoso\\.com"):
        send(MAIL, settings.model_copy(update={"host": "mail.contoso.com"}), tmp_path, MONDAY)

    assert mailbox.envelopes == []


def test_a_server_without_starttls_gets_neither_mail_nor_password(serve, password_file, tmp_path):
    mailbox, settings = serve(
        settings={"tls": "starttls", "user": "connector", "password_file": password_file}
    )

    with pytest.raises(MailUndelivered, match="STARTTLS"):
        send(MAIL, settings, tmp_path, MONDAY)

    assert (mailbox.envelopes, mailbox.logins) == ([], [])


def test_a_refused_login_is_told_without_the_password(serve, tls, trusted, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("wr0ng")
    _, settings = serve(
        tls_context=tls,
        auth_required=True,
        settings={"tls": "starttls", "user": "connector", "password_file": wrong},
    )

    with pytest.raises(MailUndelivered, match="535") as refused:
        send(MAIL, settings, tmp_path, MONDAY)

    assert "wr0ng" not in str(refused.value)


def test_a_server_that_is_not_there_is_an_error(tmp_path):
    settings = MailSettings.model_validate({"host": "127.0.0.1", "port": 9, "to": TO})

    with pytest.raises(MailUndelivered, match="127\\.0\\.0\\.1:9"):
        send(MAIL, settings, tmp_path, MONDAY)


@pytest.mark.parametrize(
    "hostile",
    [
        {"from": "a@b.example\r\nBcc: eve@evil.example"},
        {"to": ["a@b.example\nBcc: eve@evil.example"]},
    ],
)
def test_a_line_break_in_an_address_sends_nothing(serve, tmp_path, hostile):
    mailbox, settings = serve(settings=hostile)

    with pytest.raises(MailUndelivered):
        send(MAIL, settings, tmp_path, MONDAY)

    assert mailbox.envelopes == []


def test_without_a_server_mails_are_files_that_nobody_else_reads(tmp_path):
    settings = MailSettings.model_validate({"to": TO})

    places = [send(MAIL, settings, tmp_path, MONDAY) for _ in range(3)]

    folder = tmp_path / "mail"
    assert places == [
        str(folder / name)
        for name in ("20261123T080000Z.eml", "20261123T080000Z-2.eml", "20261123T080000Z-3.eml")
    ]
    assert sorted(map(str, folder.iterdir())) == sorted(places)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    with (folder / "20261123T080000Z.eml").open("rb") as file:
        message = email.message_from_binary_file(file, policy=default)
    assert message["Subject"] == MAIL.subject
    assert message.get_content().replace("\r\n", "\n") == MAIL.body
