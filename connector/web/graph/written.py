"""Check what a client writes to a user or a group, and say it as the tenant's operations take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.web.graph import bodies, writable
from connector.web.graph.refusals import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.web.graph.writable import Field

Properties = dict[str, "str | list[str] | dict[str, str]"]

MASTERED_ON_PREMISES = (
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or "
    "objects currently undergoing migration."
)
MAIL_ENABLED = (
    "The service does not currently support writes of mail-enabled groups. Please ensure that the "
    "mail-enablement property is unset and the security-enablement property is set."
)
UNVERIFIED = (
    "The domain portion of the userPrincipalName property is invalid. You must use one of the verified "
    "domain names in your organization."
)
NO_PASSWORD = "A password must be specified to create a new user."  # noqa: S105 - a sentence

_UPN = "userPrincipalName"
_PASSWORD = "password"  # noqa: S105 - the name of a property
# What an administrator of the cloud may set on a synchronized user.
_OF_THE_CLOUD = frozenset({"usageLocation"})
_TYPES = {"text": "Edm.String", "flag": "Edm.Boolean", "texts": "Collection(Edm.String)"}


def new_object(kind: str, given: Mapping[str, Any], domains: Iterable[str]) -> Properties:
    """Return the properties of a new object; ``kind`` is ``user`` or ``group``.

    ``domains`` are the verified ones, folded. Raises Refusal for what Graph refuses.
    """
    written = _named(kind, given)
    for name, field in writable.WRITABLE[kind].items():
        if field.required and written.get(name) is None:
            raise _bad(f"A value is required for property '{name}' of resource '{kind.title()}'.")
    profile = written.get(writable.PASSWORD)
    if kind == "user" and not (
        isinstance(profile, dict) and bodies.spelled(profile, [_PASSWORD]).get(_PASSWORD)
    ):
        raise _bad(NO_PASSWORD)
    properties = _checked(kind, written, domains)
    return {name: value for name, value in properties.items() if value not in ("", [], {})}


def changed_properties(
    kind: str, given: Mapping[str, Any], domains: Iterable[str], *, synced: bool
) -> Properties:
    """Return the properties that a client changes; an empty one is to be cleared.

    Of a synchronized object an administrator of the cloud may set the usage location alone. Raises
    Refusal for what Graph refuses.
    """
    given = bodies.spelled(given, _known(kind))
    if synced and (_known(kind) & given.keys()) - (
        _OF_THE_CLOUD if kind == "user" else frozenset()
    ):
        raise _bad(MASTERED_ON_PREMISES)
    written = _named(kind, given)
    return _checked(kind, written, domains)


def _known(kind: str) -> frozenset[str]:
    others = writable.NOT_KEPT[kind] | writable.READ_ONLY[kind]
    return others | writable.WRITABLE[kind].keys()


def _named(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a client may write, without annotations; refuse other names."""
    written = {}
    for name, value in bodies.spelled(given, _known(kind)).items():
        if name.startswith("@odata.") or name.endswith("@odata.type"):
            _check_annotation(kind, name, value)
            continue
        known, _, reference = name.partition("@odata.bind")
        if name in writable.WRITABLE[kind]:
            written[name] = value
        elif known in writable.NOT_KEPT[kind] and not reference:
            if value and value != writable.TAKEN_FOR_GRANTED.get(known):
                raise Refusal(501, "NotImplemented", f"{name} of a {kind} is not kept here.")
        elif name in writable.READ_ONLY[kind]:
            raise _bad(f"Property '{name}' is read-only and cannot be set.")
        else:
            raise _bad(
                f"Property '{name[:100]}' does not exist as a declared property or extension property."
            )
    return written


def _check_annotation(kind: str, name: str, value: Any) -> None:
    """Refuse the type of another resource; other annotations say nothing."""
    if name == "@odata.type" and value not in (
        f"#microsoft.graph.{kind}",
        f"microsoft.graph.{kind}",
    ):
        raise _bad(f"The type of the object is not microsoft.graph.{kind}.")


