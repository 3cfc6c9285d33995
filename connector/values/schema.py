"""Understand the schema of a directory (RFC 4512 4.1): classes above classes, names of attributes.

Servers list the classes of an entry as it was added, mostly without those above. So what counts as a
user, a group or a contact is looked up here, and so is whether two names mean one attribute.
"""

from __future__ import annotations

import re
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from connector.values import dn as dns
from connector.values.addresses import fold
from connector.values.entries import KINDS, READ
from connector.values.standard_schema import ATTRIBUTE_TYPES, OBJECT_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from connector.values.reads import Reads

_TOKEN = re.compile(r"'[^']*'|[()]|[^\s()'$]+")
_FLAGS = frozenset(
    {
        "ABSTRACT",
        "AUXILIARY",
        "COLLECTIVE",
        "NO-USER-MODIFICATION",
        "OBSOLETE",
        "SINGLE-VALUE",
        "STRUCTURAL",
    }
)
_READ = frozenset(READ)
_ONLY_OPENLDAP = "entrycsn"
_ANYTHING = "extensibleobject"
_NAMES = frozenset({"member", "uniquemember"})
_SYNTAX = "1.3.6.1.4.1.1466.115.121.1"
_BY_SYNTAX = {
    f"{_SYNTAX}.12": "distinguishednamematch",
    f"{_SYNTAX}.15": "caseignorematch",
    f"{_SYNTAX}.26": "caseignoreia5match",
    f"{_SYNTAX}.44": "caseignorematch",
    "1.2.840.113556.1.4.905": "caseignorematch",
}
_SPACES = re.compile(" +")


class Attribute(NamedTuple):
    """What one attribute type is: ``name`` is the one that this program uses, in lower case.

    ``spelling`` is the name by which the directory writes it.
    """

    name: str
    spelling: str
    equality: str = ""
    is_single: bool = False


