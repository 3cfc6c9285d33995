"""The tools to look ahead and back: lint, what-if, dry run, explain, verify."""

from __future__ import annotations

import pytest

from connector.errors import InvalidLdif, UnknownObject
from connector.lint.proposal import ProposedDirectory
from connector.operations.rehearsal import rehearse
from connector.report.explain import Explainer
from connector.values.entries import stage
from connector.values.ldif import parse

JOE = "joe@contoso.com"


def bob_waits(world):
    """Ann has Joe's name, Bob wants it too."""
    ann = world.user("ann", upn=JOE)
    world.sync()
    bob = world.user("bob", upn=JOE)
    world.sync()
    return ann, bob


def what_if(world, ldif):
    """Rehearse a cycle, and a sweep, on the directory with these changes."""
    proposed = ProposedDirectory(world.directory, parse(ldif))
    return rehearse(world.settings, directory=proposed, sweep=True)


def explain(world, identity):
    look = world.directory.read_below
    explainer = Explainer(
        world.parts.space,
        world.tenant,
        world.parts.read_rules(),
        lambda dn: next((stage(entry) for entry in look(dn)), None),
    )
    return explainer.explain(identity)


# --- dry run and what-if --------------------------------------------------------------------------


FILTER = "(&(surname=*)(!(employeeType:caseExactMatch:=temp)))"
USER = "uid=ann,ou=users,dc=contoso,dc=com"


@pytest.mark.parametrize(
    ("ldif", "filter_", "is_named"),
    [
        ("changetype: modify\nreplace: sn\nsn: New\n-\n", FILTER, True),
        ("changetype: modify\nadd: employeeType\nemployeeType: temp\n-\n", FILTER, True),
        ("changetype: modify\nreplace: title\ntitle: Boss\n-\n", FILTER, False),
        ("changetype: modrdn\nnewrdn: uid=anna\ndeleteoldrdn: 1\n", FILTER, True),
        ("changetype: delete\n", FILTER, False),
        ("changetype: modify\nreplace: sn\nsn: New\n-\n", "(objectClass=*)", False),
    ],
)
def test_a_what_if_names_what_only_the_filter_of_the_server_can_judge(
    world, ldif, filter_, is_named
):
    world.user("ann")

    proposed = ProposedDirectory(
        world.directory, parse(f"dn: {USER}\n{ldif}"), "dc=contoso,dc=com", filter_
    )

    said = f"line 1: whether {USER} meets directory.filter {filter_}"
    assert proposed.unjudged == ([said] if is_named else [])


def test_a_dry_run_names_each_attribute_and_writes_nothing(world):
    ann = world.user("ann")
    world.sync()
    world.directory.modify(ann, title="Engineer", displayName="Ann Two")

    rehearsal = rehearse(world.settings, directory=world.directory)
    twice = rehearse(world.settings, directory=world.directory)

    [change] = rehearsal.changes
    assert (change["operation"], change["attributes"]) == (
        "update",
        {"displayName": ["Ann", "Ann Two"], "jobTitle": [None, "Engineer"]},
    )
    assert twice.changes == rehearsal.changes
    assert set(world.cloud) == {"Ann"}


def test_a_dry_run_tells_who_would_be_quarantined(world):
    world.user("ann", upn=JOE)
    world.sync()
    world.user("bob", upn=JOE)

    rehearsal = rehearse(world.settings, directory=world.directory)

    [error] = rehearsal.run.errors
    assert (error["kind"], error["name"], error["held_by"]) == ("quarantine", "Bob", "Ann")
    assert world.logged("export.quarantined") == []


def test_a_proposed_change_shows_who_would_get_a_value_back(world):
    ann, _ = bob_waits(world)

    rehearsal = what_if(
        world,
        f"dn: {ann}\nchangetype: modify\nreplace: userPrincipalName\n"
        "userPrincipalName: ann@contoso.com\n-\n",
    )

    assert [(r.name, r.value) for r in rehearsal.released] == [("Bob", JOE)]
    assert world.quarantined("Bob") == [JOE]


def test_a_proposed_rename_moves_all_below_and_deletes_nothing(world):
    unit = world.directory.ou("sales")
    world.user("ann", below=unit)
    world.sync()

    rehearsal = what_if(
        world, f"dn: {unit}\nchangetype: modrdn\nnewrdn: ou=market\ndeleteoldrdn: 1\n"
    )

    [change] = rehearsal.changes
    assert (change["operation"], list(change["attributes"])) == (
        "update",
        ["onPremisesDistinguishedName"],
    )


def test_a_proposed_delete_and_a_proposed_entry_are_shown(world):
    ann = world.user("ann")
    world.sync()

    rehearsal = what_if(
        world,
        f"dn: {ann}\nchangetype: delete\n\ndn: uid=eve,ou=users,dc=contoso,dc=com\n"
        "changetype: add\nobjectClass: inetOrgPerson\nuid: eve\ncn: Eve\n",
    )

    assert [(c["operation"], c["name"]) for c in rehearsal.changes] == [
        ("delete", "Ann"),
        ("add", "Eve"),
    ]


@pytest.mark.parametrize(
    "ldif",
    [
        "dn: uid=nobody,dc=contoso,dc=com\nchangetype: delete\n",
        "dn: ou=users,dc=contoso,dc=com\nobjectClass: organizationalUnit\n",
        "dn: ou=users,dc=contoso,dc=com\nchangetype: modify\ndelete: description\n-\n",
    ],
)
def test_a_change_that_cannot_be_made_is_refused(world, ldif):
    with pytest.raises(InvalidLdif, match="line 1"):
        what_if(world, ldif)


