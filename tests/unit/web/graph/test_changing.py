"""Users and groups are created, changed, deleted, restored and licensed through the API."""

from __future__ import annotations

import json

import pytest

from connector.web.graph.properties import EXCHANGE_SKU
from connector.web.graph.written import MASTERED_ON_PREMISES
from connector.web.throttle import ask_for
from tests.fakes import SUFFIX
from tests.unit.web.graph.office import Office
from tests.world import World

SECRET = "xWwvJ]6NMw+bWH-d"
ANN = {
    "accountEnabled": True,
    "displayName": "Ann",
    "mailNickname": "ann",
    "userPrincipalName": "ann@contoso.com",
    "passwordProfile": {"password": SECRET},
}
DESK = {"displayName": "Desk", "mailEnabled": False, "mailNickname": "d", "securityEnabled": True}
NOBODY = "0f2b3c4d-2222-4222-8333-444455556666"
BAD = "Request_BadRequest"
LICENSE = {"addLicenses": [{"skuId": EXCHANGE_SKU, "disabledPlans": []}], "removeLicenses": []}


@pytest.fixture
def world(tmp_path):
    with World(tmp_path / "var") as world:
        yield world


@pytest.fixture
def office(world) -> Office:
    return Office(world)


@pytest.fixture
def ann(office) -> str:
    return f"/users/{office.done('POST', '/users', ANN)['id']}"


@pytest.fixture
def synced(office, world) -> str:
    world.user("joe", "joe@contoso.com")
    world.sync()
    return f"/users/{office.id_of('Joe')}"


def conflict(name):
    message = f"Another object with the same value for property {name} already exists."
    return {
        "status": 400,
        "code": BAD,
        "message": message,
        "details": [{"code": "ObjectConflict", "message": message, "target": name}],
    }


def test_new_user_is_shown_with_its_place(office) -> None:
    reply = office.send("POST", "/users", ANN | {"department": "Sales", "userType": "Guest"})
    shown = json.loads(reply.body)

    place = f"https://graph.microsoft.com/v1.0/users/{shown['id']}"
    assert (reply.status, reply.headers["Location"]) == (201, place)
    assert office.get(f"{place}?$select=department,userType,accountEnabled,mailNickname") == {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata"
        "#users(id,department,userType,accountEnabled,mailNickname)/$entity",
        "id": shown["id"],
        "department": "Sales",
        "userType": "Guest",
        "accountEnabled": True,
        "mailNickname": "ann",
    }


def test_option_that_the_answer_does_not_know_keeps_everything_as_it_was(office) -> None:
    assert office.error("POST", "/users?$expand=manager", ANN)["status"] == 400
    assert office.get("/users")["value"] == []
    assert office.done("POST", "/users?$select=mailNickname", ANN)["mailNickname"] == "ann"


def test_password_is_kept_nowhere(office, world, tmp_path, ann) -> None:
    office.done("PATCH", ann, {"passwordProfile": {"password": SECRET}})
    world.stop()

    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in str(world.log.events)


def test_new_group_is_a_group(office) -> None:
    made = office.done("POST", "/groups", DESK | {"description": "Help"})

    shown = office.get(f"/groups/{made['id']}?$select=description,securityEnabled,mailEnabled")
    assert (shown["description"], shown["securityEnabled"], shown["mailEnabled"]) == (
        "Help",
        True,
        False,
    )


def test_value_that_somebody_holds_is_refused(office, ann) -> None:
    taken = ANN | {"userPrincipalName": "bob@contoso.com", "mail": "x@contoso.com"}
    office.done("POST", "/users", taken)

    assert office.error("POST", "/users", ANN) == conflict("userPrincipalName")
    assert office.error("PATCH", ann, {"mail": "x@contoso.com"}) == conflict("proxyAddresses")
    assert office.error("PATCH", ann, {"userPrincipalName": "Bob@contoso.com"}) == conflict(
        "userPrincipalName"
    )


def test_anchor_that_somebody_holds_is_refused(office, ann) -> None:
    bob = ANN | {"userPrincipalName": "bob@contoso.com", "onPremisesImmutableId": "b2I="}
    office.done("POST", "/users", bob)

    assert office.error("PATCH", ann, {"onPremisesImmutableId": "b2I="}) == conflict(
        "onPremisesImmutableId"
    )