class Schema:
    """The classes and attributes of a directory, those of the standards where it shows none."""

    def __init__(
        self, classes: Iterable[str], attributes: Iterable[str] = (), *, is_whole: bool = True
    ) -> None:
        """Take definitions as a subschema subentry shows them; what is not one is passed over.

        With ``is_whole`` there is no attribute but these.
        """
        self._is_whole = is_whole
        self._above: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        self._must: dict[str, Sequence[str]] = {}
        self._may: dict[str, Sequence[str]] = {}
        for oid, fields in _definitions(classes):
            names = [name.lower() for name in fields.get("NAME", ())]
            superiors = tuple(name.lower() for name in fields.get("SUP", ()))
            for name in (*names, oid):
                self._above[name] = superiors
                self._names[name] = names[0] if names else oid
                self._must[name] = fields.get("MUST", ())
                self._may[name] = fields.get("MAY", ())
        self._attributes = _attributes(_definitions(attributes))
        self._above_kinds: dict[bytes, tuple[bytes, ...]] | None = None
        self.also_read: frozenset[str] = frozenset()

    def kinds_above(self) -> Mapping[bytes, tuple[bytes, ...]]:
        """Map each class to those of ``entries.KINDS`` above it, where there are any."""
        if self._above_kinds is None:
            found = {
                name.encode(): tuple(sorted(kind.encode() for kind in self._kinds(name)))
                for name in self._above
            }
            self._above_kinds = {name: kinds for name, kinds in found.items() if kinds}
        return self._above_kinds

    def without_kinds_of(self, classes: Sequence[bytes], gone: Sequence[bytes]) -> list[bytes]:
        """Leave out what only stands above classes that are gone, not above those that are left."""
        above = self.kinds_above()
        implied = {kind for name in gone for kind in above.get(name.lower(), ())}
        return [name for name in classes if name.lower() not in implied]

    def compares(self, attribute: Attribute) -> bool:
        """Tell whether the server adds and deletes single values of an attribute.

        OpenLDAP does not without a rule to compare them by; other servers then compare octets.
        """
        return bool(attribute.equality) or _ONLY_OPENLDAP not in self._attributes

    def attribute(self, description: str) -> Attribute | None:
        """Return the attribute that a description such as ``surname;binary`` means.

        None for one with another option: a language or a tag makes another attribute.
        """
        name, *options = description.strip().lower().split(";")
        if any(option not in ("binary", "range=0-*") for option in options):
            return None
        return self.plain(name)

    def plain(self, description: str) -> Attribute:
        """Return the attribute of a description whatever its options."""
        name = description.strip().lower().partition(";")[0].removeprefix("oid.")
        return self._attributes.get(name) or Attribute(name, name)

    def other_names(self, name: str) -> tuple[str, ...]:
        """Return the other names of an attribute, in lower case."""
        found = self._attributes.get(name)
        if found is None:
            return ()
        same = (each for each, one in self._attributes.items() if one.name == found.name)
        return tuple(each for each in same if each != name)

    def reading(self, reads: Reads) -> Reads:
        """Return what is read with the names under which the server may show it."""
        others = ((name, self.other_names(name)) for name in reads.names)
        return reads._replace(shown=tuple(each for each in others if each[1]))

    def reading_also(self, reads: Reads) -> Schema:
        """Return the same with what is read beyond ``entries.READ`` in ``also_read``, as attributes are named here."""
        schema = copy(self)
        schema.also_read = frozenset(self.plain(name).name for name in reads.names)
        return schema

    def knows(self, description: str) -> bool:
        """Tell whether there may be such an attribute."""
        name = description.strip().lower().partition(";")[0].removeprefix("oid.")
        return not self._is_whole or name in self._attributes

    def value_key(self, attribute: Attribute, value: bytes) -> str:
        """Fold a value so that those become equal that the directory takes for equal."""
        text = value.decode("utf-8", "surrogateescape")
        rule = attribute.equality
        if attribute.name in _NAMES or rule in ("distinguishednamematch", "uniquemembermatch"):
            return dns.key(text)
        if attribute.name == "objectclass":
            return self._names.get(text.lower(), text.lower())
        if rule == "telephonenumbermatch":
            return fold(text.replace(" ", "").replace("-", ""))
        if rule.startswith("caseignore"):
            return fold(_SPACES.sub(" ", text).strip())
        if rule.startswith("caseexact"):
            return _SPACES.sub(" ", text).strip()
        return fold(text) if rule == "booleanmatch" else text

    def objection(
        self, classes: Iterable[bytes], present: Collection[str], touched: Iterable[str]
    ) -> str | None:
        """Say what OpenLDAP would not take in an entry of these classes; None for nothing.

        ``present`` are the attributes of the entry, ``touched`` those of them that a change is about;
        both by the names that this program uses.
        """
        listed = {name.decode("utf-8", "replace").lower() for name in classes}
        whole = self._with_superiors(listed)
        if _ONLY_OPENLDAP not in self._attributes:
            return None
        if unknown := sorted(name for name in listed if name not in self._above):
            return f"the server knows no object class {unknown[0]}"
        must = self._named(self._must, whole)
        for name in sorted(set(touched)):
            if name in must and name not in present:
                return f"an entry of its classes must have {name}"
        may = self._named(self._may, whole) | must | {"objectclass"}
        for name in sorted(set(touched)):
            if name in present and name not in may and _ANYTHING not in whole:
                return f"an entry of its classes cannot have {name}"
        return None

    def required(self, classes: Iterable[bytes]) -> set[str]:
        """Return the attributes that an entry of these classes must have."""
        listed = {name.decode("utf-8", "replace").lower() for name in classes}
        return self._named(self._must, self._with_superiors(listed))

    def _named(self, lists: Mapping[str, Sequence[str]], classes: Iterable[str]) -> set[str]:
        found = (self.attribute(name) for each in classes for name in lists.get(each, ()))
        return {attribute.name for attribute in found if attribute is not None}

    def _with_superiors(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._above.get(name, ())
        return found

    def _kinds(self, name: str) -> set[str]:
        found = {self._names.get(above, above) for above in self._with_superiors([name])}
        return (found & KINDS) - {self._names.get(name, name)}


def listed_with_kinds(
    classes: Sequence[bytes], above: Mapping[bytes, tuple[bytes, ...]]
) -> tuple[bytes, ...]:
    """Return the classes of an entry and, behind them, the kinds above them that it does not list."""
    found = dict.fromkeys(kind for name in classes for kind in above.get(name.lower(), ()))
    listed = {name.lower() for name in classes}
    return (*classes, *(kind for kind in found if kind not in listed))


@cache
def standard() -> Schema:
    """Return the schema of the standards, for where no server shows one."""
    return Schema(OBJECT_CLASSES, ATTRIBUTE_TYPES, is_whole=False)


def unusual(above: Mapping[bytes, tuple[bytes, ...]]) -> list[list[str]]:
    """Return in order what a server's classes say of kinds beyond what the standards say."""
    known = standard().kinds_above()
    return sorted(
        [name.decode("utf-8", "backslashreplace"), *(kind.decode() for kind in kinds)]
        for name, kinds in above.items()
        if known.get(name) != kinds
    )


def _attributes(
    definitions: Iterable[tuple[str, Mapping[str, Sequence[str]]]],
) -> dict[str, Attribute]:
    """Return the attribute types by each of their names and by OID."""
    found: dict[str, tuple[Sequence[str], Mapping[str, Sequence[str]]]] = {}
    for oid, fields in definitions:
        names = [*(name.lower() for name in fields.get("NAME", ())), oid]
        found.update(dict.fromkeys(names, (names, fields)))
    return {
        name: Attribute(
            next((each for each in names if each in _READ), names[0]),
            next(iter(fields.get("NAME", ())), names[0]),
            _equality(name, found),
            "SINGLE-VALUE" in fields,
        )
        for name, (names, fields) in found.items()
    }


def _equality(
    name: str, found: Mapping[str, tuple[Sequence[str], Mapping[str, Sequence[str]]]]
) -> str:
    """Return the rule by which values are compared, from the attribute above where it has none."""
    seen: set[str] = set()
    while name in found and name not in seen:
        seen.add(name)
        fields = found[name][1]
        if rule := fields.get("EQUALITY"):
            return rule[0].lower()
        name = next(iter(fields.get("SUP", ())), "").lower()
        if not name and _ONLY_OPENLDAP not in found:
            # Active Directory shows no rules: there the syntax says how values are compared.
            return _BY_SYNTAX.get(next(iter(fields.get("SYNTAX", ())), ""), "")
    return ""


def _definitions(texts: Iterable[str]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Read each definition: its OID, and its fields with their values."""
    for text in texts:
        tokens = _TOKEN.findall(text)
        if len(tokens) > 1 and tokens[0] == "(":
            yield tokens[1].strip("'").lower(), _fields(tokens[2:])


def _fields(tokens: Sequence[str]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    waiting = iter(tokens)
    for keyword in waiting:
        if keyword in _FLAGS:
            fields[keyword] = []
        elif keyword not in {"(", ")"} and not keyword.startswith("'"):
            fields[keyword] = [value.strip("'") for value in _values(waiting)]
    return fields


def _values(tokens: Iterator[str]) -> Iterator[str]:
    """Yield the value that comes next, or those of the list that comes next."""
    first = next(tokens, ")")
    if first == "(":
        yield from iter(lambda: next(tokens, ")"), ")")
    elif first != ")":
        yield first
