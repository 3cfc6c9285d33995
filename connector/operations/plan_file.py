"""A plan: what a rehearsed run would do, in a file, to be applied as it stands or not at all.

The file is JSON, a change a line. It names what it was reckoned from (storage, tenant, settings) and ends
with a hash of all the rest, so that a file which was damaged or edited is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from connector.errors import PlanUnusable
from connector.settings.comparison import by_key
from connector.storage.whole_file import writing_whole
from connector.tenant.identity import Position
from connector.values import moments
from connector.values.canonical import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from connector.operations.rehearsal import Membership, Rehearsal
    from connector.settings import Settings

FORMAT = 1
Json = dict[str, Any]

# What decides a run; the rest of the settings says when and where it is told.
_DECIDING = ("directory.", "tenant.", "safety.", "sync.", "rules")
_ERROR = ("kind", "anchor", "error", "attribute", "value", "held_by")
_NO_MEMBERS: Mapping[str, list[str]] = {"add": [], "remove": []}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as its file holds it.

    ``changes`` are those of ``Rehearsal``, with ``members`` as lists of source anchors; ``errors`` what
    would be quarantined or fail. ``guards`` would stop the run: to apply the plan approves what they hold.
    ``tenant`` is a cookie of the tenant, None where there was none.
    """

    format: int
    made: str
    policy: Literal["delta", "initial", "reconcile"]
    storage: str
    tenant: str | None
    settings: Json
    result: str
    guards: list[Json]
    errors: list[Json]
    changes: list[Json]

    def parts(self) -> Json:
        """Return what the file holds, by name; ``dataclasses.asdict`` would copy every value of it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def hash(self) -> str:
        """Name the plan: equal for an equal file."""
        return _hash(self.parts())

    def outcome(self) -> str:
        """Name what the plan does: equal for equal changes, errors and guards."""
        return _hash([self.changes, self.errors, self.guards])


class Difference(NamedTuple):
    """What a sync would do otherwise than a plan: what of which object, as planned and as it is now.

    None stands for what is not there.
    """

    what: Literal["change", "attribute", "members", "error", "guard", "setting"]
    of: str
    planned: Any
    now: Any


# --- made and written -------------------------------------------------------------------------


def made(settings: Settings, policy: str, rehearsal: Rehearsal) -> Plan:
    """Make the plan of a rehearsal that went past its guards."""
    members = _by_group(rehearsal.members)
    return _plain(
        Plan(
            format=FORMAT,
            made=moments.timestamp(datetime.now(UTC)),
            policy=policy,  # type: ignore[arg-type]  # the keys of PROFILES
            storage=str(settings.storage.path.absolute()),
            tenant=rehearsal.position,
            settings=_deciding(settings),
            result=rehearsal.run.result,
            guards=[stop._asdict() for stop in rehearsal.guards],
            errors=sorted(
                _errors([*rehearsal.run.errors, *rehearsal.failed]),
                key=lambda error: json.dumps(error, sort_keys=True),
            ),
            changes=[
                {**change, "members": members.get(change["anchor"], _NO_MEMBERS)}
                for change in rehearsal.changes
            ],
        )
    )


def write(path: Path, plan: Plan) -> None:
    """Write a plan whole, for its user alone; raises PlanUnusable."""
    try:
        with writing_whole(path) as file:
            file.writelines(_lines(plan))
    except OSError as error:
        raise PlanUnusable(f"{path}: {error.strerror}. No plan was written.") from error


def refuse_other_file(path: Path) -> None:
    """Raise PlanUnusable where a plan would replace what is not a plan."""
    try:
        if path.exists() and not (path.is_file() and _looks_like_one(path)):
            raise PlanUnusable(f"{path} is there already and is not a plan. Name another file.")
    except OSError as error:
        raise PlanUnusable(f"{path}: {error.strerror}. Name another file.") from error


def _looks_like_one(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING.encode()


_BEGINNING = '{\n"format": '


def _lines(plan: Plan) -> Iterator[str]:
    """Give the file line by line: a change a line, so that two plans can be compared by their lines."""
    separator = "{\n"
    for name, value in plan.parts().items():
        if isinstance(value, list) and value:
            items = ",\n".join(map(compact, value))
            yield f'{separator}"{name}": [\n{items}\n]'
        else:
            yield f'{separator}"{name}": {compact(value)}'
        separator = ",\n"
    yield f'{separator}"hash": "{plan.hash()}"\n}}\n'


# --- read -------------------------------------------------------------------------------------


def load(path: Path) -> Plan:
    """Read a plan; raises PlanUnusable for what is not one, or no longer is as it was written."""
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise PlanUnusable(f"{path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise PlanUnusable(
            f"{path} is not a plan, or is not whole. Make it anew: connector sync --plan FILE"
        ) from error
    if not isinstance(found, dict) or "format" not in found or "hash" not in found:
        raise PlanUnusable(f"{path} is not a plan. Make it anew: connector sync --plan FILE")
    if found["format"] != FORMAT:
        raise PlanUnusable(
            f"{path} was written by another version of the connector. Make it anew: connector sync --plan FILE"
        )
    written = found.pop("hash")
    if _hash(found) != written:
        raise PlanUnusable(
            f"{path} was changed or damaged since it was written. Make it anew: connector sync --plan FILE"
        )
    try:
        return Plan(**found)
    except TypeError as error:
        raise PlanUnusable(
            f"{path} was written by another version of the connector. Make it anew: connector sync --plan FILE"
        ) from error


def refuse_other_place(path: Path, plan: Plan, settings: Settings, tenant: str | None) -> None:
    """Raise PlanUnusable where a plan is of another storage or tenant; ``tenant`` is a cookie of ours."""
    here = str(settings.storage.path.absolute())
    if plan.tenant is None or tenant is None:
        if plan.storage != here:
            raise PlanUnusable(f"{path} is a plan of {plan.storage}; these settings name {here}.")
    elif Position.parse(plan.tenant).tenant != Position.parse(tenant).tenant:
        raise PlanUnusable(f"{path} is a plan of another tenant than that of {here}.")


# --- compared ---------------------------------------------------------------------------------


def differences(planned: Plan, now: Plan) -> list[Difference]:
    """Say what a sync would do otherwise than planned; empty where it would do exactly that.

    Other settings alone are not a difference. Where there is one, they may be its cause: they come last.
    """
    found = [*_changes(planned, now), *_told(planned, now)]
    if not found:
        return []
    keys = sorted(planned.settings.keys() | now.settings.keys())
    before, after = planned.settings.get, now.settings.get
    return found + [
        Difference("setting", key, before(key), after(key))
        for key in keys
        if before(key) != after(key)
    ]


def _changes(planned: Plan, now: Plan) -> Iterator[Difference]:
    before = {change["anchor"]: change for change in planned.changes}
    after = {change["anchor"]: change for change in now.changes}
    for anchor in dict.fromkeys((*before, *after)):
        was, is_ = before.get(anchor), after.get(anchor)
        if was == is_:
            continue
        shown: Json = was or is_ or {}
        of = f"{shown['type']} {shown['name']} ({shown['dn']})"
        if was is None or is_ is None or was["operation"] != is_["operation"]:
            yield Difference("change", of, was and was["operation"], is_ and is_["operation"])
            continue
        names = dict.fromkeys((*was["attributes"], *is_["attributes"]))
        for name in names:
            old, new = was["attributes"].get(name), is_["attributes"].get(name)
            if old != new:
                yield Difference("attribute", f"{of}: {name}", old, new)
        if was["members"] != is_["members"]:
            yield Difference("members", f"{of}: members", was["members"], is_["members"])


def _told(planned: Plan, now: Plan) -> Iterator[Difference]:
    """Compare what would go wrong, and which guards would stop it."""
    for error in planned.errors:
        if error not in now.errors:
            yield Difference("error", _error(error), error, None)
    for error in now.errors:
        if error not in planned.errors:
            yield Difference("error", _error(error), None, error)
    for stop in planned.guards:
        if stop not in now.guards:
            yield Difference("guard", stop["reason"], stop, None)
    for stop in now.guards:
        if stop not in planned.guards:
            yield Difference("guard", stop["reason"], None, stop)


def _error(error: Json) -> str:
    what = error["error"] or "quarantine"
    return f"{what} of {error['attribute']} {error['value']}"


# --- parts ------------------------------------------------------------------------------------


def pending_hash(changes: Iterable[Json], members: Iterable[Membership]) -> str:
    """Name all that is pending, to the last membership: equal for the same, else another."""
    hashed = hashlib.sha256()
    for item in (*changes, *sorted(members)):
        hashed.update(_bytes(item))
    return hashed.hexdigest()


def _hash(value: Any) -> str:
    return hashlib.sha256(_bytes(value)).hexdigest()


def _bytes(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _plain(plan: Plan) -> Plan:
    """Return a plan as it is when it was written and read."""
    return Plan(**json.loads(json.dumps(plan.parts())))


def _errors(errors: Iterable[Json]) -> list[Json]:
    return [
        {name: error.get(name) for name in _ERROR} for error in errors if error["kind"] != "run"
    ]


def _by_group(members: Iterable[Membership]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"add": [], "remove": []})
    for group, member, adds in sorted(members):
        found[group]["add" if adds else "remove"].append(member)
    return dict(found)


def _deciding(settings: Settings) -> Json:
    """Return the settings that decide what a run does, by key, without secrets."""
    return {
        key: value
        for key, value in by_key(settings, salt="").items()
        if key.startswith(_DECIDING) and not key.endswith("password")
    }
