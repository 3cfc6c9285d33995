from __future__ import annotations

import pytest

from connector.directory.ber import element
from connector.directory.search_entry import Entry
from connector.directory.wire import (
    MAX_MESSAGE,
    Intermediate,
    Reference,
    Result,
    decode_controls,
    messages,
)
from connector.errors import DirectoryUnavailable, MalformedAnswer
from tests.ldap_messages import (
    ENTRY,
    attribute,
    control,
    entry,
    intermediate,
    message,
    notice,
    reference,
    result,
    sequence,
    text,
)

DONE = message(7, result())
DN = "uid=ann,dc=contoso,dc=com"


def decode(*chunks: bytes, number: int = 7) -> list[Entry | Intermediate | Reference | Result]:
    return list(messages(chunks, number))


def attributes_of(*listed: bytes) -> dict[str, list[bytes]]:
    operation = element(ENTRY, text(DN) + sequence(*listed))
    found, _ = decode(message(7, operation) + DONE)
    assert isinstance(found, Entry)
    return {name: list(values) for name, values in found.attributes.items()}


def test_entry_is_decoded_with_names_in_lower_case_and_raw_values() -> None:
    values = {"proxyAddresses": [b"SMTP:a@b", b"smtp:c@d"], "cn": [b"\xff\x00"], "title": []}

    found, _ = decode(message(7, entry(DN, values)) + DONE)

    assert found == Entry(
        DN, {"proxyaddresses": [b"SMTP:a@b", b"smtp:c@d"], "cn": (b"\xff\x00",), "title": []}, b""
    )


def test_result_ends_the_answer_and_what_follows_is_not_read() -> None:
    assert decode(DONE + b"garbage") == [Result(0x65, 0, "", "", (), b"")]


def test_result_carries_code_message_and_referrals() -> None:
    operation = result(10, "elsewhere", referrals=["ldap://a/", "ldap://b/"])

    assert decode(message(7, operation)) == [
        Result(0x65, 10, "", "elsewhere", ("ldap://a/", "ldap://b/"), b"")
    ]


def test_reference_and_intermediate_are_decoded() -> None:
    stream = message(7, reference("ldap://a/dc=x")) + message(7, intermediate(b"value", "1.2.3"))

    assert decode(stream + DONE)[:2] == [
        Reference(("ldap://a/dc=x",)),
        Intermediate("1.2.3", b"value"),
    ]


def test_intermediate_may_lack_name_and_value() -> None:
    assert decode(message(7, element(0x79, b"")) + DONE)[0] == Intermediate("", b"")


@pytest.mark.parametrize("number", [1, 127, 128, 255, 256, 32768, 2**31 - 1])
def test_message_ids_of_every_size_are_recognised(number: int) -> None:
    assert decode(message(number, result()), number=number)


def test_messages_of_other_operations_are_skipped() -> None:
    others = message(6, entry(DN)) + message(6, result(32)) + message(300, result())

    assert decode(others + DONE) == [Result(0x65, 0, "", "", (), b"")]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 1000])
def test_chunks_may_cut_anywhere(size: int) -> None:
    large = {"description": [b"x" * 40_000, b"y" * 200], "cn": [b"Ann"]}
    stream = message(7, entry(DN, large), control("1.2.3", b"value")) * 3 + DONE
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]

    assert decode(*chunks) == decode(stream)


@pytest.mark.parametrize(
    "length", [0, 1, 124, 125, 126, 127, 128, 129, 255, 256, 65_535, 65_536, 1 << 20]
)
def test_values_of_every_length_survive(length: int) -> None:
    assert attributes_of(attribute("cn", [b"v" * length])) == {"cn": [b"v" * length]}


def test_fifty_thousand_values_survive() -> None:
    members = [b"uid=user%06d,dc=contoso,dc=com" % number for number in range(50_000)]

    assert attributes_of(attribute("member", members)) == {"member": members}


def test_object_classes_keep_their_order_in_every_entry() -> None:
    one = message(7, entry(DN, {"objectClass": [b"top", b"person"]}))
    other = message(7, entry(DN, {"objectClass": [b"person", b"top"]}))

    found = decode(one + other + one + DONE)[:3]

    assert [list(e.attributes["objectclass"]) for e in found if isinstance(e, Entry)] == [
        [b"top", b"person"],
        [b"person", b"top"],
        [b"top", b"person"],
    ]


def test_binary_option_is_the_attribute_itself() -> None:
    assert attributes_of(attribute("userCertificate;binary", [b"\x30"])) == {
        "usercertificate": [b"\x30"]
    }


def test_values_under_language_tags_are_left_out() -> None:
    listed = attribute("cn;lang-de", [b"Anna"]), attribute("cn", [b"Ann"])

    assert attributes_of(*listed) == {"cn": [b"Ann"]}


def test_values_of_one_attribute_in_two_parts_are_put_together() -> None:
    listed = attribute("userCertificate", [b"1"]), attribute("userCertificate;binary", [b"2", b"3"])

    assert attributes_of(*listed) == {"usercertificate": [b"1", b"2", b"3"]}


def test_whole_range_is_the_attribute_itself() -> None:
    assert attributes_of(attribute("member;range=0-*", [b"cn=a"])) == {"member": [b"cn=a"]}


def test_range_that_is_only_a_part_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="only a part of the values of member"):
        attributes_of(attribute("member;range=0-1499", [b"cn=a"]))


def test_more_names_than_are_remembered_do_no_harm() -> None:
    names = [f"x-{number}" for number in range(10_000)]

    assert attributes_of(*(attribute(name, [b"v"]) for name in names)) == {n: [b"v"] for n in names}


