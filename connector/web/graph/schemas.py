"""Describe the bodies of requests and answers in JSON Schema, as OpenAPI 3.0 has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.web.graph.company import FEATURES
from connector.web.graph.types import TYPES
from connector.web.graph.writable import PASSWORD, PASSWORD_FLAGS, WRITABLE

if TYPE_CHECKING:
    from connector.web.graph.properties import Property
    from connector.web.graph.types import GraphType

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": "string", "nullable": True}
_FLAG: Schema = {"type": "boolean"}
_ANYTHING: Schema = {"type": "object"}
_KINDS: dict[str, Schema] = {
    "text": _TEXT_OR_NULL,
    "flag": {"type": "boolean", "nullable": True},
    "moment": {"type": "string", "format": "date-time", "nullable": True},
    "complex": _ANYTHING,
    "texts": {"type": "array", "items": _TEXT},
    "complexes": {"type": "array", "items": _ANYTHING},
}


def object_of(properties: Schema, *required: str) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def array_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def answer(name: str) -> Schema:
    """Return the schema of an answer: ``user`` is one, ``user[]`` a page of them."""
    if not name.endswith("[]"):
        return reference(name)
    items = _TEXT if name == "text[]" else reference(name.removesuffix("[]"))
    page = {
        "@odata.context": _TEXT,
        "@odata.count": {"type": "integer"},
        "@odata.nextLink": _TEXT,
        "@odata.deltaLink": _TEXT,
        "value": array_of(items),
    }
    return object_of(page, "value")


def _property(each: Property) -> Schema:
    return _TEXT if each.name == "id" else _KINDS[each.kind]


def _type(of: GraphType) -> Schema:
    return object_of({each.name: _property(each) for each in of.every})


_DOMAIN = {
    "id": _TEXT,
    "authenticationType": {"type": "string", "enum": ["Managed", "Federated"]},
    "isDefault": _FLAG,
    "isInitial": _FLAG,
    "isRoot": _FLAG,
    "isVerified": _FLAG,
    "supportedServices": array_of(_TEXT),
}
_VERIFIED = {"name": _TEXT, "type": _TEXT, "isDefault": _FLAG, "isInitial": _FLAG}
_PREVENTION = {
    "alertThreshold": {"type": "integer"},
    "synchronizationPreventionType": _TEXT,
}
COMPONENTS: dict[str, Schema] = {
    **{of.name: _type(of) for of in TYPES},
    "directoryObject": object_of({"@odata.type": _TEXT, "id": _TEXT}, "id"),
    "organization": object_of(
        {
            "id": _TEXT,
            "displayName": _TEXT,
            "onPremisesLastSyncDateTime": _KINDS["moment"],
            "onPremisesSyncEnabled": _KINDS["flag"],
            "tenantType": _TEXT,
            "verifiedDomains": array_of(object_of(_VERIFIED)),
        },
        "id",
    ),
    "domain": object_of(_DOMAIN, "id"),
    "onPremisesDirectorySynchronization": object_of(
        {
            "id": _TEXT,
            "configuration": object_of({"accidentalDeletionPrevention": object_of(_PREVENTION)}),
            "features": object_of(dict.fromkeys(FEATURES, _FLAG)),
        },
        "id",
    ),
    "subscribedSku": object_of(
        {
            "id": _TEXT,
            "skuId": _TEXT,
            "skuPartNumber": _TEXT,
            "consumedUnits": {"type": "integer"},
            "servicePlans": array_of(_ANYTHING),
        },
        "id",
    ),
    "description": object_of({"openapi": _TEXT, "paths": _ANYTHING}, "openapi", "paths"),
    "batch": object_of({"responses": array_of(_ANYTHING)}, "responses"),
    "error": object_of(
        {
            "error": object_of(
                {
                    "code": _TEXT,
                    "message": _TEXT,
                    "details": array_of(_ANYTHING),
                    "innerError": object_of(
                        {"date": _TEXT, "request-id": _TEXT, "client-request-id": _TEXT},
                        "date",
                        "request-id",
                        "client-request-id",
                    ),
                },
                "code",
                "message",
                "innerError",
            )
        },
        "error",
    ),
}


def _nullable(schema: Schema) -> Schema:
    return {**schema, "nullable": True}


_WRITTEN: dict[str, Schema] = {
    "text": _TEXT_OR_NULL,
    "flag": _FLAG,
    "texts": array_of(_TEXT),
    "extensions": _nullable(_ANYTHING),
    "password": _nullable(
        object_of(
            {
                "password": _TEXT_OR_NULL,
                **dict.fromkeys(sorted(PASSWORD_FLAGS), _nullable(_FLAG)),
            }
        )
    ),
}


def _writes(kind: str, *required: str) -> Schema:
    fields = WRITABLE[kind].items()
    return object_of({name: _WRITTEN[field.kind] for name, field in fields}, *required)


def _required(kind: str) -> list[str]:
    return [name for name, field in WRITABLE[kind].items() if field.required]


_BATCHED = {
    "id": {"anyOf": [_TEXT, {"type": "integer"}]},
    "method": {"type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
    "url": _TEXT,
    "headers": _nullable({"type": "object", "additionalProperties": _TEXT}),
    "body": {},
    "dependsOn": _nullable(array_of(_TEXT)),
}
BODIES: dict[str, Schema] = {
    "userCreation": _writes("user", *_required("user"), PASSWORD),
    "userUpdate": _writes("user"),
    "groupCreation": _writes("group", *_required("group")),
    "groupUpdate": _writes("group"),
    "assignLicense": object_of(
        {
            "addLicenses": array_of(
                object_of({"skuId": _TEXT, "disabledPlans": array_of(_TEXT)}, "skuId")
            ),
            "removeLicenses": array_of(_TEXT),
        }
    )
    | {"anyOf": [{"required": ["addLicenses"]}, {"required": ["removeLicenses"]}]},
    "restore": object_of(
        {"newUserPrincipalName": _TEXT_OR_NULL, "autoReconcileProxyConflict": _nullable(_FLAG)}
    ),
    "batch": object_of(
        {"requests": array_of(object_of(_BATCHED, "id", "method", "url"))}, "requests"
    ),
    "getByIds": object_of(
        {"ids": array_of(_TEXT), "types": {**array_of(_TEXT), "nullable": True}}, "ids"
    ),
    "getMemberGroups": object_of({"securityEnabledOnly": _FLAG}, "securityEnabledOnly"),
}