def test_change_leaves_the_rest_as_it_was(office, ann) -> None:
    first = {"city": "Bonn", "onPremisesExtensionAttributes": {"extensionAttribute1": "a"}}
    office.done("PATCH", ann, first | {"otherMails": ["a@fabrikam.com"], "businessPhones": ["1"]})

    second = {"city": None, "onPremisesExtensionAttributes": {"extensionAttribute2": "b"}}
    reply = office.send("PATCH", ann, second | {"businessPhones": []})

    assert (reply.status, reply.body) == (204, b"")
    names = "city,onPremisesExtensionAttributes,otherMails,businessPhones,displayName"
    shown = office.get(f"{ann}?$select={names}")
    extensions = shown.pop("onPremisesExtensionAttributes")
    del shown["@odata.context"], shown["id"]
    assert shown == {
        "city": None,
        "otherMails": ["a@fabrikam.com"],
        "businessPhones": [],
        "displayName": "Ann",
    }
    assert {name: text for name, text in extensions.items() if text} == {
        "extensionAttribute1": "a",
        "extensionAttribute2": "b",
    }


def test_user_is_named_by_its_principal_name_too(office, ann) -> None:
    office.done("PATCH", "/users/ANN@contoso.com", {"jobTitle": "Boss"})

    assert office.get(ann)["jobTitle"] == "Boss"


def test_synchronized_user_has_its_usage_location_from_an_administrator(office, synced) -> None:
    refusal = {"status": 400, "code": BAD, "message": MASTERED_ON_PREMISES}

    office.done("PATCH", synced, {"usageLocation": "DE"})

    assert office.get(f"{synced}?$select=usageLocation")["usageLocation"] == "DE"
    assert office.get("/users?$filter=usageLocation eq 'DE'")["value"] != []
    assert office.error("PATCH", synced, {"displayName": "Jo"}) == refusal
    assert office.error("PATCH", synced, {"displayName": "Jo", "usageLocation": "FR"}) == refusal


def test_usage_location_stands_until_the_directory_has_another_one(office, world, synced) -> None:
    office.done("PATCH", synced, {"usageLocation": "DE"})
    entry = f"uid=joe,ou=users,{SUFFIX}"
    shown = []
    for change in ({"title": "Boss"}, {"usageLocation": "FR"}):
        world.directory.modify(entry, **change)
        world.sync()
        shown.append(office.get(f"{synced}?$select=usageLocation")["usageLocation"])

    assert shown == ["DE", "FR"]


def test_deleted_user_comes_back_and_a_group_does_not(office, ann) -> None:
    identity = ann.removeprefix("/users/")
    group = office.done("POST", "/groups", DESK)["id"]
    office.done("DELETE", ann)
    office.done("DELETE", f"/groups/{group}")

    deleted = [item["id"] for item in office.get("/directory/deletedItems")["value"]]
    back = office.done("POST", f"/directory/deletedItems/{identity}/restore")

    assert deleted == [identity]
    assert (back["@odata.type"], back["id"]) == ("#microsoft.graph.user", identity)
    assert office.get(ann)["userPrincipalName"] == "ann@contoso.com"


def test_restore_meets_conflicts_with_another_name(office, ann) -> None:
    place = f"/directory/deletedItems/{ann.removeprefix('/users/')}/restore"
    office.done("DELETE", ann)
    office.done("POST", "/users", ANN)

    refused = office.error("POST", place)
    wrong = office.error("POST", place, {"newUserPrincipalName": "ann@elsewhere.example"})
    done = office.done(
        "POST",
        place,
        {"newUserPrincipalName": "a2@contoso.com", "autoReconcileProxyConflict": True},
    )

    assert refused == conflict("userPrincipalName")
    assert wrong["message"].startswith("The domain portion of the userPrincipalName property")
    assert done["userPrincipalName"] == "a2@contoso.com"


def test_deleted_user_is_deleted_for_good(office, ann) -> None:
    place = f"/directory/deletedItems/{ann.removeprefix('/users/')}"
    office.done("DELETE", ann)

    reply = office.send("DELETE", place)

    assert reply.status == 204
    assert office.error("GET", place)["code"] == "Request_ResourceNotFound"
    assert office.error("DELETE", place)["status"] == 404