def _checked(kind: str, written: Mapping[str, Any], domains: Iterable[str]) -> Properties:
    properties: Properties = {}
    for name, value in written.items():
        field = writable.WRITABLE[kind][name]
        said = _value(kind, name, field, value)
        if name not in writable.DROPPED:
            properties[name] = said
    if kind == "user" and (upn := properties.get(_UPN)):
        _check_domain(str(upn), domains)
    if kind == "group":
        _check_group(properties)
    return properties


def _value(kind: str, name: str, field: Field, value: Any) -> str | list[str] | dict[str, str]:
    """Return a value as the operations take it: flags as words, what is cleared as empty."""
    if value is None:
        if field.required or field.kind == "texts":
            raise _invalid(kind, name)
        return {} if field.kind in ("extensions", "password") else ""
    match field.kind:
        case "flag":
            return "true" if _typed(name, field, value, bool) else "false"
        case "texts":
            return list(_texts(kind, name, field, value))
        case "extensions":
            return _extensions(kind, name, field, value)
        case "password":
            return _password(name, value)
        case _:
            text: str = _typed(name, field, value, str)
            if not text and field.required:
                raise _invalid(kind, name)
            return _text(kind, name, field, text)


def _typed(name: str, field: Field, value: Any, wanted: type) -> Any:
    if isinstance(value, wanted):
        return value
    raise _bad(
        f"Cannot convert a value to the expected type '{_TYPES[field.kind]}' of property '{name}'.",
        name,
    )


def _text(kind: str, name: str, field: Field, text: str) -> str:
    if len(text) > field.longest or (text and not field.pattern.fullmatch(text)):
        if name == _UPN:
            raise _bad(f"Property {name} is invalid.", name)
        raise _invalid(kind, name)
    return text


def _texts(kind: str, name: str, field: Field, value: Any) -> Iterator[str]:
    items = _typed(name, field, value, list)
    if len(items) > field.most:
        raise _invalid(kind, name)
    for item in items:
        text = _typed(name, field, item, str)
        if not text:
            raise _invalid(kind, name)
        yield _text(kind, name, field, text)


def _extensions(kind: str, name: str, field: Field, value: Any) -> dict[str, str]:
    """Return extension attributes; an empty one is to be cleared."""
    if not isinstance(value, dict):
        raise _invalid(kind, name)
    spelled = bodies.spelled(value, writable.EXTENSION_NAMES)
    if not spelled.keys() <= writable.EXTENSION_NAMES:
        raise _invalid(kind, name)
    found = {}
    for attribute, text in spelled.items():
        if text is not None and not isinstance(text, str):
            raise _invalid(kind, name)
        found[attribute] = _text(kind, name, field, text or "")
    return found


def _password(name: str, value: Any) -> dict[str, str]:
    """Check a password profile; nothing of it is returned, nor told in an error."""
    flags = writable.PASSWORD_FLAGS
    names = flags | {_PASSWORD}
    if not isinstance(value, dict):
        raise _invalid("user", name)
    profile = bodies.spelled(value, names)
    if not profile.keys() - {"@odata.type"} <= names:
        raise _invalid("user", name)
    password = profile.get(_PASSWORD)
    wrong = any(not isinstance(profile.get(flag), bool | None) for flag in flags)
    if wrong or not isinstance(password, str | None) or password == "":
        raise _invalid("user", name)
    return {}


def _check_domain(upn: str, domains: Iterable[str]) -> None:
    if upn.rpartition("@")[2].lower() not in domains:
        raise _bad(UNVERIFIED, _UPN)


def _check_group(properties: Properties) -> None:
    """Refuse what only Exchange creates: Graph writes security groups and Microsoft 365 groups."""
    if properties.get("mailEnabled") == "true" or properties.get("securityEnabled") == "false":
        raise _bad(MAIL_ENABLED)


def _invalid(kind: str, name: str) -> Refusal:
    message = f"Invalid value specified for property '{name}' of resource '{kind.title()}'."
    return _bad(message, name)


def _bad(message: str, target: str | None = None) -> Refusal:
    details = (
        [] if target is None else [{"code": "InvalidValue", "message": message, "target": target}]
    )
    return invalid(message, details)
