"""The types of Graph that the tenant has objects of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from connector.web.graph import properties

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.web.graph.properties import Property


@dataclass(frozen=True, eq=False)
class GraphType:
    """A type of Graph.

    ``name`` is Graph's name without the namespace, ``tenant`` the tenant's, ``collection`` the segment
    of the path, ``resource`` what Graph's messages call it. ``defaults`` are the properties that are
    written when none are chosen. ``relations`` can be expanded.
    """

    name: str
    tenant: str
    collection: str
    resource: str
    every: Sequence[Property]
    defaults: Sequence[str]
    relations: Sequence[str] = ()
    orders: Sequence[str] = ("displayName",)

    @cached_property
    def properties(self) -> Mapping[str, Property]:
        """The properties by name."""
        return {each.name: each for each in self.every}

    @cached_property
    def spelled(self) -> Mapping[str, str]:
        """The names as Graph spells them, by their lower case."""
        return {name.lower(): name for name in self.properties}


USER = GraphType(
    name="user",
    tenant="user",
    collection="users",
    resource="User",
    every=properties.USER,
    defaults=properties.USER_DEFAULTS,
    relations=("directReports", "manager", "memberOf", "transitiveMemberOf"),
    orders=("displayName", "userPrincipalName", "createdDateTime"),
)
GROUP = GraphType(
    name="group",
    tenant="group",
    collection="groups",
    resource="Group",
    every=properties.GROUP,
    defaults=properties.GROUP_DEFAULTS,
    relations=("memberOf", "members", "owners", "transitiveMemberOf", "transitiveMembers"),
    orders=("displayName", "createdDateTime"),
)
CONTACT = GraphType(
    name="orgContact",
    tenant="contact",
    collection="contacts",
    resource="Contact",
    every=properties.CONTACT,
    defaults=properties.CONTACT_DEFAULTS,
    relations=("directReports", "manager", "memberOf", "transitiveMemberOf"),
)
ANY = GraphType(
    name="directoryObject",
    tenant="",
    collection="directoryObjects",
    resource="DirectoryObject",
    every=properties.ANY,
    defaults=(),
    orders=("displayName", "userPrincipalName"),
)
TYPES = (USER, GROUP, CONTACT)
BY_TENANT = {each.tenant: each for each in TYPES}
BY_NAME = {each.name.lower(): each for each in TYPES}
# Types of directory objects that Graph has, of which this tenant has none.
NEVER_THERE = frozenset(
    name.lower()
    for name in (
        "administrativeUnit",
        "application",
        "device",
        "directoryRole",
        "servicePrincipal",
    )
)
