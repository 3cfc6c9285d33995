"""Write LDAP messages as a server would, whole or broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.directory.ber import element

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BIND, ENTRY, DONE, REFERENCE, EXTENDED, INTERMEDIATE = 0x61, 0x64, 0x65, 0x73, 0x78, 0x79

SYNC = "1.3.6.1.4.1.4203.1.9.1."
PAGES = "1.2.840.113556.1.4.319"
DIRSYNC = "1.2.840.113556.1.4.841"
NOTICE = "1.3.6.1.4.1.1466.20036"

UUIDS = [bytes([number]) * 16 for number in range(10)]


def message(number: int, operation: bytes, *controls: bytes) -> bytes:
    tail = element(0xA0, b"".join(controls)) if controls else b""
    return element(0x30, integer(number) + operation + tail)


def integer(number: int) -> bytes:
    return element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def text(value: str | bytes) -> bytes:
    return element(0x04, value.encode() if isinstance(value, str) else value)


def sequence(*parts: bytes) -> bytes:
    return element(0x30, b"".join(parts))


def attribute(name: str | bytes, values: Sequence[bytes]) -> bytes:
    return sequence(text(name), element(0x31, b"".join(text(value) for value in values)))


def entry(dn: str | bytes, attributes: Mapping[str, Sequence[bytes]] | None = None) -> bytes:
    listed = [attribute(name, values) for name, values in (attributes or {}).items()]
    return element(ENTRY, text(dn) + sequence(*listed))


def result(
    code: int = 0, said: str = "", *, tag: int = DONE, referrals: Sequence[str] = (), name: str = ""
) -> bytes:
    body = element(0x0A, integer(code)[2:]) + text("") + text(said)
    if referrals:
        body += element(0xA3, b"".join(text(url) for url in referrals))
    if name:
        body += element(0x8A, name.encode())
    return element(tag, body)


def reference(*urls: str) -> bytes:
    return element(REFERENCE, b"".join(text(url) for url in urls))


def intermediate(value: bytes, name: str = f"{SYNC}4") -> bytes:
    return element(INTERMEDIATE, element(0x80, name.encode()) + element(0x81, value))


def notice(code: int = 52, said: str = "") -> bytes:
    return message(0, result(code, said, tag=EXTENDED, name=NOTICE))


def control(oid: str, value: bytes | None = None, *, critical: bool | None = None) -> bytes:
    parts = [text(oid)]
    if critical is not None:
        parts.append(element(0x01, b"\xff" if critical else b"\x00"))
    if value is not None:
        parts.append(text(value))
    return sequence(*parts)


def sync_state(state: int, uuid: bytes, cookie: bytes | None = None) -> bytes:
    parts = [element(0x0A, bytes([state])), text(uuid)]
    if cookie is not None:
        parts.append(text(cookie))
    return control(f"{SYNC}2", sequence(*parts))


def sync_done(cookie: bytes | None = None, refresh_deletes: bool | None = None) -> bytes:
    parts = [] if cookie is None else [text(cookie)]
    if refresh_deletes is not None:
        parts.append(element(0x01, b"\xff" if refresh_deletes else b"\x00"))
    return control(f"{SYNC}3", sequence(*parts))


def id_set(
    uuids: Sequence[bytes], *, deleted: bool | None = None, cookie: bytes | None = None
) -> bytes:
    parts = [] if cookie is None else [text(cookie)]
    if deleted is not None:
        parts.append(element(0x01, b"\xff" if deleted else b"\x00"))
    parts.append(element(0x31, b"".join(text(uuid) for uuid in uuids)))
    return element(0xA3, b"".join(parts))


def page(cookie: bytes = b"") -> bytes:
    return control(PAGES, sequence(integer(0), text(cookie)))


def dirsync(cookie: bytes, *, more: bool = False) -> bytes:
    return control(DIRSYNC, sequence(integer(int(more)), integer(0), text(cookie)))
