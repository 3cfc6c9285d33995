"""Be a sync client of a tenant that another site has."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from connector.errors import InvalidRequest
from connector.tenant.clients import Client, deciding
from connector.tenant.membership import Counted, Membership
from connector.tenant.remote import answers
from connector.tenant.remote.refusals import PlaceWanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from connector.settings import TenantSettings
    from connector.tenant.clients import Comer
    from connector.tenant.ports import Store

T = TypeVar("T")


class Ask(Protocol):
    """Ask the server, and return what ``read`` makes of its answer; raises the connector's own errors."""

    def __call__(self, call: str, fields: dict[str, Any], read: Callable[[Any], T]) -> T: ...


_THIS = 1
"""The number of the client here: the server knows it by its application."""

_MOST_PLACES = 8
_ANCHORS_AT_A_TIME = 2000


class RemoteMembership(Membership):
    """The membership as the client sees it: of the clients of the tenant, it knows itself."""

    def __init__(
        self,
        store: Store,
        settings: TenantSettings,
        ask: Ask,
        entered: Callable[[float], None],
    ) -> None:
        """Take how the server is asked, and who is told by how many seconds its clock runs ahead."""
        super().__init__(store)
        self._settings = settings
        self._ask = ask
        self._entered = entered

    def listed(self) -> list[Counted]:
        return [
            Counted(Client(_THIS, name, host, place, last), objects)
            for name, host, place, last, objects in self._ask("clients", {}, answers.clients)
        ]

    def quarantined(self, client: int | None) -> int:  # noqa: ARG002 - as its class has it
        return self._ask("counts", {}, lambda said: answers.number(said, "own"))

    def number(self, client: str | None) -> int:  # noqa: ARG002 - as above
        return _THIS

    def enter(
        self, comer: Comer, is_there: Callable[[Client], bool], *, has_exported: bool
    ) -> Client:
        """Come to the tenant, with what this side knows; the server decides who the client is.

        Raises InvalidSettings where the settings of the tenant are others there, StorageCopied,
        TenantUnavailable.
        """
        client, ahead = self._come(
            "enter", comer, is_there, answers.entered, has_exported=has_exported
        )
        self._entered(ahead)
        return Client(_THIS, client, comer.host, comer.place, None)

    def examine(self, comer: Comer, is_there: Callable[[Client], bool]) -> None:
        """Raise what ``enter`` would raise; the server changes nothing."""
        self._come("check", comer, is_there, lambda said: answers.text(said, "tenant"))

    def _come(
        self,
        call: str,
        comer: Comer,
        is_there: Callable[[Client], bool],
        read: Callable[[Any], T],
        *,
        has_exported: bool = False,
    ) -> T:
        """Come to the server as often as it wants to know whether a folder is there; return what it says."""
        there: dict[str, bool] = {}
        while True:
            asked = {
                "client": comer.id,
                "host": comer.host,
                "place": comer.place,
                "moved": comer.moved,
                "exported": has_exported,
                "there": there,
                "settings": deciding(self._settings),
            }
            try:
                return self._ask(call, asked, read)
            except PlaceWanted as wanted:
                if wanted.place in there or len(there) >= _MOST_PLACES:
                    raise
                recorded = Client(_THIS, comer.id or "", comer.host, wanted.place, None)
                there[wanted.place] = is_there(recorded)

    def tell_settings(self, settings: TenantSettings, client: Client, *, told: bool) -> None:  # noqa: ARG002 - as above
        """Refuse an operator's word: the server has compared the settings when the client came."""
        if told:
            raise InvalidRequest(
                "The settings of the tenant are those of its server: change them there. What this file says "
                "of it must be the same."
            )

    def take_over(self, number: int, anchors: Collection[str]) -> list[str]:  # noqa: ARG002 - as above
        return self._for_all("take-over", anchors, lambda said: answers.texts(said, "taken"))

    def without_shadow(self, anchors: Collection[str]) -> list[str]:
        return self._for_all("without-shadow", anchors, lambda said: answers.texts(said, "without"))

    def _for_all(
        self, call: str, anchors: Collection[str], read: Callable[[Any], list[str]]
    ) -> list[str]:
        """Ask about source anchors, some at a time, and return what is said of all."""
        left, found = iter(anchors), list[str]()
        while some := list(islice(left, _ANCHORS_AT_A_TIME)):
            found += self._ask(call, {"anchors": some}, read)
        return found

    def inherit(self, number: int, client: str) -> list[str]:  # noqa: ARG002 - as above
        """Refuse: who may have all that another client has, the site of the tenant decides."""
        raise InvalidRequest(
            f"What {client} has can be taken over only by a connector that has the tenant's database."
        )
