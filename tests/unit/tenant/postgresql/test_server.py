"""A server is named without a password, and reached over the network only where it proves who it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import InvalidSettings
from connector.tenant.postgresql.server import server_at


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql:///tenant", None),
        ("postgresql://me@/tenant?host=/run/postgresql", None),
        ("postgresql://me@127.0.0.1/tenant", None),
        ("postgresql://me@[::1]/tenant", None),
        ("postgresql://localhost/tenant", None),
        ("postgresql://db.contoso.com/tenant", "verify-full"),
        ("postgresql://db.contoso.com/tenant?sslmode=verify-full", "verify-full"),
        ("postgresql://localhost,db.contoso.com/tenant", "verify-full"),
        ("postgresql://db.contoso.com/tenant?hostaddr=127.0.0.1", "verify-full"),
        ("postgresql:///tenant?hostaddr=192.0.2.1", "verify-full"),
        ("postgresql://localhost/tenant?hostaddr=192.0.2.1", "verify-full"),
    ],
)
def test_a_server_elsewhere_has_to_prove_who_it_is(url: str, mode: str | None) -> None:
    assert server_at(url).parameters.get("sslmode") == mode


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR"])
def test_a_server_that_a_variable_names_has_to_prove_it_too(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "192.0.2.1")

    assert server_at("postgresql:///tenant").parameters["sslmode"] == "verify-full"
    assert server_at("postgresql://localhost/tenant").parameters.get("sslmode") is None


def test_a_server_that_is_written_somewhere_else_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="write its host in the URL"):
        server_at("postgresql:///tenant?service=db")


def test_the_authorities_of_this_machine_are_trusted_unless_the_url_names_one() -> None:
    url = "postgresql://db.contoso.com/tenant"
    usual = server_at(url).parameters["sslrootcert"]

    assert usual == "system" or Path(usual).exists()
    assert server_at(f"{url}?sslrootcert=/own.pem").parameters["sslrootcert"] == "/own.pem"


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_what_proves_less_is_refused(mode: str) -> None:
    with pytest.raises(InvalidSettings, match=f"sslmode={mode} does not prove"):
        server_at(f"postgresql://me:secret@db.contoso.com/tenant?sslmode={mode}")


def test_a_password_is_in_no_name() -> None:
    server = server_at("postgresql://me:secret@a.contoso.com:5433,b.contoso.com/tenant")

    assert server.name == "postgresql://me@a.contoso.com:5433,b.contoso.com/tenant"
    assert "secret" not in repr(server)


def test_of_several_hosts_the_one_is_taken_that_can_be_written_to() -> None:
    several = server_at("postgresql://a.contoso.com,b.contoso.com/tenant")

    assert several.parameters["target_session_attrs"] == "read-write"


def test_a_mistake_repeats_no_password() -> None:
    with pytest.raises(InvalidSettings) as caught:
        server_at("postgresql://me:secret@host:port:/tenant?nonsense=1")

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_password_of_a_file_is_taken() -> None:
    assert server_at("postgresql://me@localhost/t", "secret").parameters["password"] == "secret"