def test_name_that_is_no_utf_8_is_kept_reversibly() -> None:
    found, _ = decode(message(7, entry(b"cn=\xff,dc=x")) + DONE)

    assert isinstance(found, Entry)
    assert found.dn.encode("utf-8", "surrogateescape") == b"cn=\xff,dc=x"


def test_long_form_of_a_short_length_is_ber_too() -> None:
    body = message(7, result())
    long_form = b"\x30\x84" + (len(body) - 2).to_bytes(4, "big") + body[2:]

    assert decode(long_form) == [Result(0x65, 0, "", "", (), b"")]


def test_attribute_with_a_length_in_long_form_is_decoded_each_time_it_comes() -> None:
    """Its first bytes are those of a short-form name of three letters, which the decoder remembers."""
    short = attribute("uid", [b"ann"])
    long_form = b"\x30\x81" + short[1:]
    operation = element(ENTRY, text(DN) + sequence(long_form))

    found = decode(message(7, operation), message(7, operation), DONE)

    entries = [one for one in found if isinstance(one, Entry)]
    assert [one.attributes for one in entries] == [{"uid": (b"ann",)}] * 2


def test_message_for_people_is_made_printable() -> None:
    found = decode(message(7, result(80, "no\x1b[31m\nway")))[0]

    assert isinstance(found, Result)
    assert found.message == "no\\u001b[31m\\u000away"


def test_notice_of_disconnection_says_why() -> None:
    with pytest.raises(DirectoryUnavailable, match="disconnection with result 52 going down"):
        decode(notice(52, "going down"))


def test_end_before_the_result_is_an_error() -> None:
    with pytest.raises(DirectoryUnavailable, match="closed before the end"):
        decode(message(7, entry(DN)), DONE[:-1])


def test_entries_before_the_break_are_given() -> None:
    stream = messages([message(7, entry(DN)), b"\x00\x00"], 7)

    assert next(stream) == Entry(DN, {}, b"")
    with pytest.raises(MalformedAnswer):
        next(stream)


BROKEN = {
    "text instead of LDAP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "message that is no sequence": b"\x31" + DONE[1:],
    "indefinite length": b"\x30\x80" + DONE[2:] + b"\x00\x00",
    "length of five octets": b"\x30\x85\x00\x00\x00\x00\x0c" + DONE[2:],
    "message of more bytes than allowed": b"\x30\x84" + (MAX_MESSAGE + 1).to_bytes(4, "big"),
    "empty message": b"\x30\x00" + DONE,
    "message id of another type": b"\x30\x0c\x04\x01\x07" + DONE[5:],
    "message id without octets": b"\x30\x0b\x02\x00" + DONE[5:],
    "operation longer than the message": b"\x30\x05\x02\x01\x07\x65\x7f",
    "operation shorter than the message": message(7, result() + b"\x04\x00"),
    "unknown operation": message(7, element(0x6F, b"")),
    "result without a code": message(7, element(0x65, b"")),
    "result with a code of another type": message(
        7, element(0x65, text("\x00") + text("") + text(""))
    ),
    "result cut short": message(7, element(0x65, b"\x0a\x01\x00\x04\x05ab")),
    "entry without attributes": message(7, element(ENTRY, text(DN))),
    "bytes after the attributes": message(7, element(ENTRY, text(DN) + sequence() + b"\x04\x00")),
    "name of the entry of another type": message(7, element(ENTRY, b"\x02\x01\x00" + sequence())),
    "attribute that is no sequence": message(7, element(ENTRY, text(DN) + sequence(text("cn")))),
    "attribute without values": message(
        7, element(ENTRY, text(DN) + sequence(sequence(text("cn"))))
    ),
    "values that are no set": message(
        7, element(ENTRY, text(DN) + sequence(sequence(text("cn"), sequence(text("a")))))
    ),
    "value of another type": message(
        7, element(ENTRY, text(DN) + sequence(sequence(text("cn"), b"\x31\x03\x02\x01\x00")))
    ),
    "value longer than its set": message(
        7, element(ENTRY, text(DN) + sequence(sequence(text("cn"), b"\x31\x03\x04\x05abcde")))
    ),
    "value shorter than its set": message(
        7, element(ENTRY, text(DN) + sequence(sequence(text("cn"), b"\x31\x03\x04\x00a")))
    ),
    "set longer than the attribute": message(
        7, element(ENTRY, text(DN) + sequence(b"\x30\x07\x04\x02cn\x31\x7f\x04" + b"a" * 200))
    ),
    "value with an indefinite length": message(
        7, element(ENTRY, text(DN) + sequence(sequence(text("cn"), b"\x31\x04\x04\x80\x00\x00")))
    ),
    "attribute without a name": message(7, entry(DN, {"": [b"v"]})),
    "attribute with a name that is no ASCII": message(
        7, element(ENTRY, text(DN) + sequence(attribute(b"c\xff", [])))
    ),
    "controls of another type": message(7, result() + sequence(control("1.2.3"))),
    "reference of another type": message(7, element(0x73, b"\x02\x01\x00")),
    "message without an id that is no notice": message(0, result()),
}


@pytest.mark.parametrize("stream", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_ldap_is_refused(stream: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        decode(stream + DONE)


def test_controls_are_told_by_their_identifier() -> None:
    raw = control("1.2.3", b"value", critical=True) + control("1.2.4") + control("1.2.5", b"")

    assert decode_controls(raw) == {"1.2.3": b"value", "1.2.4": b"", "1.2.5": b""}


@pytest.mark.parametrize(
    "raw", [b"\x30", b"\x04\x00", sequence(), sequence(b"\x02\x01\x00"), sequence(text(b"\xff"))]
)
def test_broken_controls_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        decode_controls(raw)
