"""``connector init`` writes settings, or all files of a service, and never over an operator's own."""

from __future__ import annotations

import stat
import sys
import tomllib

import pytest

from connector import resources
from connector.cli import layout
from connector.settings import load
from tests.fakes import MemoryDirectory

FILES = {
    "etc/connector/connector.toml": 0o640,
    "etc/connector/directory-password": 0o640,
    "etc/connector/mail-password": 0o640,
    "etc/connector/web-password": 0o640,
    "etc/systemd/system/connector.service": 0o644,
    "etc/sysusers.d/connector.conf": 0o644,
    "etc/tmpfiles.d/connector.conf": 0o644,
    "etc/logrotate.d/connector": 0o644,
    "usr/local/share/man/man1/connector.1": 0o644,
}


def modes(folder):
    """The files below a folder, with their modes."""
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def installed(connector, tmp_path):
    root = tmp_path / "root"
    assert connector("init", "--systemd", "--root", str(root)).code == 0
    return root


def test_the_written_file_loads_and_is_private(connector, tmp_path):
    written = tmp_path / "new.toml"

    done = connector("init", str(written))

    assert done.code == 0
    assert f"connector --config {written} check" in done.out
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert load(written, {}).directory.base_dn == "dc=contoso,dc=com"


def test_a_file_is_not_overwritten_unless_told_to(connector, tmp_path):
    there = tmp_path / "there.toml"
    there.write_text("mine")
    there.chmod(0o644)

    refused = connector("init", str(there))
    kept = there.read_text()
    forced = connector("init", str(there), "--force")

    assert (refused.code, kept, forced.code) == (2, "mine", 0)
    assert "--force overwrites it" in refused.err
    assert stat.S_IMODE(there.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_named(connector, tmp_path):
    done = connector("init", str(tmp_path / "missing" / "connector.toml"))

    assert done.code == 2
    assert "No such file or directory" in done.err


def test_a_dry_run_writes_nothing(connector, tmp_path):
    path, root = tmp_path / "new.toml", tmp_path / "root"

    settings = connector("init", str(path), "--dry-run")
    service = connector("init", "--systemd", "--root", str(root), "--dry-run")

    assert settings.out == f"Would write {path}.\n"
    assert service.out.splitlines()[: len(FILES)] == [
        f"Would write {root / name}" for name in FILES
    ]
    assert not path.exists()
    assert not root.exists()


def test_a_service_has_its_files_in_the_usual_places(installed):
    assert modes(installed) == FILES


def test_the_settings_of_a_service_log_to_the_file_that_is_rotated(installed):
    settings = load(installed / "etc/connector/connector.toml", {})
    rotated = (installed / "etc/logrotate.d/connector").read_text()

    assert str(settings.storage.path) == "/var/lib/connector"
    assert str(settings.log.file) == "/var/log/connector/connector.log"
    assert f"{settings.log.file} {{" in rotated


def test_the_unit_starts_the_connector_that_wrote_it(installed):
    unit = (installed / "etc/systemd/system/connector.service").read_text()
    here = f"{sys.executable} -m connector --config /etc/connector/connector.toml"

    assert f"\nExecStart={here} run\n" in unit
    assert f"\nExecReload={here} daemon reload\n" in unit
    assert "/usr/bin/connector" not in unit


def test_a_program_with_an_odd_path_is_written_as_systemd_reads_it():
    unit = {file.path: file.text for file in layout.files(["/opt/a b/50%/$x/connector"], "")}

    assert '\nExecStart="/opt/a b/50%%/$$x/connector" --config' in unit[layout.UNIT]


def test_another_installation_changes_nothing(connector, installed):
    before = modes(installed)

    done = connector("init", "--systemd", "--root", str(installed), "--force")

    verbs = [line.split()[0] for line in done.out.splitlines()[: len(FILES)]]
    assert verbs == ["Kept"] * 4 + ["Unchanged:"] * 5
    assert modes(installed) == before


def test_what_the_operator_wrote_is_never_written_over(connector, installed):
    mine = {installed / name: f"mine: {name}" for name in FILES}
    for path, text in mine.items():
        path.write_text(text)

    kept = connector("init", "--systemd", "--root", str(installed))
    after = {path: path.read_text() for path in mine}
    connector("init", "--systemd", "--root", str(installed), "--force")
    forced = [
        path.relative_to(installed).parts[1] for path in mine if path.read_text() != mine[path]
    ]

    assert kept.out.count("which differs: --force renews it") == 5
    assert after == mine
    assert forced == ["systemd", "sysusers.d", "tmpfiles.d", "logrotate.d", "local"]


def test_without_root_it_says_what_can_be_done(connector, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    done = connector("init", "--systemd")

    assert done.code == 2
    assert "run it as root, or put the files elsewhere with --root DIR" in done.err


def test_root_alone_means_nothing(connector):
    assert "--root goes with --systemd" in connector("init", "--root", "x").err


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["/opt/connector/bin/connector", "/usr"], []),
        (["/home/ann", "/usr"], ["/home/ann"]),
        (["/homes/venv", "/root", "/run/user/1"], ["/root", "/run/user/1"]),
    ],
)
def test_a_program_that_the_service_could_not_see_is_found(paths, found):
    assert layout.hidden(paths) == found


