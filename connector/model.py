"""The values that the stages hand to each other; ``ports`` has the protocols between them.

    directory --DirectoryEntry, Present, Gone, Complete--> staging --StagedEntry--> rules
    rules --CloudObject, PendingExport--> export --SyncObject--> tenant --SyncResult--> export

Values are frozen. Values that one stage keeps to itself are not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ObjectType(StrEnum):
    USER = "user"
    GROUP = "group"
    CONTACT = "contact"


PlannedPolicy = Literal["delta", "initial"]
"""The policy of a cycle that is set beforehand: take up what changed, or read everything anew."""

Policy = Literal["delta", "initial", "reconcile"]
"""The policy of a cycle: the planned ones, or compare all identities besides what changed."""


# --- directory -> staging ---------------------------------------------------------------------


class DirectoryEntry(NamedTuple):
    """An entry as the directory holds it now.

    ``uuid`` is the directory's own identity of the entry (16 bytes: entryUUID, nsUniqueId or
    objectGUID), ``attributes`` maps lower-case names to raw values in the order of the answer.
    """

    uuid: bytes
    dn: str
    attributes: Mapping[str, Sequence[bytes]]


class Present(NamedTuple):
    """These entries are still there, unchanged."""

    uuids: Sequence[bytes]


class Gone(NamedTuple):
    """These entries were deleted or left the search; unknown ids are to be ignored.

    With ``unlinked`` groups no longer name them, and the directory does not report those groups.
    """

    uuids: Sequence[bytes]
    unlinked: bool = False


class Complete(NamedTuple):
    """The last value of a Delta; a Delta that ends without it must be thrown away whole.

    ``cookie`` is where the next import starts, None to keep the one at hand. With ``unmentioned_gone`` every
    staged entry that the Delta did not mention may be gone: a read must confirm that before anything is deleted.
    """

    cookie: bytes | None
    unmentioned_gone: bool


Change = DirectoryEntry | Present | Gone | Complete


class Identity(NamedTuple):
    """An entry that is there: its id, its DN, and the mark of its last change.

    ``mark`` is another one after each change of the entry; it is empty where the directory gives none.
    """

    uuid: bytes
    dn: str
    mark: str


# --- staging -> rules -------------------------------------------------------------------------


class StagedEntry(NamedTuple):
    """One entry of the connector space, as the rules see it.

    ``dn_key`` is the folded DN. ``attributes`` maps lower-case names to lists of text, none of them empty;
    values that are not UTF-8 carry lone surrogates (``surrogateescape``), binary attributes are base64.
    """

    anchor: str
    type: ObjectType
    dn: str
    dn_key: str
    created: str
    attributes: Mapping[str, Sequence[str]]


def manager_property(kind: ObjectType | str) -> str:
    """Return the property that shows the manager of an object of this type."""
    return "managedBy" if kind == ObjectType.GROUP else "manager"


class Exported(NamedTuple):
    """The last exported state of an object; ``properties`` is canonical JSON."""

    type: ObjectType
    properties: str


class Work(NamedTuple):
    """One source anchor for the rules to decide on.

    ``entries`` are the staged entries that carry the anchor, oldest first: none when the object is
    gone, several when the directory gave one anchor twice. ``wanted_anchor`` is the anchor that the
    entry carries now where that is another one; ``members`` counts the references of the first entry.
    ``properties`` is the canonical text that the import worked out of an only entry, which then comes without
    its attributes.
    """

    anchor: str
    entries: Sequence[StagedEntry]
    wanted_anchor: str | None
    members: int
    exported: Exported | None
    properties: str | None = None


class Flowing(NamedTuple):
    """What a synchronization may take from the import: properties by the rules of this ``version``.

    With ``member_limit`` the rules take every entry that has such properties, but for groups of more members.
    """

    version: str
    member_limit: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an object could not be synchronized or exported.

    ``attribute`` and ``value`` are given where one value is the cause.
    """

    anchor: str
    error: str
    attribute: str | None
    value: str | None
    message: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many entries one reason leaves out of the sync.

    ``reason`` is the name of a rule, or OBJECT_CLASS for what is not a user, group or contact; ``what``
    has the classes of such an entry, else the type of the object.
    """

    reason: str
    what: str
    count: int


OBJECT_CLASS = "object-class"
"""The reason that leaves out an entry which is not a user, group or contact."""


class ExcludedEntry(NamedTuple):
    """A staged entry that is not synced, with the reason as a sentence; else as ``LeftOut``."""

    anchor: str
    dn: str
    reason: str
    what: str
    sentence: str


# --- rules -> export --------------------------------------------------------------------------


class CloudObject(NamedTuple):
    """What the rules want an object to be in the cloud; ``properties`` are Graph names."""

    anchor: str
    type: ObjectType
    properties: Mapping[str, Any]


class Operation(StrEnum):
    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


class PendingExport(NamedTuple):
    """A change that has not been exported yet.

    ``properties`` is the whole wanted state (of a delete the last one), ``changed`` names the
    properties that differ from the exported state, ``releases`` the unique values that an update gives up
    (see ``addresses.unique_keys``). ``number`` is that of the object in the queue that gave the export.
    """

    operation: Operation
    anchor: str
    type: ObjectType
    created: str
    properties: Mapping[str, Any]
    changed: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    number: int = 0


def about(export: PendingExport) -> dict[str, str]:
    """Name an object in a log event: source anchor, type, display name and DN."""
    return {
        "anchor": export.anchor,
        "type": str(export.type),
        "name": export.properties.get("displayName", ""),
        "dn": export.properties.get("onPremisesDistinguishedName", ""),
    }


# --- export -> tenant: the protocol that any sync client could speak ---------------------------


class MemberChange(NamedTuple):
    """One membership to add to or remove from a group, by source anchor."""

    anchor: str
    add: bool


class SyncOperation(StrEnum):
    SET = "set"
    DELETE = "delete"


class SyncObject(NamedTuple):
    """One object of an export batch.

    ``set`` creates or updates (``properties`` is the whole wanted state; None leaves it alone and
    applies the other changes only), ``delete`` needs the source anchor alone. ``manager`` is the source
    anchor of the manager of a user or a contact, or of who manages a group: empty for none, None to leave it
    alone. Members and managers must be in the tenant already; a change that names an unknown one is ignored.
    """

    object_type: ObjectType
    operation: SyncOperation
    source_anchor: str
    properties: Mapping[str, Any] | None = None
    member_changes: Sequence[MemberChange] = ()
    manager: str | None = None


class Holder(NamedTuple):
    """The holder of a unique value."""

    id: str
    type: ObjectType
    display_name: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A unique value quarantined because another object holds it.

    ``attribute`` is ``UserPrincipalName`` or ``ProxyAddresses``, ``value`` the text as given.
    """

    attribute: str
    value: str
    held_by: Holder


