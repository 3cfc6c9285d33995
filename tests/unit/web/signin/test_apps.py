"""Registrations of applications lie in a file that another process may change."""

from __future__ import annotations

import json
import stat
import uuid

import pytest

from connector.errors import InvalidRequest, StorageUnusable, UnknownObject
from connector.web.signin.apps import FILE, Apps


@pytest.fixture
def apps(tmp_path):
    return Apps(tmp_path)


def test_an_application_is_found_by_its_id_in_any_case_and_has_its_secret_alone(apps):
    app, secret = apps.add("Backup", "admin")

    assert apps.find(app.client_id.upper()) == app
    assert (app.name, app.role, uuid.UUID(app.client_id).version) == ("Backup", "admin", 4)
    assert [app.has_secret(text) for text in (secret, secret + "x", "", "\ud800")] == [
        True,
        False,
        False,
        False,
    ]


def test_the_file_has_no_secret_and_is_for_its_user_alone(apps, tmp_path):
    _, secret = apps.add("backup", "reader")

    assert secret not in (tmp_path / FILE).read_text()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_two_applications_with_the_same_secret_would_have_other_hashes(apps):
    one, other = apps.add("a", "reader")[0], apps.add("b", "reader")[0]

    assert one.salt != other.salt


def test_what_another_process_registers_and_removes_is_seen_at_once(apps, tmp_path):
    other = Apps(tmp_path)
    app, _ = other.add("late", "reader")
    seen = [apps.find(app.client_id)]
    other.remove("LATE")
    seen.append(apps.find(app.client_id))

    assert seen == [app, None]


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 121, "a\nb", "8d5ce91c-9557-4aa9-85f8-21705d6b95d2"]
)
def test_what_cannot_be_a_name_is_refused(apps, name):
    with pytest.raises(InvalidRequest, match="cannot be the name"):
        apps.add(name, "reader")


def test_a_name_is_taken_whatever_its_case(apps):
    apps.add("Backup", "reader")

    with pytest.raises(InvalidRequest, match="already"):
        apps.add("BACKUP", "admin")


def test_an_application_is_removed_by_its_name_or_its_id(apps):
    one, other = apps.add("one", "reader")[0], apps.add("other", "reader")[0]

    assert (apps.remove(one.client_id.upper()), apps.remove("Other"), apps.all()) == (
        one,
        other,
        [],
    )
    with pytest.raises(UnknownObject, match="'one'"):
        apps.remove("one")


OTHER_ROLE = [{"name": "x", "role": "owner", "client_id": "y", "salt": "", "hash": ""}]


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '[{"name": "x"}]', '{"a": 1}', "[[]]", json.dumps(OTHER_ROLE)]
)
def test_a_damaged_file_lets_nobody_in_and_says_what_to_do(apps, tmp_path, content):
    (tmp_path / FILE).write_text(content)

    with pytest.raises(StorageUnusable, match="register the applications anew"):
        apps.find("x")