def test_licence_is_assigned_and_taken_away(office, synced) -> None:
    at = f"{synced}?$select=assignedLicenses,proxyAddresses"

    licensed = office.done("POST", f"{synced}/assignLicense", LICENSE)
    shown = office.get(at)
    office.done("POST", f"{synced}/assignLicense", {"RemoveLicenses": [EXCHANGE_SKU.upper()]})

    assert licensed["displayName"] == "Joe"
    assert shown["assignedLicenses"] == [{"disabledPlans": [], "skuId": EXCHANGE_SKU}]
    assert "SMTP:joe@contoso.com" in shown["proxyAddresses"]
    assert office.get(at)["assignedLicenses"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"addLicenses": [{"skuId": NOBODY}]},
        {"addLicenses": [{"skuId": EXCHANGE_SKU, "disabledPlans": ["x"]}]},
        {"addLicenses": [EXCHANGE_SKU]},
        {"addLicenses": EXCHANGE_SKU},
        {"removeLicenses": [EXCHANGE_SKU]},
        {"removeLicenses": [{"skuId": EXCHANGE_SKU}]},
        LICENSE | {"removeLicenses": [EXCHANGE_SKU]},
    ],
)
def test_licences_that_nobody_has_are_refused(office, ann, body) -> None:
    error = office.error("POST", f"{ann}/assignLicense", body)

    assert (error["status"], error["code"]) == (400, BAD)
    assert office.get(f"{ann}?$select=assignedLicenses")["assignedLicenses"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", ANN),
        ("POST", "/groups", DESK),
        ("PATCH", "/users/ann@contoso.com", {"city": "Bonn"}),
        ("DELETE", "/users/ann@contoso.com", None),
        ("POST", "/users/ann@contoso.com/assignLicense", LICENSE),
        ("POST", f"/directory/deletedItems/{NOBODY}/restore", {}),
        ("DELETE", f"/directory/deletedItems/{NOBODY}", None),
    ],
)
def test_reader_changes_nothing(office, ann, method, path, body) -> None:
    reply = office.ask(method, path, body, role="reader")

    assert reply.status == 403
    assert json.loads(reply.body)["error"]["code"] == "Authorization_RequestDenied"
    assert [what for _, what, _ in office.changes()] == ["create user"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/contacts"), ("PATCH", "/contacts/x"), ("DELETE", "/contacts/x"), ("PUT", "/users")],
)
def test_contacts_are_read_only(office, method, path) -> None:
    assert office.error(method, path, {})["status"] == 405


def test_unknown_object_is_not_found(office) -> None:
    for method, path, body in (
        ("PATCH", f"/users/{NOBODY}", {"city": "Bonn"}),
        ("DELETE", f"/groups/{NOBODY}", None),
        ("DELETE", "/users/nobody@contoso.com", None),
        ("POST", f"/users/{NOBODY}/assignLicense", LICENSE),
        ("POST", f"/directory/deletedItems/{NOBODY}/restore", None),
    ):
        error = office.error(method, path, body)

        assert (error["status"], error["code"]) == (404, "Request_ResourceNotFound"), path


def test_log_tells_who_changed_what(office, ann) -> None:
    identity = ann.removeprefix("/users/")
    office.done("PATCH", ann, {"city": "Bonn"})
    office.done("POST", f"{ann}/assignLicense", LICENSE)
    office.done("DELETE", ann)
    office.done("POST", f"/directory/deletedItems/{identity}/restore")

    assert office.changes() == [
        ("test", what, identity)
        for what in ("create user", "update user", "assign license", "delete user", "restore user")
    ]


def test_batch_changes_as_its_caller_may(office, ann) -> None:
    items = [
        {"id": "1", "method": "PATCH", "url": ann, "body": {"city": "Bonn"}},
        {"id": "2", "method": "GET", "url": f"{ann}?$select=city", "dependsOn": ["1"]},
        {"id": "3", "method": "GET", "url": "/nope"},
    ]
    answers = []
    for role in ("reader", "admin"):
        reply = office.ask("POST", "/$batch", {"requests": items}, role=role)
        answers.append({item["id"]: item for item in json.loads(reply.body)["responses"]})

    statuses = [{name: item["status"] for name, item in some.items()} for some in answers]
    assert statuses == [{"1": 403, "2": 424, "3": 404}, {"1": 204, "2": 200, "3": 404}]
    assert answers[1]["2"]["body"]["city"] == "Bonn"
    assert answers[0]["3"]["body"]["error"]["innerError"]["request-id"] != ""


def test_each_request_of_a_batch_is_throttled_by_itself(office, world) -> None:
    ask_for(world.settings.storage.path, 1, 7)
    items = [{"id": name, "method": "GET", "url": "/users"} for name in ("1", "2")]

    first, second = office.done("POST", "/$batch", {"requests": items})["responses"]

    assert (first["status"], first["headers"]["Retry-After"], second["status"]) == (429, "7", 200)


def test_item_of_a_batch_that_fails_leaves_the_others_alone(office, ann) -> None:
    items = [
        {"id": "1", "method": "DELETE", "url": ann},
        {"id": "2", "method": "GET", "url": "/users"},
    ]
    office.world.stop()  # nothing can be read any more

    done = office.done("POST", "/$batch", {"requests": items})

    assert [item["status"] for item in done["responses"]] == [500, 500]
