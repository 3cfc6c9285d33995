"""Write ``docs/configuration.md`` from the models: every key with what it takes, and examples."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from connector.settings import kinds as values
from connector.settings.models import Section, Settings
from connector.settings.template import toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HEAD = """\
# Configuration

The settings are one file in [TOML](https://toml.io): the one that `--config` or `CONNECTOR_CONFIG` names, else
`connector.toml` in the current folder, else `/etc/connector/connector.toml`. Start with these two commands:

```sh
$ connector init connector.toml   # writes a file that explains every key; it is yours alone to read
Wrote connector.toml.
Next: set url and base_dn of [directory] and the domains of [tenant] in it, then run
  connector --config connector.toml check
$ connector check                 # says what works, and what to do about the rest
ok      settings: /etc/connector/connector.toml
ok      storage: /var/lib/connector
...
```

Only `url` and `base_dn` of `[directory]` and `initial_domain` of `[tenant]` are required. A key that is not known, or a
value that does not fit, stops every command with exit code 2 and a list of all problems at once.

- A **duration** is a whole number and `s`, `m`, `h` or `d`: `30s`, `5m`, `1h`, `7d`.
- A relative **path** starts at the folder of the settings file; `~` is the home folder.
- Where a **list** is taken, a single value in quotes does too.
- The **environment** is stronger than the file: `CONNECTOR__SECTION__KEY`, as in the table. A list is written
  `a, b` or `["a", "b"]` there; one with DNs only the second way. An empty variable does not count.
- A **change** takes effect when the daemon is told `connector daemon reload`; only `storage.path` needs a restart. A
  change that decides what is synced leads to a full synchronization by itself, under the guards against deletes.
- **Secrets** stand in files that only the daemon's user may read. They are never logged, shown or stored.

`schema/settings.json` is the JSON Schema of the file, for editors that complete and check TOML.

This page is made from `connector/settings/models.py` by `python -m connector.settings`.
"""
_EXAMPLES = """
## Examples

Each is a whole file in `docs/examples/`. Change the names, then run `connector check`.
"""
_WORDS: tuple[tuple[object, str], ...] = (
    (values.ServerUrls, "URL, or a list"),
    (values.Dn, "DN"),
    (values.Dns, "DN, or a list"),
    (values.Domain, "domain"),
    (values.Domains, "domain, or a list"),
    (values.Duration, "duration"),
    (values.FilePath, "path"),
    (values.Filter, "LDAP filter"),
    (values.HostPort, "host:port"),
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


def configuration(examples: Mapping[str, str]) -> str:
    """Return the document; ``examples`` are settings files by name, each with its title in line 1."""
    return "".join(f"{line}\n" for line in [_HEAD, *_sections(), *_examples(examples)])


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        model = field.annotation
        if not (isinstance(model, type) and issubclass(model, Section)):
            raise TypeError(name)
        yield f"## [{name}]\n"
        yield f"{model.__doc__}\n"
        yield "| key | value | default | environment | what it does |"
        yield "|---|---|---|---|---|"
        hints = get_type_hints(model, include_extras=True)
        for key, setting in model.model_fields.items():
            yield _row(name, setting.alias or key, setting, hints[key])
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
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _takes(hint: Any) -> str:
    """Say in words what a key takes: its kind, and the bounds of a number."""
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
