"""Tell the sync clients of a tenant apart: who is who, and whose settings hold.

A client is an id that its connector space keeps. A storage folder that was moved is the same client; one
that was copied must not be, because two would then work as one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from connector.errors import InvalidSettings, StorageCopied
from connector.values.addresses import fold
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.settings import TenantSettings

_OF_ONE_CLIENT = {
    "ca_file",
    "client_id",
    "client_secret",
    "client_secret_file",
    "database",
    "database_password_file",
    "take_over",
    "url",
}
"""Settings that say how a client comes to the tenant, not what the tenant is."""


_ADVICE = (
    "tenant: let all connectors of it say the same; to tell it the settings of this file: "
    "connector tenant clients --tell-settings"
)


class ClientRefused(Exception):
    """An application that comes over the network is not the one that its sync client came by."""


class PlaceAsked(Exception):
    """Whether a storage folder is still there decides who a client is, and only its host can tell."""

    def __init__(self, place: str) -> None:
        super().__init__(f"Is {place} still there?")
        self.place = place


class Client(NamedTuple):
    """A sync client as the tenant recorded it.

    ``place`` is its storage folder; ``last_export`` is None until it exported. ``app`` is the client id of the
    application by which it comes over the network, None for one that opens the database.
    """

    number: int
    id: str
    host: str
    place: str
    last_export: str | None
    app: str | None = None


class Comer(NamedTuple):
    """A client that comes to the tenant; ``id`` is None where its connector space has none yet.

    ``is_alone`` tells that the tenant is in the client's own
    storage folder, ``moved`` that the operator said so.
    """

    id: str | None
    host: str
    place: str
    is_alone: bool = False
    moved: bool = False


def recognize(
    known: Iterable[Client], comer: Comer, is_there: Callable[[Client], bool]
) -> Client | None:
    """Return the recorded client that a comer is, None for a new one.

    ``is_there`` tells whether the storage folder of a client is still where it was. A connector space that was
    lost has no id any more: its folder says who it was. Raises StorageCopied.
    """
    clients = list(known)
    for client in clients:
        if client.id == comer.id:
            if not comer.is_alone and not comer.moved:
                _refuse_a_copy(client, comer, is_there)
            return client
    for client in clients:
        if client.place == comer.place and _is_same_host(client, comer):
            return client
    if comer.is_alone and len(clients) == 1 and not is_there(clients[0]):
        return clients[0]
    return None


def recognize_by_app(
    known: Iterable[Client],
    comer: Comer,
    app: str,
    *,
    is_registered: Callable[[str], bool],
    is_there: Callable[[Client], bool],
) -> Client | None:
    """Return the recorded client that an application comes as, None for a new one.

    A client that came by another application is not its own, unless that application was removed: a
    connector gets another secret by another application. The id tells who a client is; the folder does
    only among what the application had before. Raises ClientRefused, StorageCopied.
    """
    clients = list(known)
    mine = next((one for one in clients if one.app == app), None)
    named = next((one for one in clients if comer.id is not None and one.id == comer.id), None)
    if named is not None and named.app not in {None, app} and is_registered(str(named.app)):
        raise ClientRefused(
            f"The sync client of {comer.place} comes by another application than before. Give it the id and "
            "the secret that it had; to let it come by this one, remove the other: connector web app remove"
        )
    if mine is None or (named is not None and named.number == mine.number):
        return recognize([named] if named else [], comer, is_there)
    if named is None and (found := recognize([mine], comer, is_there)) is not None:
        return found
    raise ClientRefused(
        f"The application is that of another sync client ({mine.host} {mine.place}), and one application is "
        "one sync client. Register another one: connector web app add NAME --role synchronization"
    )


def _refuse_a_copy(client: Client, comer: Comer, is_there: Callable[[Client], bool]) -> None:
    machines = _machine(client.host), _machine(comer.host)
    if all(machines) and machines[0] != machines[1]:
        where = f"{client.place} on another host ({client.host})"
    elif client.place != comer.place and is_there(client):
        where = client.place
    else:
        return
    raise StorageCopied(
        f"{comer.place} has the client id of {where}: is it a copy? A copy must not work as the same "
        "client: start with an empty storage.path, which is a client of its own. If the storage was "
        "moved here, and nothing is at work where it was: connector tenant clients --moved"
    )


def _machine(host: str) -> str:
    """Return the id of a machine as ``machine.host_name`` writes it; empty where it has none."""
    return host.partition(" ")[2]


def _is_same_host(client: Client, comer: Comer) -> bool:
    machines = _machine(client.host), _machine(comer.host)
    return machines[0] == machines[1] if all(machines) else client.host == comer.host


def deciding(settings: TenantSettings) -> dict[str, object]:
    """Return the settings that all clients of a tenant must have alike, as JSON."""
    values = settings.model_dump(mode="json", exclude=_OF_ONE_CLIENT)
    values["verified_domains"] = sorted(map(fold, values["verified_domains"]))
    values["known_issues"] = sorted(values["known_issues"])
    values["initial_domain"] = fold(values["initial_domain"])
    return values


def told_text(values: Mapping[str, object], by: str) -> str:
    """Write what a client told a tenant."""
    return compact({"by": by, "values": dict(values)})


def refuse_other_settings(told: str, values: Mapping[str, object]) -> None:
    """Raise InvalidSettings, with both values of each key, where a client says otherwise than was told."""
    found = json.loads(told)
    there = f"in the tenant, which {found['by']} shares"
    if problems := other_settings(found["values"], values, there):
        raise InvalidSettings([*problems, _ADVICE])


def other_settings(
    theirs: Mapping[str, object], ours: Mapping[str, object], there: str
) -> list[str]:
    """Name the settings that are others here than ``there``, which ends the sentence; both values with each."""
    return [
        f"tenant.{key}: is {_shown(value)} here, and {_shown(theirs[key])} {there}"
        for key, value in ours.items()
        if key in theirs and theirs[key] != value
    ]


def _shown(value: object) -> str:
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)
