"""``connector tenant``: every verb of an administrator, its JSON, its words and its exit code."""

from __future__ import annotations

import pytest

from connector.model import ObjectType, SyncObject, SyncOperation
from connector.settings import load
from connector.settings.models import TENANT_FILE
from connector.tenant.service import open_tenant
from tests.world import World

JOE = ("displayName=Joe", "userPrincipalName=joe@contoso.com")


@pytest.fixture
def connector(connector):
    connector.file.write_text(
        connector.file.read_text().replace(
            "[storage]", 'verified_domains = ["contoso.com"]\nrandom_seed = 1\n[storage]'
        )
    )
    return connector


@pytest.fixture
def tenant(connector):
    """``connector tenant ...``"""
    return lambda *arguments: connector("tenant", *arguments)


def synced(connector, name, upn):
    """Synchronize a user as a cycle would."""
    opened = open_tenant(connector.storage / TENANT_FILE, load(connector.file, {}).tenant)
    properties = {"displayName": name, "userPrincipalName": upn, "accountEnabled": True}
    opened.export(name, [SyncObject(ObjectType.USER, SyncOperation.SET, f"{name}==", properties)])
    opened.close()


# --- features -------------------------------------------------------------------------------------


def test_features_are_listed(tenant):
    found = tenant("features", "--json").json
    lines = tenant("features").out.splitlines()

    assert found["DuplicateUPNResiliency"] is True
    assert found["BlockSoftMatch"] is False
    assert ["BlockSoftMatch", "off"] in [line.split() for line in lines]


def test_a_feature_is_switched_on_and_off(tenant):
    switched = [tenant("features", "BlockSoftMatch", to, "--json").json for to in ("on", "off")]

    assert [found["BlockSoftMatch"] for found in switched] == [True, False]
    assert tenant("features", "--json").json == switched[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("DuplicateUPNResiliency", "off"), "cannot be disabled"),
        (("Nonsense", "on"), "No feature is called 'Nonsense'"),
        (("BlockSoftMatch",), "say whether the feature is to be on or off"),
        (("BlockSoftMatch", "maybe"), "'maybe' is not one of 'on', 'off'"),
    ],
)
def test_a_switch_that_cannot_be_made_says_why(tenant, arguments, message):
    done = tenant("features", *arguments)

    assert done.code == 2
    assert message in done.err


# --- domains --------------------------------------------------------------------------------------


def test_domains_are_added_and_removed(tenant):
    added = tenant("domains", "add", "Wingtip.example", "--federated", "--json").json
    removed = tenant("domains", "remove", "wingtip.example", "--json").json
    listed = tenant("domains", "--json").json

    assert added[-1] == {
        "id": "wingtip.example",
        "isInitial": False,
        "isVerified": True,
        "authenticationType": "Federated",
    }
    assert [domain["id"] for domain in removed] == ["contoso.com", "contoso.onmicrosoft.com"]
    assert removed == listed


def test_domains_are_listed_for_people(tenant):
    assert [line.split() for line in tenant("domains").out.splitlines()] == [
        ["Domain", "Initial", "Sign-in"],
        ["contoso.com", "no", "Managed"],
        ["contoso.onmicrosoft.com", "yes", "Managed"],
    ]


def test_a_verified_domain_gives_a_user_its_upn(connector, tenant):
    connector("status")
    synced(connector, "Ann", "ann@new.example")
    before = connector("show", "Ann==", "--json").json["userPrincipalName"]

    tenant("domains", "add", "new.example")

    assert before == "ann@contoso.onmicrosoft.com"
    assert connector("show", "Ann==", "--json").json["userPrincipalName"] == "ann@new.example"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "no domain"), "'no domain' is not a domain name such as contoso.com"),
        (("remove", "contoso.onmicrosoft.com"), "The initial domain cannot be removed"),
        (("remove", "other.org"), "The tenant has no domain 'other.org'"),
        (("add",), "Missing argument 'DOMAIN'"),
    ],
)
def test_a_domain_that_cannot_be_says_why(tenant, arguments, message):
    done = tenant("domains", *arguments)

    assert done.code == 2
    assert message in done.err


