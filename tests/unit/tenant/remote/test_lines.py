"""Lines of batches, answers and read-backs: what was written is read, and nothing else."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from connector.model import (
    Holder,
    MemberChange,
    ObjectType,
    Quarantined,
    ShadowObject,
    SyncAction,
    SyncCode,
    SyncObject,
    SyncOperation,
    SyncResult,
)
from connector.tenant.remote import lines

USER, GROUP = ObjectType.USER, ObjectType.GROUP
ANN = SyncObject(
    USER,
    SyncOperation.SET,
    "WlaTXv19QUeWZ5kbN8c2Cg==",
    {
        "accountEnabled": True,
        "displayName": "Ann \u2028 Ångström",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "x"},
        "proxyAddresses": ["SMTP:ann@contoso.com"],
        "thumbnailPhoto": {"bytes": 12, "sha256": "00"},
        "extension_desk": "12",
    },
    [],
)
STAFF = SyncObject(GROUP, SyncOperation.SET, "staff", None, [MemberChange("ann", add=True)])
BOB = SyncObject(USER, SyncOperation.SET, "bob", None, [], "")
EVE = SyncObject(USER, SyncOperation.DELETE, "eve", None, [], None)


def test_a_batch_is_read_as_it_was_written():
    batch = [ANN, STAFF, BOB, EVE]

    assert lines.batch_from_lines(lines.batch_to_lines(batch)) == batch


def test_an_answer_is_read_as_it_was_written():
    results = [
        SyncResult(ANN.source_anchor, action=SyncAction.ADDED, cloud_anchor="User_1"),
        SyncResult(
            "staff",
            SyncCode.ATTRIBUTE_VALUE_MUST_BE_UNIQUE,
            SyncAction.FAILED,
            "why",
            quarantined=(Quarantined("ProxyAddresses", "smtp:a@b.c", Holder("1", USER, "Ann")),),
            attribute="ProxyAddresses",
            value="a@b.c",
        ),
    ]
    text = lines.answer_to_lines(results, "tenant:1:mark")

    assert lines.answer_from_lines(text, [ANN, STAFF]) == (results, "tenant:1:mark")


def test_an_object_of_a_read_back_is_read_as_it_was_written():
    shadow = ShadowObject("staff", "Group_1", GROUP, '{"displayName":"Staff"}', ["ann"], None, True)

    assert lines.shadow_from_line(lines.shadow_to_line(shadow)) == shadow


def line(**changed):
    fields: dict[str, Any] = {
        "kind": "user",
        "operation": "set",
        "anchor": "ann",
        "properties": {},
        "members": [],
        "manager": None,
    }
    return json.dumps(list((fields | changed).values())).encode()


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"null",
        b"{}",
        b"[",
        b"\xff",
        b"[" * 100_000,
        b'["user","set","ann",{},[]]',
        line(kind="robot"),
        line(kind=["user"]),
        line(operation="drop"),
        line(operation=None),
        line(anchor=""),
        line(anchor=7),
        line(anchor="a\0b"),
        line(anchor="\ud800"),
        line(properties=[]),
        line(properties={"": "x"}),
        line(properties={"a b": "x"}),
        line(properties={"displayName": 7}),
        line(properties={"displayName": ["x"]}),
        line(properties={"displayName": None}),
        line(properties={"displayName": "\ud800"}),
        line(properties={"proxyAddresses": "smtp:a@b.c"}),
        line(properties={"proxyAddresses": [7]}),
        line(properties={"accountEnabled": "TRUE"}),
        line(properties={"onPremisesExtensionAttributes": {"x": ["y"]}}),
        line(properties={"onPremisesExtensionAttributes": {"extensionAttribute1": 7}}),
        line(properties={"extension_x": {"y": {}}}),
        line(properties={"extension_x": 1.5}),
        line(properties={"extension_x": 1 << 80}),
        line(members=None),
        line(members=["ann"]),
        line(members=[["ann"]]),
        line(members=[["ann", 1]]),
        line(members=[[7, True]]),
        line(manager=7),
        line(manager="m\0"),
    ],
)
def test_a_line_of_another_form_is_refused_by_its_number(bad):
    with pytest.raises(ValueError, match="^line 2: "):
        lines.batch_from_lines(line() + b"\n" + bad + b"\n")


def test_lines_without_end_take_no_room():
    text = b"\n" * (4 * 1024 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="at most 100,000 objects"):
            lines.batch_from_lines(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 1024 * 1024


def test_a_batch_has_a_limit():
    members = [[f"user{number}", True] for number in range(lines.MOST_OBJECTS // 2 + 1)]
    text = b"\n".join([line(kind="group", members=members)] * 2)

    with pytest.raises(ValueError, match="changes of members"):
        lines.batch_from_lines(text)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}\n",
        b'{"position":7}\n',
        b'{"position":"p"}\n',
        b'{"position":"p"}\nnull\n',
        b'{"position":"p"}\n["bob","Success","added",null,null,[],null,null]\n',
        b'{"position":"p"}\n["ann","Odd","added",null,null,[],null,null]\n',
        b'{"position":"p"}\n["ann","Success","added",7,null,[],null,null]\n',
        b'{"position":"p"}\n["ann","Success","added",null,7,[],null,null]\n',
        b'{"position":"p"}\n["ann","Success","added",null,null,[["x",7,"1","user","A"]],null,null]\n',
    ],
)
def test_an_answer_to_something_else_is_refused(answer):
    with pytest.raises(ValueError, match=r"\w"):
        lines.answer_from_lines(answer, [SyncObject(USER, SyncOperation.SET, "ann")])


@pytest.mark.parametrize(
    "changed",
    [{2: ["user"]}, {3: "no JSON"}, {3: "[]"}, {3: "\ud800"}, {3: {}}, {4: "ann"}, {6: 1}],
)
def test_an_object_of_a_read_back_in_another_form_is_refused(changed):
    fields = dict(enumerate(ShadowObject("staff", "Group_1", GROUP, "{}", [])))

    with pytest.raises(ValueError, match=r"\w"):
        lines.shadow_from_line(json.dumps(list((fields | changed).values())).encode())