def test_a_machine_without_systemd_is_told_so(connector, monkeypatch, tmp_path):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("connector.cli.init._install_file", lambda *_, **__: "")

    done = connector("init", "--systemd")

    assert done.code == 2
    assert "systemd-sysusers" in done.err
    assert "--root DIR" in done.err


def test_the_user_of_the_unit_is_the_one_that_is_made():
    unit = resources.compose("connector.service").read_text()
    user = resources.compose("connector.sysusers").read_text().splitlines()[-1].split()[1]

    assert f"\nUser={user}\n" in unit


def proposed(file, *names):
    """The settings of a written file as it is, by name."""
    tables = tomllib.loads(file.read_text())
    return {
        name: tables[section][key]
        for name in names
        for section, _, key in [name.partition(".")]
        if key in tables[section]
    }


DOMAINS = ("directory.base_dn", "tenant.initial_domain", "tenant.verified_domains")


def test_the_domain_of_the_base_is_proposed(connector, tmp_path):
    done = connector("init", str(tmp_path / "new.toml"), "--base-dn", "ou=staff,dc=fabrikam,dc=com")

    assert done.out.splitlines()[1] == "verified_domains has fabrikam.com, the domain of base_dn."
    assert proposed(tmp_path / "new.toml", *DOMAINS) == {
        "directory.base_dn": "ou=staff,dc=fabrikam,dc=com",
        "tenant.initial_domain": "fabrikam.onmicrosoft.com",
        "tenant.verified_domains": ["fabrikam.com"],
    }


@pytest.mark.parametrize("base", ["o=contoso", "dc=contoso,dc=local", "dc=contoso"])
def test_a_base_without_a_domain_that_can_be_verified_proposes_none(connector, tmp_path, base):
    connector("init", str(tmp_path / "new.toml"), "--base-dn", base)

    assert proposed(tmp_path / "new.toml", *DOMAINS) == {
        "directory.base_dn": base,
        "tenant.initial_domain": "contoso.onmicrosoft.com",
    }


def test_the_domains_of_the_users_are_proposed(connector, tmp_path, monkeypatch):
    directory = MemoryDirectory()
    directory.user("ann", "ann@Fabrikam.com", mail="ann@mail.contoso.com")
    directory.user("bob", "bob@fabrikam.com")
    directory.user("cid", "cid@contoso.local")
    directory.user("dan", "dan@contoso.onmicrosoft.com")
    monkeypatch.setattr("connector.directory.open_directory", lambda _, **__: directory)
    base = "dc=contoso,dc=com"

    done = connector(
        "init", str(tmp_path / "new.toml"), "--url", "ldap://localhost", "--base-dn", base
    )

    assert done.out.splitlines()[1:-2] == [
        "verified_domains has fabrikam.com: the UPNs of 2 users.",
        "verified_domains has mail.contoso.com: the mail of 1 user.",
        "verified_domains has contoso.com: the domain of base_dn.",
        (
            "Not in verified_domains: contoso.local: the UPNs of 1 user; "
            "no real tenant can verify it."
        ),
    ]
    assert proposed(tmp_path / "new.toml", "directory.url", "tenant.verified_domains") == {
        "directory.url": "ldap://localhost",
        "tenant.verified_domains": ["fabrikam.com", "mail.contoso.com", "contoso.com"],
    }


def test_a_directory_that_does_not_answer_is_a_warning(connector, tmp_path):
    done = connector("init", str(tmp_path / "new.toml"), "--url", "ldap://127.0.0.1:1")

    assert done.code == 0
    assert done.out.splitlines()[1].startswith("Warning: cannot connect to ldap://127.0.0.1:1")
    assert proposed(tmp_path / "new.toml", "tenant.verified_domains") == {
        "tenant.verified_domains": ["contoso.com"]
    }


def test_a_url_that_cannot_be_used_writes_nothing(connector, tmp_path):
    done = connector("init", str(tmp_path / "new.toml"), "--url", "http://localhost")

    assert done.code == 2
    assert "directory.url" in done.err
    assert not (tmp_path / "new.toml").exists()
