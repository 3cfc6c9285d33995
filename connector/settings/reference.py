"""Write ``docs/configuration.md`` from the models: every key with its values, and examples."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from connector.settings import kinds as values
from connector.settings.models import SECTIONS
from connector.settings.rules import FlowSettings, RuleSettings
from connector.settings.template import toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HEAD = """\
# Configuration

The settings are one [TOML](https://toml.io) file: the file that `--config` or `CONNECTOR_CONFIG` names, otherwise
`connector.toml` in the current folder, otherwise `/etc/connector/connector.toml`. Start with these two commands:

```sh
$ connector init connector.toml   # writes a file that explains every key; only you may read it
Wrote connector.toml.
verified_domains has contoso.com, the domain of base_dn.
Next: set url and base_dn of [directory] and the domains of [tenant] in it, then run
  connector --config connector.toml check
$ connector check                 # says what works, and the next step for the rest
ok      settings: /etc/connector/connector.toml
ok      storage: /var/lib/connector
...
```

Only `url` and `base_dn` of `[directory]` and `initial_domain` of `[tenant]` are required. An unknown key or an invalid
value stops every command with exit code 2 and a list of all problems.

- A **duration** is a whole number and `s`, `m`, `h` or `d`: `30s`, `5m`, `1h`, `7d`.
- A relative **path** starts at the folder of the settings file; `~` is the home folder.
- A key that takes a **list** also takes a single value in quotes.
- The **environment** overrides the file: `CONNECTOR__SECTION__KEY`, as in the table. There a list is written `a, b` or
  `["a", "b"]`, and a list of DNs only in the second way. An empty variable does not count.
- **Rules** are in the file and in `rules/*.toml` beside it: see `[[rules]]`.
- A **change** takes effect after `connector daemon reload`; only `storage.path` and `tenant.database` need a restart. A change of what is
  synced starts a full synchronization by itself; the guards against deletes apply.
- **Secrets** are in files that only the daemon's user may read. They are never logged, shown or stored.

`schema/settings.json` is the JSON Schema of the file, for editors that complete and check TOML.

`python -m connector.settings` makes this page from `connector/settings/models.py`.
"""
_RULES = """\
## [[rules]]

Synchronization rules of your own: which attribute, expression or constant flows to which property, and for
whom. They stand in the settings file, or in files `rules/*.toml` beside it that hold nothing else; neither
the place nor the file's name decides anything. The environment cannot set them. `docs/rules-language.md`
explains expressions.

```toml
[[rules]]
name = "In from AD - contoso names"
from = "user"
precedence = 50
scope = ["department EQUAL IT AND co EQUAL Denmark", "department EQUAL Sales"]
flows = [
  { to = "givenName", value = "PCase([givenName])" },
  { to = "companyName", from = "o" },
  { to = "usageLocation", constant = "DE", once = true },
]
```

A mistake in a rule stops every command with exit code 2. All of them are told at once: the rule, the target and
what is wrong, below it the expression with a mark under the place.
"""
_FLOWS = """
Each flow is a table with `to` and exactly one of `from`, `value` and `constant`:
"""
_EXAMPLES = """
## Examples

Each is a whole file in `docs/examples/`. Change the names, then run `connector check`.
"""
_WORDS: tuple[tuple[object, str], ...] = (
    (values.ServerUrls, "URL, or a list"),
    (values.Dn, "DN"),
    (values.AnchorAttribute, '`"auto"`, or an attribute'),
    (values.Dns, "DN, or a list"),
    (values.Domain, "domain"),
    (values.Domains, "domain, or a list"),
    (values.Duration, "duration"),
    (values.DatabasePlace, "path, or URL"),
    (values.FilePath, "path"),
    (values.Filter, "LDAP filter"),
    (values.HostPort, "host:port"),
    (values.Interval, "duration, or `0`"),
    (values.ReportTime, "weekday and time"),
    (values.ScopingFilters, "text, or a list"),
    (values.Texts, "text, or a list"),
    (values.WebUrl, "web address"),
    (
        values.KnownIssues,
        f"`true`, `false`, or a list of {', '.join(f'`{x}`' for x in values.KNOWN_ISSUES)}",
    ),
    (bool, "`true` or `false`"),
    (int, "whole number"),
    (str, "text"),
    (SecretStr, "text"),
)

_RULE_WORDS = {
    "name": "text",
    "kind": '`"user"`, `"group"` or `"contact"`',
    "precedence": "whole number",
    "flows": "list of tables",
    "to": "text",
    "source": "attribute",
    "value": "expression",
    "constant": "text, number, `true`, `false`, or a list",
    "disabled": "`true` or `false`",
    "once": "`true` or `false`",
}


def configuration(examples: Mapping[str, str]) -> str:
    """Return the document; ``examples`` are settings files by name, with the title in line 1."""
    return "".join(f"{line}\n" for line in [_HEAD, *_sections(), *_rules(), *_examples(examples)])


def _sections() -> Iterator[str]:
    for name, model in SECTIONS.items():
        yield f"## [{name}]\n"
        yield f"{model.__doc__}\n"
        yield "| key | value | default | environment | what it does |"
        yield "|---|---|---|---|---|"
        hints = get_type_hints(model, include_extras=True)
        for key, setting in model.model_fields.items():
            yield _row(name, setting.alias or key, setting, hints[key])
        yield ""


def _rules() -> Iterator[str]:
    for head, model in ((_RULES, RuleSettings), (_FLOWS, FlowSettings)):
        yield head
        yield "| key | value | default | what it does |"
        yield "|---|---|---|---|"
        hints = get_type_hints(model, include_extras=True)
        for key, setting in model.model_fields.items():
            takes = _RULE_WORDS.get(key) or _takes(hints[key])
            cells = (
                f"`{setting.alias or key}`",
                takes,
                _default(setting),
                setting.description or "",
            )
            yield _cells(cells)
        yield ""


def _row(section: str, key: str, setting: FieldInfo, hint: Any) -> str:
    variable = f"CONNECTOR__{section}__{key}".upper()
    cells = (
        f"`{key}`",
        _takes(hint),
        _default(setting),
        f"`{variable}`",
        setting.description or "",
    )
    return _cells(cells)


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _takes(hint: Any) -> str:
    """Describe the values of a key: their kind, and the bounds of a number."""
    for known, words in _WORDS:
        if hint == known:
            return words
    arguments = [one for one in get_args(hint) if one is not NoneType]
    if get_origin(hint) is Literal:
        *others, last = (f"`{toml(one)}`" for one in arguments)
        return f"{', '.join(others)} or {last}"
    kind = _takes(arguments[0])
    bounds = [
        bound for one in arguments[1:] if isinstance(one, FieldInfo) for bound in one.metadata
    ]
    return f"{kind}{_bounds(bounds)}"


def _bounds(bounds: Iterable[object]) -> str:
    least = next((bound.ge for bound in bounds if isinstance(bound, Ge)), None)
    most = next((bound.le for bound in bounds if isinstance(bound, Le)), None)
    if least is None:
        return ""
    return f", {least} to {most}" if most is not None else f", at least {least}"


def _default(setting: FieldInfo) -> str:
    if setting.is_required():
        return "required"
    default = setting.get_default()
    if default in (None, (), ""):
        return "none"
    return "all" if default == values.KNOWN_ISSUES else f"`{toml(default)}`"


def _examples(examples: Mapping[str, str]) -> Iterator[str]:
    yield _EXAMPLES
    for name, text in examples.items():
        title, _, settings = text.partition("\n")
        yield f"### {title.removeprefix('# ')}\n"
        yield f"`docs/examples/{name}`\n"
        yield f"```toml\n{settings.strip()}\n```\n"
