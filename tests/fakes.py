"""A directory in memory: the port ``connector.ports.Directory``, with verbs to change its entries.

It keeps the contract of ``tests/contracts/directory.py``, as a real slapd does.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import DirectoryUnavailable
from connector.model import Complete, DirectoryEntry, Gone, Identity, Present
from connector.values.schema import standard
from tests import folding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from connector.model import Change
    from connector.values.schema import Schema

SUFFIX = "dc=contoso,dc=com"
CLASSES = {
    "user": ["inetOrgPerson", "onPremRecipient"],
    "group": ["groupOfNames", "onPremRecipient"],
    "contact": ["contact", "onPremRecipient"],
}

Value = str | bytes | int
Values = Value | list[Value] | list[str] | list[bytes]

_COOKIE = re.compile(rb"rid=000,csn=20260101000000\.(\d{6,})Z#000000#000#000000")
_ID_SET = 256


@dataclass(slots=True)
class _Held:
    """An entry, with the numbers of the changes that made it and last changed it."""

    dn: str
    attributes: dict[str, list[bytes]]
    created: int
    changed: int


class MemoryDirectory:
    """Holds entries, counts changes, and answers as OpenLDAP does.

    ``matching`` is the filter of the search: the connector does not see entries that it does not
    accept. ``unreachable`` makes every call fail. ``identity`` gives each new entry its
    entryUUID. With ``rewrites`` members are rewritten when they are renamed or deleted, without a
    change of their groups, as the overlay refint does. ``base`` is where the search begins.
    """

    def __init__(
        self,
        *,
        matching: Callable[[Mapping[str, Sequence[bytes]]], bool] = bool,
        identity: Callable[[], uuid.UUID] = uuid.uuid4,
        rewrites: bool = False,
    ) -> None:
        self.unreachable = False
        self.rewrites = rewrites
        self.base = SUFFIX
        self._lives = 1
        self._new_identity = identity
        self.matching = matching
        self._entries: dict[bytes, _Held] = {}
        self._names: dict[str, bytes] = {}
        self._gone: list[tuple[int, bytes]] = []
        self._now = 0
        self._log_begins = 0
        self._overlooked: set[bytes] = set()
        self._failure: tuple[int, Exception] | None = None
        self._streaming = False
        self.add(SUFFIX, ["dcObject", "organization"], dc="contoso", o="Contoso")
        for name in ("users", "groups", "contacts"):
            self.ou(name)

    # --- verbs --------------------------------------------------------------------------------

    def user(
        self,
        name: str,
        upn: str | None = None,
        proxies: Sequence[str] = (),
        *,
        below: str = f"ou=users,{SUFFIX}",
        **attributes: Values,
    ) -> str:
        """Add a user and return its DN."""
        return self.add(
            f"uid={name},{below}",
            CLASSES["user"],
            **{
                "uid": name,
                "cn": name,
                "sn": name,
                "displayName": name.title(),
                "sAMAccountName": name,
                "userPrincipalName": f"{name}@contoso.com" if upn is None else upn,
                "proxyAddresses": list(proxies),
                **attributes,
            },
        )

    def group(
        self,
        name: str,
        members: Sequence[str] = (),
        proxies: Sequence[str] = (),
        *,
        below: str = f"ou=groups,{SUFFIX}",
        **attributes: Values,
    ) -> str:
        """Add a group of these DNs and return its own; with addresses it is mail-enabled."""
        mail: dict[str, Values] = {"proxyAddresses": list(proxies), "mailNickname": name}
        named: dict[str, Values] = {
            "cn": name,
            "member": list(members),
            "displayName": name.title(),
            **(mail if proxies else {}),
        }
        return self.add(f"cn={name},{below}", CLASSES["group"], **{**named, **attributes})

    def contact(
        self, name: str, address: str, *, below: str = f"ou=contacts,{SUFFIX}", **attributes: Values
    ) -> str:
        """Add a contact and return its DN."""
        return self.add(
            f"cn={name},{below}",
            CLASSES["contact"],
            **{
                "cn": name,
                "displayName": name.title(),
                "mail": address,
                "proxyAddresses": [f"SMTP:{address}"],
                **attributes,
            },
        )

    def ou(self, name: str, *, below: str = SUFFIX) -> str:
        """Add an organizational unit and return its DN."""
        return self.add(f"ou={name},{below}", ["organizationalUnit"], ou=name)

    def add(self, dn: str, classes: Sequence[str], **attributes: Values) -> str:
        """Add an entry of any kind and return its DN."""
        assert self._find(dn) is None, f"{dn} exists"
        self._now += 1
        identity = self._new_identity()
        held = _Held(dn, {"objectclass": [name.encode() for name in classes]}, self._now, self._now)
        held.attributes["entryuuid"] = [str(identity).encode()]
        held.attributes["createtimestamp"] = [_time(self._now)]
        self._entries[identity.bytes] = held
        self._names[folding.dn(dn)] = identity.bytes
        self._set(held, attributes)
        return dn

    def modify(self, dn: str, **attributes: Values) -> None:
        """Replace the values of these attributes; an empty list removes one."""
        self._set(self._held(dn), attributes)

    def rename(self, dn: str, rdn: str) -> str:
        """Give an entry another RDN and return its DN; the entries below move along."""
        new = f"{rdn},{folding.split(dn)[1]}"
        self._place(dn, new)
        name, _, value = rdn.partition("=")
        self._set(self._held(new), {name: value})
        return new

    def move(self, dn: str, parent: str) -> str:
        """Put an entry below another and return its DN; the entries below move along."""
        new = f"{folding.split(dn)[0]},{parent}"
        self._place(dn, new)
        return new

    def remove(self, dn: str) -> None:
        """Delete an entry."""
        identity = self._identity(dn)
        self._now += 1
        del self._entries[identity], self._names[folding.dn(dn)]
        self._gone.append((self._now, identity))
        if self.rewrites:
            self.rewrite({dn: None})

    def rewrite(self, names: Mapping[str, str | None]) -> None:
        """Give members and managers other names, or take them out (None), without a change of who names them."""
        wanted = {folding.dn(old): new for old, new in names.items()}
        for held in self._entries.values():
            for attribute in held.attributes.keys() & {"member", "manager", "managedby"}:
                named = [_text(value) for value in held.attributes[attribute]]
                renamed = [wanted.get(folding.dn(name), name) for name in named]
                held.attributes[attribute] = [_raw(name) for name in renamed if name is not None]

    def forget(self, dn: str) -> None:
        """Delete an entry as a server does that is killed before it wrote down that it did."""
        identity = self._identity(dn)
        del self._entries[identity], self._names[folding.dn(dn)]

    def restart(self) -> None:
        """Begin another life."""
        self._lives += 1

    def lose_session_log(self) -> None:
        """Forget the deletes, as a restart does: the next delta comes as a present phase."""
        self._log_begins = self._now + 1
        self._gone.clear()

    def overlook(self, dn: str) -> None:
        """Leave an entry out of every stream of changes, although a read by its id finds it."""
        self._overlooked.add(self._identity(dn))

    def fail_at(self, message: int, error: Exception | None = None) -> None:
        """Make the next stream of changes raise before this message, counted from 0."""
        broken = DirectoryUnavailable("memory: the connection was closed; nothing was changed")
        self._failure = (message, error or broken)

    def uuid(self, dn: str) -> bytes:
        """Return the identity of an entry."""
        return self._identity(dn)

    # --- the port -----------------------------------------------------------------------------

    def fingerprint(self) -> str:
        return "memory"

    @property
    def url(self) -> str:
        return "memory:"

    def changes(self, cookie: bytes | None) -> Iterator[Change]:
        self._streaming = False
        self._answer()
        failure, self._failure = self._failure, None
        self._streaming = True
        try:
            for number, change in enumerate(self._changes(cookie)):
                if failure and number == failure[0]:
                    raise failure[1]
                self._streaming = not isinstance(change, Complete)
                yield change
            if failure:
                raise failure[1]
        finally:
            self._streaming = False

    def read(self, uuids: Collection[bytes]) -> Iterator[DirectoryEntry]:
        self._answer()
        for identity in list(uuids):
            held = self._entries.get(identity)
            if held is not None and self._is_wanted(held):
                yield _entry(identity, held)

    def read_below(self, dn: str) -> Iterator[DirectoryEntry]:
        self._answer()
        for identity, held in list(self._entries.items()):
            below = folding.is_below(held.dn, dn)
            if below and self._is_wanted(held):
                yield _entry(identity, held)

    def read_all(self) -> Iterator[DirectoryEntry]:
        self._answer()
        for identity, held in list(self._entries.items()):
            if self._is_wanted(held):
                yield _entry(identity, held)

    def identities(self) -> Iterator[Identity]:
        for entry in self.read_all():
            yield Identity(entry.uuid, entry.dn, entry.attributes["entrycsn"][0].decode())

    def parents(self, uuids: Collection[bytes]) -> set[bytes]:
        self._answer()
        above = {folding.dn(folding.split(held.dn)[1]) for held in self._entries.values()}
        return {i for i in uuids if i in self._entries and folding.dn(self._entries[i].dn) in above}

    def life(self) -> str:
        self._answer()
        return f"memory {self._lives}"

    def schema(self) -> Schema:
        return standard()

    def close(self) -> None:
        """Do nothing: there is no connection."""

    # --- how it works -------------------------------------------------------------------------

    def _answer(self) -> None:
        assert not self._streaming, "one connection answers one question at a time"
        if self.unreachable:
            raise DirectoryUnavailable("cannot connect to memory: it is unreachable")

    def _changes(self, cookie: bytes | None) -> Iterator[Change]:
        match = _COOKIE.fullmatch(cookie or b"")
        since = int(match[1]) if match else 0
        if match and since == self._now:
            yield Complete(None, unmentioned_gone=False)
            return
        seen = {i: held for i, held in self._entries.items() if i not in self._overlooked}
        wanted = {i: held for i, held in seen.items() if self._is_wanted(held)}
        whole = match is None or since < self._log_begins
        if match and whole:
            present = [i for i, held in wanted.items() if held.changed <= since]
            for at in range(0, len(present), _ID_SET):
                yield Present(present[at : at + _ID_SET])
        for identity, held in wanted.items():
            if held.changed > since:
                yield _entry(identity, held)
        if not whole:
            left = [i for i, held in seen.items() if held.changed > since and i not in wanted]
            gone = [i for at, i in self._gone if at > since]
            if left or gone:
                yield Gone([*gone, *left])
        yield Complete(_cookie(self._now), unmentioned_gone=whole)

    def _is_wanted(self, held: _Held) -> bool:
        return self.matching(held.attributes) and folding.is_below(held.dn, self.base)

    def _set(self, held: _Held, attributes: Mapping[str, Values]) -> None:
        self._now += 1
        held.changed = self._now
        held.attributes["entrycsn"] = [_csn(self._now)]
        for name, values in attributes.items():
            listed = values if isinstance(values, list) else [values]
            held.attributes[name.lower()] = [_raw(value) for value in listed]
            if not listed:
                del held.attributes[name.lower()]

    def _place(self, dn: str, new: str) -> None:
        """Move a tree; only its root counts as changed, as in OpenLDAP."""
        assert self._find(new) in (None, self._identity(dn)), f"{new} exists"
        root = self._held(dn)
        names: dict[str, str | None] = {}
        for held in self._entries.values():
            if folding.is_below(held.dn, dn):
                before, held.dn = held.dn, held.dn[: len(held.dn) - len(dn)] + new
                names[before] = held.dn
        if self.rewrites:
            self.rewrite(names)
        self._names = {folding.dn(held.dn): i for i, held in self._entries.items()}
        self._set(root, {})

    def _find(self, dn: str) -> bytes | None:
        return self._names.get(folding.dn(dn))

    def _identity(self, dn: str) -> bytes:
        identity = self._find(dn)
        assert identity is not None, f"no entry {dn}"
        return identity

    def _held(self, dn: str) -> _Held:
        return self._entries[self._identity(dn)]


def _entry(identity: bytes, held: _Held) -> DirectoryEntry:
    return DirectoryEntry(identity, held.dn, {k: tuple(v) for k, v in held.attributes.items()})


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _raw(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _cookie(count: int) -> bytes:
    return b"rid=000,csn=" + _csn(count)


def _csn(count: int) -> bytes:
    return b"20260101000000.%06dZ#000000#000#000000" % count


def _time(count: int) -> bytes:
    hours, rest = divmod(count, 3600)
    return b"20260101%02d%02d%02dZ" % (hours, *divmod(rest, 60))
