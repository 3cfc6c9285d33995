from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import LabUnusable
from connector.lab import contoso, seeding
from connector.lab.seeding import Seeded, is_seeded, seed, seed_big
from connector.lab.seeds import SEEDS
from connector.lab.server import DirectoryAccess, LabServer
from connector.values.ldif import dn_of


class Loaded(LabServer):
    """A server that keeps its entries by name, as slapd spells them, and the calls to it."""

    def __init__(self, *records: str) -> None:
        self.names = [dn_of(record) for record in records]
        self.done: list[str] = []

    def search(self, filter_, *attributes) -> str:
        return "".join(f"dn: {name}\n\n" for name in self.names)

    def load(self, ldif) -> None:
        self.names += [dn_of(record) for record in ldif]
        self.done.append("load")

    def apply(self, ldif) -> None:
        self.done.append("apply")

    def start(self) -> None:
        self.done.append("start")

    def stop(self) -> None:
        self.done.append("stop")

    def is_running(self) -> bool:
        return True

    def create(self) -> None:
        self.done.append("create")

    def remove(self) -> list[str]:
        self.done.append("remove")
        return []

    def access(self) -> DirectoryAccess:
        return DirectoryAccess("ldap://memory", "", Path("password"))

    def description(self) -> str:
        return "a server in memory"

    def change_command(self) -> str:
        return ""

    def mail_command(self) -> None:
        return None


class Watched:
    def __init__(self) -> None:
        self.told: list[int | str | None] = []

    def begin(self, name, total=None) -> None:
        self.told.append(total)

    def advance(self, count) -> None:
        self.told.append(count)

    def end(self) -> None:
        self.told.append("end")


@pytest.fixture
def server():
    """The organizational units, and contoso in them."""
    return Loaded(*contoso.base(), *contoso.contoso())


def test_a_seed_is_added_to_a_server_that_goes_on_running():
    server = Loaded(*contoso.base())

    seeded = seed(server, "contoso")

    assert seeded == Seeded(added=305, there=0)
    assert server.done == ["load"]


def test_what_is_there_already_is_left_alone(server):
    assert seed(server, "contoso") == Seeded(added=0, there=305)
    assert server.done == []


def test_a_seed_that_was_interrupted_is_completed(server):
    server.names = server.names[:100]

    seeded = seed(server, "contoso")

    assert seeded.added + seeded.there == 305
    assert is_seeded(server, "contoso")


def test_names_are_compared_as_the_directory_compares_them(server):
    server.names = [name.replace("\\,", "\\2C").replace("ou=", "OU=") for name in server.names]

    assert seed(server, "contoso").added == 0


@pytest.mark.parametrize("name", ["conflicts", "resolve"])
def test_conflicts_and_their_resolution_want_contoso(name):
    with pytest.raises(LabUnusable, match=rf"{name} builds on .*connector lab seed contoso"):
        seed(Loaded(*contoso.base()), name)


def test_conflicts_are_added_to_contoso(server):
    assert seed(server, "conflicts") == Seeded(len(list(SEEDS["conflicts"]())), 0)
    assert seed(server, "conflicts") == Seeded(0, len(list(SEEDS["conflicts"]())))


def test_a_resolution_is_changes_not_entries(server):
    assert seed(server, "resolve") == Seeded(2, 0)
    assert server.done == ["apply"]


def test_much_is_loaded_into_a_server_that_is_stopped_meanwhile():
    server = Loaded(*contoso.base())

    seeded = seed_big(server, 3000)

    assert seeded == Seeded(added=3000, there=4)
    assert server.done == ["stop", "load", "start"]


def test_the_server_starts_again_when_a_load_fails(monkeypatch):
    def refuse(ldif):
        raise LabUnusable("slapadd failed")

    server = Loaded(*contoso.base())
    monkeypatch.setattr(server, "load", refuse)

    with pytest.raises(LabUnusable, match="slapadd failed"):
        seed_big(server, 3000)

    assert server.done == ["stop", "start"]


def test_a_load_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(seeding, "_A_STEP", 400)
    watched = Watched()

    seed_big(Loaded(*contoso.base()), 1000, progress=watched)

    assert watched.told == [1000, 400, 400, "end"]
