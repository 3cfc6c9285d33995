"""The cmdlet of the ADSync module that lists synchronization rules (docs/sources.md 4.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from connector.cmdlets.adsync_runs import connectors
from connector.cmdlets.binding import GUID, TEXT, Parameter, Signature
from connector.cmdlets.cmdlet import Cmdlet
from connector.cmdlets.texts import Named
from connector.model import ObjectType
from connector.rules.defaults import DEFAULT_RULES, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.cmdlets.host import Host
    from connector.rules.rule import Flow, Rule

    Given = Mapping[str, Any]
    Row = dict[str, Any]

_TARGETS = {ObjectType.USER: "person", ObjectType.CONTACT: "person", ObjectType.GROUP: "group"}
_AND = re.compile(r"\s+AND\s+")


def rules(host: Host, given: Given) -> Iterator[Row]:
    """List the synchronization rules in the order in which they are asked."""
    settings = host.settings
    own = (each.rule() for each in settings.rules)
    connector = next(connectors(host, {}))["Identifier"]
    for rule in all_rules(own, settings.sync.disabled_rules):
        row = _row(rule, connector)
        wanted = given.get("Name", rule.name).lower(), given.get("Identifier", row["Identifier"])
        if wanted == (rule.name.lower(), row["Identifier"]):
            yield row


def _row(rule: Rule, connector: str) -> Row:
    default = DEFAULT_RULES.get(rule.name) if rule.default else None
    makes = default is not None and rule.name.endswith(" Join")
    return {
        "Identifier": str(uuid5(NAMESPACE_URL, f"{connector}/{rule.name}")),
        "Name": rule.name,
        "Description": rule.description,
        "Direction": "Inbound",
        "Precedence": rule.precedence,
        "Disabled": rule.disabled,
        "Connector": connector,
        "SourceObjectType": rule.kind.value,
        "TargetObjectType": _TARGETS[rule.kind],
        "LinkType": "Provision" if makes else "Join",
        "ImmutableTag": default.tag if default else "",
        "IsStandardRule": rule.default,
        "AttributeFlowMappings": [_mapping(flow) for flow in rule.flows],
        "ScopeFilter": [_group(text) for text in rule.scope],
        "JoinFilter": [],
    }


def _mapping(flow: Flow) -> Row:
    kind = "Direct" if flow.source else "Constant" if flow.value is None else "Expression"
    source = flow.source if flow.source is not None else flow.constant
    return Named(
        flow.to,
        {
            "Source": []
            if source is None
            else [*source]
            if isinstance(source, tuple)
            else [source],
            "Destination": flow.to,
            "FlowType": kind,
            "ExecuteOnce": flow.once,
            "Expression": flow.value or "",
            "ValueMergeType": flow.merge.value,
        },
    )


def _group(text: str) -> Row:
    """Return a filter as a group of conditions, all of which an object must meet."""
    conditions = []
    for clause in _AND.split(text.strip()):
        attribute, operator, value = (*clause.split(maxsplit=2), "", "")[:3]
        conditions.append(
            Named(
                clause,
                {
                    "Attribute": attribute,
                    "ComparisonOperator": operator,
                    "ComparisonValue": value,
                },
            )
        )
    return Named(text, {"ScopeConditionList": conditions})


_COMMON = '(Get-ADSyncRule -Name "In from AD - User Common")'

CMDLETS = (
    Cmdlet(
        Signature(
            "Get-ADSyncRule",
            (
                Parameter("Identifier", GUID, "Only the rule with this id.", position=0),
                Parameter("Name", TEXT, "Only the rule of this name."),
            ),
            ignores_case=True,
        ),
        rules,
        (
            (
                "All rules in a table.",
                "Get-ADSyncRule | sort Precedence | ft Precedence,Name,Disabled",
            ),
            (
                "What flows by a rule.",
                f"{_COMMON}.AttributeFlowMappings | ft Destination,FlowType,Expression",
            ),
            (
                "Rules that let objects into the sync.",
                'Get-ADSyncRule | where LinkType -eq "Provision" | select Name,Direction,Precedence',
            ),
        ),
    ),
)