# --- objects --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "pairs", "shown"),
    [
        (
            "user",
            (*JOE, "jobTitle=a=b", "businessPhones=1", "businessPhones=2", "accountEnabled=false"),
            {"jobTitle": "a=b", "businessPhones": ["1", "2"], "accountEnabled": False},
        ),
        (
            "group",
            ("displayName=Desk", "proxyAddresses=SMTP:desk@contoso.com", "securityEnabled=true"),
            {"mail": "desk@contoso.com", "securityEnabled": True},
        ),
        (
            "contact",
            ("displayName=Carla", "mail=carla@contoso.com"),
            {"proxyAddresses": ["SMTP:carla@contoso.com"]},
        ),
    ],
)
def test_an_object_is_added(connector, tenant, kind, pairs, shown):
    added = tenant("add", kind, *pairs, "--json").json

    assert added["objectType"] == kind
    assert {name: added[name] for name in shown} == shown
    assert connector("objects", "--json").json[0]["id"] == added["id"]


def test_an_added_object_is_named_with_its_id_and_address(connector, tenant):
    done = tenant("add", "user", *JOE)

    identity = connector("show", "joe@contoso.com", "--json").json["id"]
    assert done.out == f"Added Joe (user {identity}, joe@contoso.com).\n"


def test_an_administrator_is_never_matched(connector, tenant):
    """docs/sources.md 5.3: "Users with an admin role are never matched"."""
    tenant("add", "user", *JOE, "--admin-role")
    synced(connector, "Joe", "joe@contoso.com")

    assert connector("show", "joe@contoso.com", "--json").json["onPremisesImmutableId"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("user", *JOE, "userPrincipleName=x"),
            "no property 'userPrincipleName' that can be set. Did you mean userPrincipalName?",
        ),
        (("user", *JOE, "jobTitle=a", "jobTitle=b"), "jobTitle takes one value, and 2 were given"),
        (("user", *JOE, "jobTitle"), "'jobTitle' is not KEY=VALUE"),
        (("user", *JOE, "=x"), "'=x' is not KEY=VALUE"),
        (("user", "displayName=Joe"), "A cloud user needs a userPrincipalName"),
        (("group", "displayName=Desk", "--admin-role"), "only users do"),
        (("device", "displayName=X"), "'device' is not one of 'user', 'group', 'contact'"),
        (("user",), "Missing argument 'KEY=VALUE...'"),
        (("user", "displayName=\udcff"), "The value of displayName is no UTF-8 text"),
    ],
)
def test_an_object_that_cannot_be_added_says_why(connector, tenant, arguments, message):
    done = tenant("add", *arguments)

    assert done.code == 2
    assert message in " ".join(done.err.split())
    assert connector("objects", "--json").json == []


def test_an_administrator_role_is_given_and_taken(connector, tenant):
    """docs/sources.md 13.3: without it the user can be matched, and gets it back then."""
    added = tenant("add", "user", *JOE, "--json").json
    named = f"Joe (user {added['id']}, joe@contoso.com).\n"

    given = tenant("set", "joe@contoso.com", "--admin-role")
    synced(connector, "Joe", "joe@contoso.com")
    beside = connector("show", "joe@contoso.com", "--json").json["onPremisesImmutableId"]
    taken = tenant("set", "joe@contoso.com", "--no-admin-role", "jobTitle=Boss")

    assert given.out == f"Gave an administrator role to {named}"
    assert beside is None
    assert taken.out == f"Changed {named}"
    assert connector("show", "joe@contoso.com", "--json").json["jobTitle"] == "Boss"
    assert tenant("set", "joe@contoso.com", "--no-admin-role").out == (
        f"Took the administrator role from {named}"
    )


def test_what_to_set_has_to_be_said(tenant):
    tenant("add", "user", *JOE)

    done = tenant("set", "joe@contoso.com")

    assert done.code == 2
    assert "give KEY=VALUE, --admin-role or --no-admin-role" in " ".join(done.err.split())


