"""What every tenant promises to a sync client, wherever it is: ``ports.Tenant``.

A subclass gives the fixture ``clients``: a function that returns a tenant as one more client sees it.
"""

from __future__ import annotations

import pytest

from connector.model import SyncCode
from connector.values.canonical import canonical
from tests.unit.tenant.verbs import contact, delete, group, led, members, user


class TenantContract:
    """The promises, each from the outside."""

    @pytest.fixture
    def tenant(self, clients):
        return clients("one")

    def test_results_come_in_the_order_of_the_objects(self, tenant):
        objects = [user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com"), group("staff")]

        results = tenant.export("one", objects)

        assert [one.source_anchor for one in results] == ["ann", "bob", "staff"]
        assert [len(one.quarantined) for one in results] == [0, 1, 0]

    @pytest.mark.parametrize("length", [600, 5000])
    def test_a_source_anchor_that_is_too_long_fails_alone(self, tenant, length):
        objects = [user("a" * length, "ann@contoso.com"), user("bob")]
        batch = f"2026-01-01T00:00:00Z/{'a' * length}"

        results = tenant.export(batch, objects)

        assert [one.code for one in results] == [
            SyncCode.EXCEEDED_ALLOWED_LENGTH,
            SyncCode.SUCCESS,
        ]
        assert tenant.results(batch) == results

    def test_a_batch_that_is_sent_again_changes_nothing_and_answers_the_same(self, tenant):
        objects = [user("ann", "joe@contoso.com"), user("bob", "joe@contoso.com")]
        first = tenant.export("one", objects)
        position = tenant.position()

        assert tenant.export("one", objects) == first
        assert (tenant.results("one"), tenant.position()) == (first, position)

    def test_the_last_two_batches_of_each_client_are_remembered(self, clients):
        one, two = clients("one"), clients("two")
        sent = [one.export(name, [user(name)]) for name in ("first", "second", "third")]
        others = two.export("second", [user("other")])

        found = [one.results(name) for name in ("first", "second", "third")]

        assert found == [None, *sent[1:]]
        assert (two.results("second"), two.results("third")) == (others, None)

    def test_values_are_released_before_they_are_claimed(self, tenant):
        tenant.export("one", [user("ann", "ann@contoso.com"), user("bob", "bob@contoso.com")])

        swapped = tenant.export(
            "two", [user("ann", "bob@contoso.com"), user("bob", "ann@contoso.com")]
        )

        assert [one.quarantined for one in swapped] == [(), ()]

    def test_a_read_back_gives_what_changed_since_its_cookie(self, tenant):
        carla = contact("carla", "SMTP:c@x.org")
        tenant.export("one", [user("ann"), user("bob"), group("staff"), carla])
        tenant.export("two", [members(group("staff"), add=("ann", "bob")), led(carla, "ann")])
        whole, cookie = tenant.read_back(None)
        found = {one.source_anchor: one for one in whole}
        tenant.export("three", [user("ann", jobTitle="Boss"), delete(user("bob"))])

        back, later = tenant.read_back(cookie)

        assert list(found) == ["ann", "bob", "staff", "carla"]
        assert sorted(found["staff"].members or ()) == ["ann", "bob"]
        assert found["carla"].manager == "ann"
        boss = canonical(user("ann", jobTitle="Boss").properties or {})
        assert {one.source_anchor: one.properties for one in back}.items() >= {
            ("ann", boss),
            ("bob", None),
        }
        assert list(tenant.read_back(later)[0]) == []

    def test_a_client_reads_its_own_back_and_is_refused_what_is_not(self, clients):
        one, two = clients("one"), clients("two")
        one.export("one", [user("ann")])

        [refused] = two.export("one", [user("ann")])

        assert refused.code is SyncCode.ANCHOR_OWNED_BY_ANOTHER_CLIENT
        assert [len(list(who.read_back(None)[0])) for who in (one, two)] == [1, 0]

    def test_a_cookie_of_another_tenant_is_refused(self, tenant):
        _, cookie = tenant.read_back(None)
        other = f"{'0' * 32}:{cookie.partition(':')[2]}"

        assert tenant.refusal(cookie) is None
        assert "another one than before" in (tenant.refusal(other) or "")
        with pytest.raises(ValueError, match="another one than before"):
            tenant.read_back(other)

    @pytest.mark.parametrize("version", [str(1 << 63), "9" * 30, "9" * 4000, "-1", "\u0663"])
    def test_a_cookie_with_a_version_that_cannot_be_is_refused(self, tenant, version):
        identity, _, mark = tenant.position().split(":")

        assert tenant.refusal(f"{identity}:{version}:{mark}") is not None

    def test_the_totals_are_kept(self, tenant):
        tenant.finalize_export(exported=2, failed=1)
