"""Synchronization rules are shown as the ADSync module shows them."""

from __future__ import annotations

import json

from tests.host import run

EXCHANGE = "In from AD - User Exchange"


def test_rules_are_listed_by_precedence(world):
    lines = run(world, "Get-ADSyncRule | ft Precedence,Name,Direction,LinkType,Disabled")

    assert lines[1:5] == [
        "Precedence Name                                   Direction LinkType  Disabled",
        "---------- ----                                   --------- --------  --------",
        "100        In from AD - User Join                 Inbound   Provision False",
        "102        In from AD - User AccountEnabled       Inbound   Join      False",
    ]


def test_a_rule_is_found_by_its_name_and_by_its_identifier(world):
    [identifier] = run(world, f"(Get-ADSyncRule -Name '{EXCHANGE.lower()}').Identifier")

    assert run(world, f"(get-adsyncrule {identifier}).Name") == [EXCHANGE]
    assert run(world, "Get-ADSyncRule -Name Mine") == []


def test_a_rule_has_the_properties_of_the_real_one(world):
    [text] = run(world, f"Get-ADSyncRule -Name '{EXCHANGE}' | ConvertTo-Json -Compress")
    rule = json.loads(text)

    mappings, scope = rule.pop("AttributeFlowMappings"), rule.pop("ScopeFilter")
    assert {name: value for name, value in rule.items() if name not in ("Identifier", "Connector")} == {
        "Name": EXCHANGE,
        "Description": "What Exchange keeps of a mailbox.",
        "Direction": "Inbound",
        "Precedence": 108,
        "Disabled": False,
        "SourceObjectType": "user",
        "TargetObjectType": "person",
        "LinkType": "Join",
        "ImmutableTag": "Microsoft.InfromADUserExchange.003",
        "IsStandardRule": True,
        "JoinFilter": [],
    }  # fmt: skip
    assert mappings[0] == {
        "Source": [],
        "Destination": "mailNickname",
        "FlowType": "Expression",
        "ExecuteOnce": False,
        "Expression": "Trim([mailNickname])",
        "ValueMergeType": "Update",
    }
    assert scope[0]["ScopeConditionList"][0] == {
        "Attribute": "isCriticalSystemObject",
        "ComparisonOperator": "NOTEQUAL",
        "ComparisonValue": "TRUE",
    }


def test_lines_from_the_documents_work(world):
    wanted = (
        'Get-ADSyncRule | where {$_.Name -like "In From AD*" -and $_.LinkType -eq "Provision"}'
        " | select Name,Direction,LinkType,Precedence,Disabled | ft"
    )
    mappings = f'(Get-ADSyncRule | ? {{ $_.Name -eq "{EXCHANGE}" }}).AttributeFlowMappings'

    assert [line.split()[4] for line in run(world, wanted)[3:-1]] == ["User", "Group", "Contact"]
    assert run(world, f"{mappings} | select -First 1 | fl Destination,FlowType") == [
        "",
        "Destination : mailNickname",
        "FlowType    : Expression",
        "",
    ]