def test_a_match_is_repaired_and_the_next_step_named(connector, tenant):
    added = tenant("add", "user", *JOE, "--json").json

    moved, cleared = tenant("match", added["id"], "--to", "joe"), tenant("match", "joe", "--clear")

    named = f"Joe (user {added['id']}, joe@contoso.com).\n"
    assert moved.out == (
        f"Matched {named}The next cycle joins the entry with joe to it: connector sync\n"
    )
    assert cleared.out == (
        f"Cleared the source anchor of {named}"
        "The next cycle joins it by address or UPN: connector sync\n"
    )


@pytest.mark.parametrize("options", [("--to", "joe"), ("--clear",)])
def test_a_match_says_that_no_cycle_joins_an_administrator(tenant, options):
    added = tenant("add", "user", *JOE, "onPremisesImmutableId=x", "--admin-role", "--json").json

    told = tenant("match", added["id"], *options).out.splitlines()

    assert told[1:] == [
        "No cycle joins a user who has an administrator role. Take that away first:",
        f"  connector tenant set {added['id']} --no-admin-role",
    ]


@pytest.mark.parametrize("options", [(), ("--to", "joe", "--clear")])
def test_a_match_is_either_moved_or_cleared(tenant, options):
    tenant("add", "user", *JOE)

    done = tenant("match", "joe@contoso.com", *options)

    assert done.code == 2
    assert "give either --to ANCHOR or --clear" in " ".join(done.err.split())


def test_a_held_value_is_refused_with_its_holder(tenant):
    tenant("add", "user", *JOE)

    done = tenant("add", "user", *JOE)

    assert done.code == 2
    assert "userPrincipalName already exists: Joe holds joe@contoso.com" in done.err


def test_properties_are_changed_and_removed(tenant):
    tenant("add", "user", *JOE, "jobTitle=Old", "city=Here")

    changed = tenant("set", "joe@contoso.com", "jobTitle=", "department=IT", "--json").json

    assert (changed["jobTitle"], changed["city"], changed["department"]) == (None, "Here", "IT")
    assert tenant("set", "joe@contoso.com", "city=There").out.startswith("Changed Joe (user ")


def test_a_synchronized_object_is_changed_in_the_directory(connector, tenant):
    connector("status")
    synced(connector, "Ann", "ann@contoso.com")

    done = tenant("set", "ann@contoso.com", "jobTitle=Boss")

    assert done.code == 2
    assert "Ann is synchronized from on-premises: change it in the directory" in done.err


def test_a_licence_is_assigned_and_removed(tenant):
    """Seed: "the UPN will also be added as a mail and proxy address"."""
    tenant("add", "user", *JOE)

    assigned = tenant("license", "joe@contoso.com", "--assign", "EXCHANGE", "--json").json
    removed = tenant("license", "joe@contoso.com", "--remove", "exchange")

    assert assigned["mail"] == "joe@contoso.com"
    assert assigned["proxyAddresses"] == [
        "SMTP:joe@contoso.com",
        "smtp:joe@contoso.onmicrosoft.com",
    ]
    assert removed.out.startswith("Removed EXCHANGE from Joe (user ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "give either --assign EXCHANGE or --remove EXCHANGE"),
        (("--assign", "EXCHANGE", "--remove", "EXCHANGE"), "give either --assign"),
        (("--assign", "TEAMS"), "no licence is called 'TEAMS': there is EXCHANGE"),
    ],
)
def test_a_licence_that_cannot_be_says_why(tenant, options, message):
    done = tenant("license", "joe@contoso.com", *options)

    assert done.code == 2
    assert message in " ".join(done.err.split())


def test_a_licence_is_refused_where_its_address_is_held(tenant):
    tenant("add", "user", *JOE)
    tenant("add", "contact", "displayName=Carla", "mail=joe@contoso.com")

    done = tenant("license", "joe@contoso.com", "--assign", "EXCHANGE")

    assert done.code == 2
    assert "Uniqueness violation. Property: ProxyAddresses." in done.err


