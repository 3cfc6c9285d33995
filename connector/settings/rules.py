"""Define the settings of the synchronization rules: ``[[rules]]`` and ``[sync]``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    WithJsonSchema,
)

from connector.model import ObjectType
from connector.rules.rule import DEFAULTS, FIRST, LAST, Flow, Merge, Rule
from connector.settings.kinds import AnchorAttribute, Texts
from connector.settings.section import Section


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


_Name = Annotated[str, AfterValidator(_named)]


def _constant(value: object) -> object:
    """Take a text, a whole number, true or false, or a list of texts, which becomes a tuple."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if value is None or isinstance(value, bool | int | str | tuple):
        return value
    raise ValueError("must be a text, a whole number, true or false, or a list of texts")


_Constant = Annotated[
    Any,
    BeforeValidator(_constant),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "integer"},
                {"type": "boolean"},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]
_Precedence = Annotated[
    StrictInt,
    WithJsonSchema(
        {
            "type": "integer",
            "anyOf": [
                {"minimum": FIRST, "maximum": DEFAULTS.start - 1},
                {"minimum": DEFAULTS.stop, "maximum": LAST},
            ],
        }
    ),
]


def _exactly_one(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [key]} for key in ("from", "value", "constant")]


class FlowSettings(Section):
    """One attribute flow of a rule."""

    model_config = ConfigDict(json_schema_extra=_exactly_one)

    to: _Name = Field(description="The property that the value flows to, such as givenName.")
    source: Annotated[str | None, Field(alias="from")] = Field(
        default=None, description="An attribute of the directory, whose value flows as it is."
    )
    value: str | None = Field(
        default=None, description="An expression, as docs/rules-language.md explains it."
    )
    constant: _Constant = Field(
        default=None,
        description="A text, a number, true or false, or a list.",
    )
    once: StrictBool = Field(
        default=False, description="Whether it applies only when the object is made in the cloud."
    )
    merge: Literal["Update", "Merge", "MergeCaseInsensitive"] = Field(
        default="Update",
        description="Of proxyAddresses and businessPhones: Update lets one rule win, Merge puts the values "
        "of all rules together, MergeCaseInsensitive also where they differ by case.",
    )

    def flow(self) -> Flow:
        return Flow(self.to, self.source, self.value, self.constant, self.once, Merge(self.merge))


class RuleSettings(Section):
    """One rule of the user's own."""

    name: _Name = Field(description="The name, which no other rule has.")
    description: str = Field(default="", description="What the rule is for.")
    disabled: StrictBool = Field(default=False, description="Whether the rule contributes nothing.")
    kind: Annotated[Literal["user", "group", "contact"], Field(alias="from")] = Field(
        description="The type of the objects: user, group or contact."
    )
    precedence: _Precedence = Field(
        description="When it is asked, the lowest number first: 1 to 99 before the default rules, 201 to "
        "999 after them. No two rules for one type have the same."
    )
    scope: Texts = Field(
        default=(), description="Filters as in directory.scope, of which an object must meet one."
    )
    flows: tuple[FlowSettings, ...] = Field(description="What flows, and where to.")

    def rule(self) -> Rule:
        return Rule(
            self.name,
            ObjectType(self.kind),
            self.precedence,
            tuple(flow.flow() for flow in self.flows),
            self.scope,
            self.description,
            self.disabled,
        )


class SyncSettings(Section):
    """What is common to all synchronization rules; docs/rules-language.md has the language."""

    disabled_rules: Texts = Field(
        default=(),
        description="Default rules that contribute nothing, by their names: connector rules list shows them.",
        examples=[["In from AD - User Exchange"]],
    )
    source_anchor: AnchorAttribute = Field(
        default="auto",
        description="The attribute that identifies an object in the cloud for good. auto takes "
        "mS-DS-ConsistencyGuid where an entry has it, else the identity that the directory gives. It cannot "
        "be changed once objects were exported.",
    )
