"""The version of the rules."""

from __future__ import annotations

import subprocess
import sys

from connector.model import ObjectType
from connector.rules.default_flows import FLOWS
from connector.rules.scope import RULES
from connector.rules.version import RULES_VERSION, rules_version


def test_the_version_is_the_same_in_another_process():
    program = "from connector.rules.version import RULES_VERSION; print(RULES_VERSION)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == RULES_VERSION


def test_a_flow_less_is_another_version():
    fewer = FLOWS | {ObjectType.USER: FLOWS[ObjectType.USER][1:]}

    assert rules_version(fewer, RULES) != RULES_VERSION


def test_a_flow_from_other_attributes_is_another_version():
    first, *others = FLOWS[ObjectType.USER]
    changed = FLOWS | {ObjectType.USER: (first._replace(sources=("mail",)), *others)}

    assert rules_version(changed, RULES) != RULES_VERSION


def test_a_scope_rule_less_is_another_version():
    fewer = RULES | {ObjectType.USER: RULES[ObjectType.USER][1:]}

    assert rules_version(FLOWS, fewer) != RULES_VERSION
