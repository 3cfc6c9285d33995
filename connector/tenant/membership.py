"""Let a sync client into the tenant, and give it what other clients have."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import TenantRefused, UnknownObject
from connector.tenant.clients import (
    deciding,
    recognize,
    recognize_by_app,
    refuse_other_settings,
    told_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from connector.settings import TenantSettings
    from connector.tenant.clients import Client, Comer
    from connector.tenant.objects import TenantObject
    from connector.tenant.ports import Store

_SETTINGS = "settings"


class Counted(NamedTuple):
    """A client, and how many live objects it owns."""

    client: Client
    objects: int


class Membership:
    """Who the clients of a tenant are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listed(self) -> list[Counted]:
        """Return the clients in the order in which they came."""
        objects = self._store.clients.objects()
        return [Counted(one, objects.get(one.number, 0)) for one in self._store.clients.all()]

    def quarantined(self, client: int | None) -> int:
        """Count the quarantined values of a client's objects; of all, for None."""
        if client is None:
            return self._store.questions.counts().quarantined
        return self._store.clients.quarantined(client)

    def number(self, client: str | None) -> int:
        """Return the number of a client, 0 for one that the tenant does not know."""
        known = {one.id: one.number for one in self._store.clients.all()}
        return known.get(client or "", 0)

    def enter(
        self, comer: Comer, is_there: Callable[[Client], bool], *, has_exported: bool
    ) -> Client:
        """Let a client in; return it as it is recorded from now on.

        The first one of a tenant has what is there, where it is alone with it or ``has_exported`` to it.
        Raises StorageCopied.
        """
        clients = self._store.clients
        known = recognize(clients.all(), comer, is_there)
        if known is not None and (known.host, known.place) == (comer.host, comer.place):
            return known
        with self._store.transaction():
            everyone = clients.all()
            known = recognize(everyone, comer, is_there)
            if known is not None:
                clients.move(known.number, comer.host, comer.place)
                return known._replace(host=comer.host, place=comer.place)
            identity = comer.id or secrets.token_hex(16)
            number = clients.add(identity, comer.host, comer.place)
            if not everyone and (comer.is_alone or has_exported):
                clients.adopt(number)
        return next(one for one in clients.all() if one.number == number)

    def examine(self, comer: Comer, is_there: Callable[[Client], bool]) -> None:
        """Raise what ``enter`` would raise, and change nothing."""
        recognize(self._store.clients.all(), comer, is_there)

    def admit(
        self,
        comer: Comer,
        app: str,
        look: Callable[[], Client | None],
        *,
        has_exported: bool,
    ) -> Client:
        """Let a client in that comes by an application over the network; return it as it is recorded.

        ``look`` is ``examine_app`` with what it takes. Else as ``enter``. Raises ClientRefused, StorageCopied.
        """
        clients = self._store.clients
        known = look()
        if known is not None and known[2:4] == (comer.host, comer.place) and known.app == app:
            return known
        with self._store.transaction():
            everyone = clients.all()
            known = look()
            if known is None:
                number = clients.add(comer.id or secrets.token_hex(16), comer.host, comer.place)
                if not everyone and has_exported:
                    clients.adopt(number)
            else:
                number = known.number
                clients.move(number, comer.host, comer.place)
            clients.bind(number, app)
        return next(one for one in clients.all() if one.number == number)

    def examine_app(
        self,
        comer: Comer,
        app: str,
        *,
        is_registered: Callable[[str], bool],
        is_there: Callable[[Client], bool],
    ) -> Client | None:
        """Return the client that comes by an application, None for a new one, and change nothing.

        Raises ClientRefused, StorageCopied.
        """
        return recognize_by_app(
            self._store.clients.all(), comer, app, is_registered=is_registered, is_there=is_there
        )

    def of_app(self, app: str) -> Client | None:
        """Return the client that comes by an application, None where none does."""
        return next((one for one in self._store.clients.all() if one.app == app), None)

    def tell_settings(self, settings: TenantSettings, client: Client, *, told: bool) -> None:
        """Let a client say what the tenant is like; with ``told`` by the word of an operator.

        Raises InvalidSettings where it says otherwise than others that share the tenant.
        """
        values = deciding(settings)
        text = told_text(values, f"{client.host} {client.place}".strip())
        before = self._store.state(_SETTINGS)
        if before == text:
            return
        others = [
            one
            for one in self._store.clients.all()
            if one.number != client.number and one.last_export is not None
        ]
        if before is not None and others and not told:
            refuse_other_settings(before, values)
            return
        with self._store.transaction():
            self._store.set_state(_SETTINGS, text)

    def refuse_other_settings(self, settings: TenantSettings) -> None:
        """Raise InvalidSettings where the tenant was told otherwise than these settings say."""
        if (told := self._store.state(_SETTINGS)) is not None:
            refuse_other_settings(told, deciding(settings))

    def foreign(
        self,
        client: int | None,
        rows: Mapping[str, Sequence[TenantObject]],
        *,
        take_over: bool,
    ) -> tuple[dict[str, str], Collection[str]]:
        """Return who owns what other clients have, by source anchor, and what may be taken over of it.

        ``rows`` are the objects of a batch by source anchor. What was taken from the client, the setting
        does not take back.
        """
        mine = {None, client}
        if client is None or all(row.owner in mine for some in rows.values() for row in some):
            return {}, ()
        clients = self._store.clients
        names: dict[int | None, str] = {
            one.number: f"{one.host} {one.place}".strip() for one in clients.all()
        }
        foreign = {}
        for anchor, some in rows.items():
            there = [row for row in some if row.deleted is None] or some
            if others := [row.owner for row in there if row.owner not in mine]:
                foreign[anchor] = names.get(others[0], "unknown")
        if not take_over:
            return foreign, ()
        return foreign, foreign.keys() - clients.taken_from(client, foreign)

    def take_over(self, number: int, anchors: Collection[str]) -> list[str]:
        """Give a client the objects of others with these source anchors; return those that it got."""
        store = self._store
        with store.transaction():
            version = store.version() + 1
            taken = store.clients.take_over(number, anchors, version)
            if taken:
                store.set_version(version)
        return taken

    def inherit(self, number: int, client: str) -> list[str]:
        """Give a client all that another one has, which will not come back; return the source anchors.

        The other one is forgotten: should it come, it is a new one. Raises UnknownObject, TenantRefused.
        """
        store = self._store
        with store.transaction():
            other = next((one for one in store.clients.all() if one.id == client), None)
            if other is None:
                raise UnknownObject(
                    f"No connector of this tenant has the id {client!r}: `connector tenant clients` lists them."
                )
            if other.number == number:
                raise TenantRefused(f"{client} is this connector: its objects are its own.")
            version = store.version() + 1
            taken = store.clients.take_over(number, store.clients.anchors(other.number), version)
            store.clients.remove(other.number)
            store.set_version(version)
        return taken

    def without_shadow(self, anchors: Collection[str]) -> list[str]:
        """Return the source anchors that no read-back tells of: deleted, cloud-only, or not there at all."""
        found = self._store.by_anchor(anchors)
        return [
            anchor
            for anchor in anchors
            if not any(row.synced and row.deleted is None for row in found.get(anchor, ()))
        ]
