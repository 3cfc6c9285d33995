"""The contracts of every server of the lab and of every place for a story."""

from __future__ import annotations

import time

import pytest

from connector.errors import LabUnusable
from connector.lab.records import USERS, user, user_dn
from connector.values.ldif import delete, replace

PATIENCE = 120.0
ANN, BOB = user("ann", "Ann"), user("bob", "Bob")


class ServerContract:
    """A subclass gives the fixture ``server``: a server that is created, and removed afterwards."""

    def people(self, server) -> list[str]:
        found = server.search("(objectClass=onPremRecipient)", "uid")
        return sorted(line[5:] for line in found.splitlines() if line.startswith("uid: "))

    def test_it_begins_with_units_and_nobody_in_them(self, server):
        assert server.is_running()
        assert f"dn: {USERS}\n" in server.search("(ou=users)", "1.1")
        assert self.people(server) == []

    def test_entries_are_loaded_while_it_runs_and_while_it_does_not(self, server):
        server.load([ANN])
        server.stop()
        server.load([BOB])
        server.start()

        assert self.people(server) == ["ann", "bob"]

    def test_changes_are_applied(self, server):
        server.apply(ANN + BOB)

        server.apply(delete(user_dn("ann")) + replace(user_dn("bob"), {"title": "Łead"}))

        assert "title:: xYFlYWQ=\n" in server.search("(uid=bob)", "title")
        assert self.people(server) == ["bob"]

    def test_a_refused_change_names_the_tool_and_the_reason(self, server):
        with pytest.raises(LabUnusable, match=r"ldapmodify failed \(32\).*No such object"):
            server.apply(delete(user_dn("nobody")))

    def test_a_refused_load_names_the_tool(self, server):
        server.stop()

        with pytest.raises(LabUnusable, match=r"(slapd|slapadd) failed"):
            server.load(["nonsense\n\n"])

    def test_starting_twice_starts_once(self, server):
        server.apply(ANN)

        server.start()

        assert self.people(server) == ["ann"]

    def test_created_anew_it_has_forgotten_everything(self, server):
        server.apply(ANN)

        server.create()

        assert self.people(server) == []

    def test_the_way_to_it_is_for_its_owner_alone(self, server):
        access = server.access()

        assert access.url.startswith("ldap://127.0.0.1:")
        assert access.password_file.stat().st_mode & 0o777 == 0o600
        assert access.password_file.read_text().strip()

    def test_removed_it_does_not_run(self, server):
        removed = server.remove()

        assert removed != []
        assert (server.is_running(), server.remove()) == (False, [])


class PlaceContract:
    """A subclass gives the fixture ``place``: a place where no story was played yet."""

    def test_what_the_directory_gets_is_synced(self, place):
        place.directory.load([ANN])
        place.directory.apply(BOB)

        synced = place.connector(["sync"], {})

        assert (synced.code, "success" in synced.out) == (0, True), synced
        assert [each["event"] for each in place.events()].count("object.added") == 2

    def test_a_command_has_a_code_and_two_outputs(self, place):
        done = place.connector(["show", "nobody@contoso.com"], {})

        assert (done.code, done.out) == (2, "")
        assert "nobody@contoso.com" in done.err

    def test_a_file_stands_beside_the_settings_and_is_removed(self, place):
        rule = b'[[rules]]\nname = "Ours"\nfrom = "user"\nprecedence = 1\nflows = [{to = "title", constant = "x"}]\n'
        command = ["rules", "show", "Ours"]

        place.write("rules/ours.toml", rule)
        there, read = (
            place.connector(command, {}),
            place.connector(["rules", "diff", "rules/ours.toml"], {}),
        )
        place.remove("rules/ours.toml")
        gone = place.connector(command, {})

        assert (there.code, read.out, gone.code) == (0, "The rules are the same.\n", 2), (
            there,
            gone,
        )

    def test_settings_reach_the_command_they_are_given_to(self, place):
        line = ["cmdlet", "Get-MsolDirSyncFeatures -Feature DuplicateUPNResiliency"]

        off, on = place.connector(line, {"tenant.resiliency": "false"}), place.connector(line, {})

        assert ("False" in off.out, "True" in on.out) == (True, True), (off, on)

    def test_a_daemon_runs_until_it_is_told_to_stop(self, place):
        place.start_daemon({"schedule.enabled": "false"})
        deadline = time.monotonic() + PATIENCE
        while '"stopped"' in place.connector(["daemon", "status", "--json"], {}).out:
            assert time.monotonic() < deadline, "no daemon came up"

        stopped = place.connector(["daemon", "stop"], {})

        assert stopped.code == 0, stopped
        assert "daemon.stopped" in [each["event"] for each in place.events()]

    def test_mails_are_caught_in_their_order(self, place):
        place.directory.apply(user("ann", "Ann", upn="joe@contoso.com"))
        place.connector(["sync"], {})
        place.directory.apply(user("bob", "Bob", upn="joe@contoso.com"))
        before = place.mails()
        place.connector(["sync"], {"tenant.resiliency": "false"})
        place.connector(["tenant", "report", "--send"], {})

        assert before == []
        assert [mail.subject for mail in place.mails()] == [
            "Identity Synchronization Error Report",
            "Sync errors detected on your Azure AD Connect service",
        ]
        assert "Source Anchor: " in place.mails()[0].body
        assert "/health/sync-errors" in place.mails()[1].body

    def test_a_person_is_led_to_it(self, place):
        lines = place.directions()

        assert any("connector errors" in line for line in lines)
        assert any("ldapmodify" in line for line in lines)
