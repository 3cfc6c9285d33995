"""Be a sync client of a tenant that another site has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import InvalidRequest
from connector.tenant.clients import Client, deciding
from connector.tenant.membership import Counted, Membership
from connector.tenant.remote.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from connector.settings import TenantSettings
    from connector.tenant.clients import Comer
    from connector.tenant.ports import Store

_THIS = 1
"""The number of the client here: the server knows it by its application."""

_MOST_PLACES = 8


class RemoteMembership(Membership):
    """The membership as the client sees it: of the clients of the tenant, it knows itself."""

    def __init__(
        self,
        store: Store,
        settings: TenantSettings,
        ask: Callable[[str, dict[str, Any]], Any],
        entered: Callable[[dict[str, Any]], None],
    ) -> None:
        """Take how the server is asked, and who is told what it says to a client that comes."""
        super().__init__(store)
        self._settings = settings
        self._ask = ask
        self._entered = entered

    def listed(self) -> list[Counted]:
        return [
            Counted(Client(_THIS, str(name), str(host), str(place), last), int(objects))
            for name, host, place, last, objects in self._ask("clients", {})
        ]

    def quarantined(self, client: int | None) -> int:  # noqa: ARG002 - as its class has it
        return int(self._ask("counts", {})["own"])

    def number(self, client: str | None) -> int:  # noqa: ARG002 - as above
        return _THIS

    def enter(
        self, comer: Comer, is_there: Callable[[Client], bool], *, has_exported: bool
    ) -> Client:
        """Come to the tenant, with what this side knows; the server decides who the client is.

        Raises InvalidSettings where the settings of the tenant are others there, StorageCopied,
        TenantUnavailable.
        """
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
                said = self._ask("enter", asked)
            except Refusal as refusal:
                if refusal.code != "PlaceAsked" or len(there) >= _MOST_PLACES:
                    raise
                [place] = refusal.problems
                recorded = Client(_THIS, comer.id or "", comer.host, place, None)
                there[place] = is_there(recorded)
            else:
                self._entered(said)
                return Client(_THIS, str(said["client"]), comer.host, comer.place, None)

    def tell_settings(self, settings: TenantSettings, client: Client, *, told: bool) -> None:  # noqa: ARG002 - as above
        """Refuse an operator's word: the server has compared the settings when the client came."""
        if told:
            raise InvalidRequest(
                "The settings of the tenant are those of its server: change them there. What this file says "
                "of it must be the same."
            )

    def take_over(self, number: int, anchors: Collection[str]) -> list[str]:  # noqa: ARG002 - as above
        taken: list[str] = self._ask("take-over", {"anchors": list(anchors)})["taken"]
        return taken

    def without_shadow(self, anchors: Collection[str]) -> list[str]:
        found: list[str] = self._ask("without-shadow", {"anchors": list(anchors)})["without"]
        return found

    def inherit(self, number: int, client: str) -> list[str]:  # noqa: ARG002 - as above
        """Refuse: who may have all that another client has, the site of the tenant decides."""
        raise InvalidRequest(
            f"What {client} has can be taken over only by a connector that has the tenant's database."
        )