# --- explain --------------------------------------------------------------------------------------


def test_an_object_is_explained_from_its_entry_to_its_conflict(world):
    _, bob = bob_waits(world)

    [page] = explain(world, bob)

    assert page["directory"]["distinguishedName"] == bob
    assert page["directory"]["run"] == 2
    assert page["scope"]["inScope"] is True
    assert {row["property"]: list(row["attributes"]) for row in page["flow"]}[
        "userPrincipalName"
    ] == [
        "userPrincipalName",
        "sAMAccountName",
        "uid",
    ]
    assert (page["matching"]["match"], page["matching"]["with"]) == ("hard", "Bob")
    assert page["export"]["state"] == "exported"
    [conflict] = page["conflicts"]
    assert (conflict["value"], conflict["heldBy"]["displayName"]) == (JOE, "Ann")
    assert "sweep" in conflict["resolve"]


def test_an_object_is_found_by_any_name_it_goes_by(world):
    ann = world.user("ann", proxies=["SMTP:first@contoso.com"])
    world.sync()
    cloud = world.cloud["Ann"]

    for name in (
        ann.upper(),
        "ANN@contoso.com",
        "smtp:First@contoso.com",
        cloud["id"],
        cloud["onPremisesImmutableId"],
    ):
        [page] = explain(world, name)
        assert page["directory"]["distinguishedName"] == ann


def test_an_object_that_a_rule_leaves_out_names_the_rule(world):
    world.user("ann", isCriticalSystemObject="TRUE")
    world.sync()

    [page] = explain(world, "ann@contoso.com")

    assert (page["scope"]["inScope"], page["scope"]["reason"]) == (
        False,
        "isCriticalSystemObject is TRUE",
    )
    assert page["cloud"] is None


def test_a_new_entry_names_the_cloud_object_it_would_take_over(world_with):
    world = world_with(schedule={"staging_mode": True})
    world.tenant.administrator.add(
        "user", {"displayName": "Made In Cloud", "userPrincipalName": "ann@contoso.com"}
    )
    ann = world.user("ann")
    world.sync()

    [page] = explain(world, ann)

    assert (page["matching"]["match"], page["matching"]["with"]) == ("soft", "Made In Cloud")
    assert page["export"]["state"] == "pending add"


def test_an_entry_that_was_never_imported_is_explained_by_a_look(world):
    ann = world.user("ann")

    [page] = explain(world, ann)

    assert "next import" in page["reason"]


def test_a_deleted_user_is_explained(world):
    world.directory.remove(world.user("ann"))
    ann = world.user("bob")
    world.sync()
    anchor = world.cloud["Bob"]["onPremisesImmutableId"]
    world.directory.remove(ann)
    world.user("eve")
    world.sync()

    [page] = explain(world, anchor)

    assert "deleted in the directory" in page["reason"]


def test_what_is_nowhere_is_said_to_be_nowhere(world):
    with pytest.raises(UnknownObject, match="nobody@contoso.com"):
        explain(world, "nobody@contoso.com")


# --- verify ---------------------------------------------------------------------------------------


def differences(world):
    found = world.parts.space.compare(world.directory, world.tenant)
    return {(difference.between, difference.what) for difference in found}


def test_there_is_no_difference_after_a_cycle_with_conflicts(world):
    bob_waits(world)
    world.group("staff", ["uid=ann,ou=users,dc=contoso,dc=com"])
    world.sync()

    assert differences(world) == set()


def test_each_difference_is_named(world):
    ann, bob = world.user("ann"), world.user("bob")
    group = world.group("staff", [ann, bob])
    eve = world.user("eve")
    world.sync()
    world.user("new")
    world.directory.modify(ann, title="Engineer")
    world.directory.remove(eve)
    space = world.parts.space._database.conn
    space.execute("DELETE FROM told_member")
    space.execute(
        """UPDATE text SET properties = '{}' WHERE id = (SELECT told FROM projection
           WHERE anchor = (SELECT anchor FROM entry WHERE dn = ?))""",
        (bob,),
    )
    space.commit()

    assert group
    assert differences(world) == {
        ("directory and connector space", "not staged yet"),
        ("directory and connector space", "changed since the last import"),
        ("directory and connector space", "staged, but gone from the directory"),
        ("connector space and tenant", "other than it was exported"),
        ("connector space and tenant", "other members than were exported"),
    }


def test_a_upn_that_was_replaced_is_explained_with_what_verifies_its_domain(world):
    ann = world.user("ann", upn="ann@elsewhere.com")
    world.sync()

    [page] = explain(world, ann)

    assert page["signIn"] == {
        "wanted": "ann@elsewhere.com",
        "reason": (
            "elsewhere.com is not a verified domain of the tenant, so the UPN is in its initial domain"
        ),
        "resolve": (
            "connector tenant domains add elsewhere.com, or "
            'verified_domains = ["elsewhere.com"] in [tenant]'
        ),
    }


@pytest.mark.parametrize("identity", ["printer7", "PRINTER7", "cn=printer7,dc=contoso,dc=com"])
def test_an_entry_that_is_not_a_user_group_or_contact_is_explained_by_any_name(world, identity):
    world.directory.add("cn=printer7,dc=contoso,dc=com", ["device", "ipHost"], cn="printer7")
    world.sync()

    [page] = explain(world, identity)

    assert page["scope"] == {
        "inScope": False,
        "rule": "object-class",
        "reason": "the entry is not a user, group or contact; its class is device+ipHost",
    }