class SyncCode(StrEnum):
    """``Success``, or the export error by which the tenant refuses an object (docs/sources.md 2.2)."""

    SUCCESS = "Success"
    ANCHOR_OWNED_BY_ANOTHER_CLIENT = "AnchorOwnedByAnotherClient"
    ATTRIBUTE_VALUE_MUST_BE_UNIQUE = "AttributeValueMustBeUnique"
    DELETING_CLOUD_ONLY_OBJECT_NOT_ALLOWED = "DeletingCloudOnlyObjectNotAllowed"
    EXCEEDED_ALLOWED_LENGTH = "ExceededAllowedLength"
    EXISTING_ADMIN_ROLE_CONFLICT = "ExistingAdminRoleConflict"
    FEDERATED_DOMAIN_CHANGE_ERROR = "FederatedDomainChangeError"
    GENERATED_UPN_CONFLICT = "GeneratedUpnConflict"
    IDENTITY_DATA_VALIDATION_FAILED = "IdentityDataValidationFailed"
    INVALID_HARD_MATCH = "InvalidHardMatch"
    INVALID_SOFT_MATCH = "InvalidSoftMatch"
    LARGE_OBJECT = "LargeObject"
    OBJECT_NOT_FOUND = "ObjectNotFound"
    OBJECT_TYPE_MISMATCH = "ObjectTypeMismatch"


class SyncAction(StrEnum):
    """What the tenant did with an object; ``failed`` where the code is not ``Success``."""

    ADDED = "added"
    UPDATED = "updated"
    DELETED = "deleted"
    RESTORED = "restored"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class SyncResult(NamedTuple):
    """What became of one object of a batch; ``quarantined`` are the values that this very operation quarantined.

    Of what another client owns ``cloud_anchor`` names the object, and is None where that was deleted.
    """

    source_anchor: str
    code: SyncCode = SyncCode.SUCCESS
    action: SyncAction = SyncAction.UNCHANGED
    description: str | None = None
    cloud_anchor: str | None = None
    quarantined: tuple[Quarantined, ...] = ()
    attribute: str | None = None
    value: str | None = None


class ShadowObject(NamedTuple):
    """An object as the tenant returns it: the exported state, not what the tenant made of it.

    ``properties`` is the shadow state as canonical JSON text, None when the object is no longer in the tenant, or
    no longer the client's: then ``restored`` has its names, such a text too, where somebody restored it in the
    cloud. ``members`` are a group's synced members by source anchor, those of other clients too, None where they did not change
    since the cookie, ``manager`` is a synced manager. ``taken``: another client took the object over, which is
    ``there`` or not; ``owned`` is False for one from before clients owned objects.
    """

    source_anchor: str
    cloud_anchor: str
    type: ObjectType
    properties: str | None
    members: Sequence[str] | None
    restored: str | None = None
    taken: bool = False
    owned: bool = True
    manager: str | None = None
    there: bool = True


# --- what an export writes down ------------------------------------------------------------------


class Outcome(NamedTuple):
    """One export with what the tenant answered."""

    export: PendingExport
    result: SyncResult


class Batch(NamedTuple):
    """A batch that is, or may have been, sent: its id and its source anchors in order."""

    id: str
    anchors: Sequence[str]


class MemberWork(NamedTuple):
    """Membership changes of one group; the numbers are those of it and the members in the queue that gave it."""

    group: str
    changes: Sequence[MemberChange]
    number: int = 0
    numbers: Sequence[int] = ()


class ManagerWork(NamedTuple):
    """The change of one object's manager, both ends of which are in the tenant; None takes it away.

    ``beside`` is the operation that was pending of the object as well, None where its manager alone changes.
    The numbers are those of the two in the queue that gave it.
    """

    anchor: str
    type: ObjectType
    manager: str | None
    number: int = 0
    manager_number: int | None = None
    beside: str | None = None


class Event(NamedTuple):
    """A log event that must appear exactly once; its ``id`` is unique."""

    id: int
    name: str
    fields: Mapping[str, Any]