def test_a_deleted_user_can_be_brought_back(connector, tenant):
    identity = tenant("add", "user", *JOE, "--json").json["id"]

    deleted = tenant("delete", "joe@contoso.com").out.splitlines()
    listed = connector("objects", "--deleted", "--json").json
    restored = tenant("restore", identity)

    assert deleted == [
        f"Deleted Joe (user {identity}, joe@contoso.com).",
        f"To bring it back: connector tenant restore {identity}",
    ]
    assert [item["id"] for item in listed] == [identity]
    assert restored.out == "Restored Joe as joe@contoso.com.\n"


def test_a_restore_says_what_is_quarantined_and_who_holds_it(connector, tenant):
    synced(connector, "Ann", "joe@contoso.com")
    identity = tenant("delete", "joe@contoso.com", "--json").json["id"]
    synced(connector, "Bob", "joe@contoso.com")

    first, *rest = tenant("restore", identity).out.splitlines()

    assert first.startswith("Restored Ann as joe")
    assert rest == [
        "Quarantined: UserPrincipalName joe@contoso.com, held by Bob",
        "See what resolves that: connector errors",
    ]


def test_a_user_deleted_hard_does_not_come_back(connector, tenant):
    identity = tenant("add", "user", *JOE, "--json").json["id"]

    gone = tenant("delete", identity, "--hard", "--json").json

    assert gone["displayName"] == "Joe"
    assert tenant("restore", identity).code == 2
    assert connector("objects", "--deleted", "--json").json == []


def test_a_restore_takes_a_new_upn_and_leaves_out_held_addresses(tenant):
    """docs/sources.md 7.3: an admin restore has options to "drop proxies / take a new UPN"."""
    proxies = ("proxyAddresses=SMTP:joe@contoso.com", "proxyAddresses=smtp:jo@contoso.com")
    identity = tenant("add", "user", *JOE, *proxies, "--json").json["id"]
    tenant("delete", identity)
    tenant("add", "user", *JOE, "mail=jo@contoso.com")

    refused = tenant("restore", identity)
    new_upn = ("--new-upn", "joey@contoso.com", "--reconcile-proxies")
    restored = tenant("restore", identity, *new_upn, "--json").json

    assert refused.code == 2
    assert "already exists" in refused.err
    assert restored["userPrincipalName"] == "joey@contoso.com"
    assert restored["proxyAddresses"] == ["SMTP:joe@contoso.com"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "nobody", "city=x"),
        ("delete", "nobody"),
        ("restore", "nobody"),
        ("restore", "\udcff"),
    ],
)
def test_an_unknown_identity_is_explained(tenant, arguments):
    done = tenant(*arguments)

    assert done.code == 2
    assert "has the UPN, address, source anchor, cloud id, DN or name" in done.err


# --- clock ----------------------------------------------------------------------------------------


def test_the_clock_is_shown_advanced_and_reset(tenant):
    ahead = [
        tenant("clock", *arguments, "--json").json["aheadSeconds"]
        for arguments in ((), ("advance", "1h"), ("advance", "7d"), (), ("reset",), ())
    ]

    assert ahead == [0, 3600, 608400, 608400, 0, 0]


def test_the_clock_says_how_far_it_is_ahead(tenant):
    assert tenant("clock").out.endswith("Z, as on this machine\n")
    first, *_ = tenant("clock", "advance", "7d").out.splitlines()
    assert first.endswith("Z, 7 days, 0:00:00 ahead of this machine")


@pytest.mark.parametrize(
    ("duration", "message"),
    [
        ("soon", "must be a whole number and a unit"),
        ("-1h", "No such option"),
        ("0s", "at least 1s"),
        ("999999999d", "The tenant's clock goes to the year 9000"),
    ],
)
def test_a_duration_that_is_none_says_why(tenant, duration, message):
    done = tenant("clock", "advance", duration)

    assert done.code == 2
    assert message in " ".join(done.err.split())


@pytest.fixture
def waiting(connector, tenant):
    """Bob, then Eve, wait for the sign-in name of Ann, who is deleted."""
    with World(connector.storage, tenant={"verified_domains": ["contoso.com"]}) as world:
        ann = world.user("ann", upn="joe@contoso.com")
        world.sync()
        for name in ("bob", "eve"):
            world.user(name, upn="joe@contoso.com")
            world.sync()
        world.directory.remove(ann)
        world.sync()
    return tenant


