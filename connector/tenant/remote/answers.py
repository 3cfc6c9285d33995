"""Read what a server answers to a call: nothing of it is believed either. Raises TypeError, KeyError, ValueError."""

from __future__ import annotations

from typing import Any

from connector.model import ObjectType
from connector.tenant.domains import VerifiedDomain
from connector.tenant.ports import ObjectCounts
from connector.tenant.sweep import Released, SweepResult

NOT_ONE = (TypeError, KeyError, ValueError, OverflowError)
"""What reading an answer of another form raises."""

_SECONDS_AHEAD = 1e10


def text(said: Any, name: str) -> str:
    return _text(said[name])


def text_or_none(said: Any, name: str) -> str | None:
    return None if said[name] is None else _text(said[name])


def texts(said: Any, name: str) -> list[str]:
    return list(map(_text, _items(said[name])))


def number(said: Any, name: str) -> int:
    return _number(said[name])


def counts(said: Any) -> ObjectCounts:
    return ObjectCounts(*(_number(said[name]) for name in ObjectCounts._fields))


def domains(said: Any) -> list[VerifiedDomain]:
    return [
        VerifiedDomain(_text(name), initial=bool(initial), federated=bool(federated))
        for name, initial, federated in _items(said["domains"])
    ]


def clients(said: Any) -> list[tuple[str, str, str, str | None, int]]:
    """Read id, host, storage, last export and number of objects of each client."""
    return [
        (_text(name), _text(host), _text(place), last and _text(last), _number(objects))
        for name, host, place, last, objects in _items(said)
    ]


def entered(said: Any) -> tuple[str, float]:
    """Read the id of the client that came, and by how many seconds the clock of the tenant runs ahead."""
    ahead = said["ahead"]
    if not isinstance(ahead, int | float) or not 0 <= ahead <= _SECONDS_AHEAD:
        raise ValueError
    return _text(said["client"]), float(ahead)


def swept(said: Any) -> SweepResult:
    """Read what a sweep released, and how many values still wait."""
    released = tuple(
        Released(_text(anchor), ObjectType(kind), *map(_text, names))
        for anchor, kind, *names in _items(said["released"])
    )
    return SweepResult(released, _number(said["waiting"]), kept=_number(said["kept"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value
