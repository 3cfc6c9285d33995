"""Rounds of changes: what is told in them, how their links go on, and when they end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connector.web.graph import delta_token
from tests.unit.tenant.verbs import contact, delete, group, members, sqlite_store, user
from tests.unit.web.graph.client import BASE

PAGE = {"prefer": "odata.maxpagesize=2"}


def round_of(graph, url, **headers):
    """Return the items of a round, page by page, and the link to the next one."""
    pages = []
    while True:
        page = graph.get(url, **headers)
        pages.append(page["value"])
        assert ("@odata.nextLink" in page) is not ("@odata.deltaLink" in page)
        if "@odata.deltaLink" in page:
            return pages, page["@odata.deltaLink"]
        url = page["@odata.nextLink"]


def told(graph, url, **headers):
    """Return all that a round tells by id, and the link to the next one."""
    pages, link = round_of(graph, url, **headers)
    return {item["id"]: item for page in pages for item in page}, link


@pytest.fixture
def people(world, graph):
    """Return the ids of three users by name."""
    world.export(user("ann"), user("bob"), user("eve"))
    return {item["displayName"]: item["id"] for item in graph.get("/users")["value"]}


def gone(identity, reason):
    return {"id": identity, "@removed": {"reason": reason}}


@pytest.mark.parametrize(
    "place", ["/users/delta", "/users/delta()", "/users/microsoft.graph.delta()", "/Users/Delta"]
)
def test_first_round_tells_everybody_once_and_the_next_one_nothing(graph, people, place) -> None:
    pages, link = round_of(graph, f"{place}?$select=displayName", **PAGE)
    nothing, _ = told(graph, link)

    assert [len(page) for page in pages] == [2, 1]
    assert {item["displayName"]: item["id"] for page in pages for item in page} == people
    assert link.startswith(f"{BASE}/v1.0/users/delta?$deltatoken=")
    assert nothing == {}


def test_round_tells_what_changed_whoever_changed_it(graph, world, people) -> None:
    _, link = told(graph, "/users/delta?$select=displayName,usageLocation")
    administrator = world.tenant.administrator
    world.export(user("ann", displayName="Anna"), delete(user("eve")))
    administrator.change(people["Bob"], {"usageLocation": "DE"})
    new = administrator.add("user", {"displayName": "New", "userPrincipalName": "new@contoso.com"})[
        "id"
    ]

    found, link = told(graph, link)
    administrator.restore(people["Eve"])
    administrator.delete(new, hard=True)
    later, _ = told(graph, link)

    assert found == {
        people["Ann"]: {"id": people["Ann"], "displayName": "Anna", "usageLocation": None},
        people["Bob"]: {"id": people["Bob"], "displayName": "Bob", "usageLocation": "DE"},
        people["Eve"]: gone(people["Eve"], "changed"),
        new: {"id": new, "displayName": "New", "usageLocation": None},
    }
    assert later == {
        people["Eve"]: {"id": people["Eve"], "displayName": "Eve", "usageLocation": None},
        new: gone(new, "deleted"),
    }


def test_value_that_a_sweep_releases_is_a_change(graph, world) -> None:
    world.export(user("ann", "joe@contoso.com"))
    world.export(user("bob", "joe@contoso.com"))
    _, link = told(graph, "/users/delta")
    world.export(user("ann", "ann@contoso.com"))
    _, link = told(graph, link)

    world.sweep()
    found, _ = told(graph, link)

    assert [item["userPrincipalName"] for item in found.values()] == ["joe@contoso.com"]


def test_groups_and_contacts_are_gone_for_good(graph, world) -> None:
    world.export(group("desk"), contact("carla"))
    links = {kind: told(graph, f"/{kind}/delta") for kind in ("groups", "contacts")}
    world.export(delete(group("desk")), delete(contact("carla")))

    for known, link in links.values():
        [identity] = known
        assert told(graph, link)[0] == {identity: gone(identity, "deleted")}


def test_memberships_are_told_one_by_one(graph, world, people) -> None:
    world.export(group("desk"))
    world.export(members(group("desk"), add=("ann", "bob")))
    first, link = told(graph, "/groups/delta?$select=displayName,members")
    _, without = told(graph, "/groups/delta?$select=displayName")
    world.export(members(group("desk"), add=("eve",), remove=("ann",)))
    world.export(delete(user("bob")))

    [item] = told(graph, link)[0].values()

    kind = {"@odata.type": "#microsoft.graph.user"}
    removed = {"@removed": {"reason": "deleted"}}
    assert [each["members@delta"] for each in first.values()] == [
        [{**kind, "id": people["Ann"]}, {**kind, "id": people["Bob"]}]
    ]
    assert sorted(item["members@delta"], key=lambda each: each["id"]) == sorted(
        [
            {**kind, "id": people["Eve"]},
            {**kind, "id": people["Ann"], **removed},
            {**kind, "id": people["Bob"], **removed},
        ],
        key=lambda each: each["id"],
    )
    assert told(graph, without)[0] == {}


def test_only_memberships_count_where_only_they_are_asked_for(graph, world, people) -> None:
    world.export(group("desk"), group("team"))
    _, link = told(graph, "/groups/delta?$select=members")
    world.export(group("desk", description="Help"), members(group("team"), add=("ann",)))

    found, _ = told(graph, link)

    assert [len(item["members@delta"]) for item in found.values()] == [1]


def test_first_round_does_not_tell_what_was_gone_before(graph, world, people) -> None:
    world.export(delete(user("eve")))
    world.tenant.administrator.delete(people["Eve"], hard=True)
    world.export(delete(user("bob")))

    found, _ = told(graph, "/users/delta")

    assert list(found) == [people["Ann"]]


def test_nothing_is_left_out_when_objects_come_and_go_between_pages(graph, world, people) -> None:
    page = graph.get("/users/delta", **PAGE)
    [first, second] = page["value"]
    world.export(delete(user("ann")), user("new"), user("eve", displayName="Eva"))

    rest, _ = told(graph, page["@odata.nextLink"], **PAGE)

    assert [first["id"], second["id"]] == [people["Ann"], people["Bob"]]
    names = {item.get("displayName", "gone"): name for name, item in rest.items()}
    assert names.keys() == {"gone", "New", "Eva"}
    assert names["gone"] == people["Ann"]


def test_page_size_that_is_preferred_is_told(graph, people) -> None:
    replies = [
        graph.ask("GET", "/users/delta", prefer=f"respond-async, odata.maxpagesize={size}")
        for size in (2, 0, 5000)
    ]

    assert [reply.headers.get("Preference-Applied") for reply in replies] == [
        "odata.maxpagesize=2",
        None,
        "odata.maxpagesize=999",
    ]


def test_latest_begins_with_nothing(graph, world, people) -> None:
    nothing, link = told(graph, "/users/delta?$deltatoken=latest&$select=displayName")
    world.export(user("new"))

    assert nothing == {}
    assert [item["displayName"] for item in told(graph, link)[0].values()] == ["New"]


def test_filter_names_the_objects(graph, world, people) -> None:
    ann, bob = people["Ann"], people["Bob"]
    url = f"/users/delta?$filter=id eq '{ann}' or id eq '{bob.upper()}'&$select=displayName"
    found, link = told(graph, url)
    world.export(user("ann", displayName="Anna"), user("eve", displayName="Eva"))

    later, _ = told(graph, link)

    assert set(found) == {ann, bob}
    assert set(later) == {ann}


@pytest.mark.parametrize(
    "query",
    [
        "$top=2",
        "$orderby=displayName",
        '$search="displayName:x"',
        "$expand=members",
        "$filter=displayName eq 'x'",
        "$filter=id ne 'x'",
        "$filter=(id eq 'x'",
        "$filter=" + " or ".join([f"id eq 'x{number}'" for number in range(51)]),
        "$deltatoken=forged",
        "$skiptoken=forged",
        "$deltatoken=%ff",
        "$deltatoken=latest&$skiptoken=x",
    ],
)
def test_what_delta_does_not_know_is_refused(graph, people, query) -> None:
    status, code, _ = graph.refused(f"/users/delta?{query}")

    assert (status, code in ("BadRequest", "Request_BadRequest")) == (400, True)


def test_token_of_another_collection_or_purpose_is_refused(graph, people) -> None:
    _, link = told(graph, "/users/delta")
    token = link.partition("$deltatoken=")[2]

    assert graph.refused(f"/groups/delta?$deltatoken={token}")[0] == 400
    assert graph.refused(f"/users/delta?$skiptoken={token}")[0] == 400


def refused_with_a_new_beginning(graph, link):
    reply = graph.ask("GET", link)
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["code"]) == (410, "syncStateNotFound")
    return graph.get(reply.headers["Location"])


def test_token_ends_after_seven_days(graph, world, people) -> None:
    chosen = f"$select=displayName&$filter=id eq '{people['Ann']}'"
    _, link = told(graph, f"/users/delta?{chosen}")
    world.time += timedelta(days=7)
    nothing, _ = told(graph, link)
    world.time += timedelta(seconds=1)

    again = refused_with_a_new_beginning(graph, link)

    assert nothing == {}
    assert again["value"] == [{"id": people["Ann"], "displayName": "Ann"}]


def test_token_ends_when_what_changed_is_forgotten(graph, world, people) -> None:
    _, old = told(graph, "/users/delta")
    world.export(user("new"))
    _, young = told(graph, "/users/delta")
    world.tenant.clock.advance(timedelta(days=8))
    world.tenant.sweep()
    world.tenant.clock.reset()

    assert told(graph, young)[0] == {}
    assert len(refused_with_a_new_beginning(graph, old)["value"]) == 4


def test_rewind_ends_tokens(graph, world, people, tmp_path) -> None:
    _, link = told(graph, "/users/delta")
    with sqlite_store(world.tenant).connection as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    world.tenant.rewind(tmp_path / "copy.db")

    assert len(refused_with_a_new_beginning(graph, link)["value"]) == 3


def test_token_of_another_tenant_ends(graph, world, people) -> None:
    _, link = told(graph, "/users/delta")
    with sqlite_store(world.tenant).connection as connection:
        connection.execute("UPDATE state SET value = 'another' WHERE name = 'identity'")

    assert len(refused_with_a_new_beginning(graph, link)["value"]) == 3


def test_forged_token_gets_no_more_than_a_query(graph, people) -> None:
    _, link = told(graph, "/users/delta")
    token = delta_token.read(link.partition("$deltatoken=")[2], "users")
    for moment in (
        token.moment._replace(number=99),
        token.moment._replace(mark="' OR 1=1"),
        token.moment._replace(number=-1),
    ):
        forged = delta_token.Token("users", moment, token.issued, None, (), True, False).text()

        assert graph.ask("GET", f"/users/delta?$deltatoken={forged}").status == 410


def test_answer_without_metadata_has_no_types(graph, world, people) -> None:
    world.export(group("desk"))
    world.export(members(group("desk"), add=("ann",)))

    page = graph.get("/groups/delta?$select=members", accept="application/json;odata.metadata=none")

    assert page["value"][0]["members@delta"] == [{"id": people["Ann"]}]
    assert "@odata.context" not in page