def test_by_the_clock_the_sweep_comes_due_once_and_is_done(waiting):
    told = [
        waiting("clock", "advance", duration).out.splitlines()[1:] for duration in ("1h", "30m")
    ]

    assert told == [
        [
            "The sweep came due: 1 value released, 1 value still quarantined.",
            "Released: UserPrincipalName joe@contoso.com to Bob",
        ],
        ["Nothing came due."],
    ]


def test_by_the_clock_deleted_users_are_removed_and_the_report_of_a_monday_is_sent(
    connector, waiting
):
    waiting("clock", "advance", "1h")

    done = waiting("clock", "advance", "31d")

    assert done.out.splitlines()[1:] == [
        (
            "The sweep came due: 0 values released, 1 value still quarantined, 1 deleted user "
            "removed for good."
        ),
        "The weekly report came due: 1 error, sent.",
    ]
    assert len(list((connector.storage / "mail").glob("*.eml"))) == 1


def test_by_the_clock_a_report_without_errors_is_not_sent(tenant):
    done = tenant("clock", "advance", "7d", "--json").json

    assert (done["report"], done["sweep"]) == (
        {"errors": 0, "sent": False},
        {"released": [], "waiting": 0, "expired": 0},
    )


# --- snapshots ------------------------------------------------------------------------------------


def test_a_snapshot_is_taken_listed_and_gone_back_to(connector, tenant):
    taken = tenant("snapshot", "start", "--json").json
    tenant("add", "user", *JOE)

    listed = [tenant(command, "--json").json for command in ("snapshot", "rewind")]
    back = tenant("rewind", "start", "--json").json

    assert listed == [[taken]] * 2
    assert back == taken
    assert set(taken) == {"name", "createdDateTime", "path"}
    assert taken["path"] == str(connector.storage / "snapshots" / "start")
    assert connector("objects", "--json").json == []


def test_snapshots_are_told_to_people(tenant):
    none = tenant("snapshot").out
    taken = tenant("snapshot", "start").out
    listed = tenant("snapshot").out.splitlines()

    assert none == "No snapshots yet. To take one: connector tenant snapshot NAME\n"
    assert taken == "Taken. To come back to it: connector tenant rewind start\n"
    assert [line.split()[0] for line in listed] == ["Name", "start"]
    assert tenant("rewind", "start").out.startswith("Back at start of 20")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("snapshot", "../x"), "'../x' is not a name for a snapshot"),
        (("snapshot", "start"), "There is a snapshot start already"),
        (("rewind", "end"), "There is no snapshot end. There are: start."),
    ],
)
def test_a_snapshot_that_cannot_be_says_why(tenant, arguments, message):
    tenant("snapshot", "start")

    done = tenant(*arguments)

    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("way_out", [("rewind", "--forget"), ("rewind", "start")])
def test_a_rewind_whose_snapshot_is_gone_is_no_dead_end(connector, tenant, way_out):
    tenant("snapshot", "start")
    tenant("add", "user", *JOE)
    (connector.storage / "rewinding").write_text("lost")

    stuck = tenant("sweep")
    out = tenant(*way_out)
    after = tenant("sweep")

    assert (stuck.code, out.code, after.code) == (2, 0, 0)
    assert "snapshots/lost is not there" in stuck.err
    assert f"connector tenant {' '.join(way_out[:1])}" in stuck.err
    assert len(connector("objects", "--json").json) == ("start" not in way_out)


def test_forgetting_says_whether_there_was_a_rewind(connector, tenant):
    (connector.storage).mkdir(parents=True, exist_ok=True)
    (connector.storage / "rewinding").write_text("../x")

    told = [tenant("rewind", "--forget").out for _ in range(2)]

    assert told == [
        "Forgotten. The databases stay as they are: connector sync compares them.\n",
        "No rewind was interrupted.\n",
    ]
    assert tenant("rewind", "start", "--forget").code == 2
