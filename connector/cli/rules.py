"""``connector rules``: see, compare and take rules, and try an expression before a rule has it."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from connector.cli import opening, output, rules_check, rules_diff, rules_import, rules_known
from connector.cli.output import Json
from connector.cli.pages import Commands
from connector.cli.streams import complain
from connector.cli.words import filled
from connector.errors import InvalidRequest, UnknownObject
from connector.values.printable import cut, cut_within, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.rules.language.evaluation import Surroundings
    from connector.rules.language.expression import Expression
    from connector.settings import Settings

app = Commands(name="rules", no_args_is_help=True)

_FAILED = 1
_REFUSED = 2
_STANDARD_INPUT = "-"
_SAID = {
    "null": "NULL",
    "authoritative-null": "AuthoritativeNull",
    "ignore-this-flow": "IgnoreThisFlow",
}


@app.callback()
def rules() -> None:
    """See the synchronization rules, compare them, take those of a server, and try expressions.

    docs/rules-language.md of the project explains the language, and lists its functions.

    Examples:
      $ connector rules list
      $ connector rules show "In from AD - User Common"
      $ connector rules test 'PCase("anne MARIE")'
    """


app.command("list")(rules_known.list_rules)
app.command()(rules_known.show)
app.command()(rules_check.check)


@app.command("test")
def try_expression(
    context: typer.Context,
    expression: Annotated[
        str | None, typer.Argument(metavar="EXPRESSION", help="Such as 'Trim([displayName])'.")
    ] = None,
    identity: Annotated[
        str | None,
        typer.Option(
            "--object",
            metavar="IDENTITY",
            help="Whose attributes it reads: a DN, a UPN, an address or another name.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="Try the expressions of a JSON list; - is standard input.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what an expression gives, for an object as it is in the directory now.

    Any attribute can be read, whether a rule reads it yet or not, but no secret; an attribute that is not
    there, and any without --object, is NULL. With --file each item is {"expression": ..., "attributes":
    {name: value or [values]}}, where octets are {"base64": ...}; the results are a JSON list in the same
    order, and no directory is asked.

    Examples:
      $ connector rules test 'PCase([givenName])' --object ann@contoso.com
      $ connector rules test 'IIF(IsPresent([title]),[title],NULL)' --object 'User B' --json
      $ connector rules test --file expressions.json

    Exit codes:
      0  it gives a value, or says that there is none; with --file whatever the items give
      1  it fails for this object, or calls Error
      2  it is not an expression: a line of carets stands under the mistake
      4  the directory is unavailable
    """
    if (expression is None) is (file is None):
        raise typer.BadParameter("give an expression, or --file", param_hint="EXPRESSION")
    filled(identity, "--object")
    if file is not None:
        if identity is not None:
            raise typer.BadParameter("it belongs to an EXPRESSION", param_hint="--object")
        output.as_json(_all(context, file), whole=True)
    else:
        _one(context, expression or "", identity, json=json)


def _one(context: typer.Context, text: str, identity: str | None, *, json: bool) -> None:
    from connector.rules.expression import compiled
    from connector.rules.trial import ERROR, tried

    expression = compiled(text)
    if expression.mistakes:
        _complain_of(expression)
        raise typer.Exit(_REFUSED)
    attributes = {} if identity is None else _read(opening.settings(context), identity, expression)
    found = tried(expression, attributes, _surroundings(context, [expression]))
    if json:
        output.as_json(found, whole=True)
    else:
        _print(cut_within(found))
        for warning in expression.warnings:
            output.note(f"Warning: {warning.sentence}")
    raise typer.Exit(_FAILED if found["outcome"] == ERROR else 0)


def _all(context: typer.Context, file: Path) -> list[dict[str, Any]]:
    """Try each item of a file. Raises InvalidRequest for a file that is not such a list."""
    from connector.rules.expression import compiled
    from connector.rules.trial import given, tried

    items = []
    for number, item in enumerate(_items(file), start=1):
        match item:
            case {"expression": str(text), **rest} if rest.keys() <= {"attributes"}:
                try:
                    attributes = given(rest.get("attributes", {}))
                except ValueError as error:
                    raise InvalidRequest(f"{file}: item {number}: {error}.") from error
            case _:
                raise InvalidRequest(
                    f"{file}: item {number} is not an expression with its attributes."
                )
        items.append((compiled(text), attributes))
    surroundings = _surroundings(context, [expression for expression, _ in items])
    return [tried(expression, attributes, surroundings) for expression, attributes in items]


def _items(file: Path) -> list[Any]:
    from connector.values.canonical import decode

    try:
        is_stream = str(file) == _STANDARD_INPUT
        text = sys.stdin.read() if is_stream else file.read_text(encoding="utf-8")
        items = decode(text)
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{file} is not JSON: {error}.") from error
    if not isinstance(items, list):
        raise InvalidRequest(f"{file} is not a JSON list.")
    return items


def _read(settings: Settings, identity: str, expression: Expression) -> dict[str, Any]:
    """Read the attributes of an expression from the entry in the directory.

    Raises UnknownObject where there is none, DirectoryUnavailable where nothing can be read.
    """
    from connector.directory import read_entry
    from connector.settings import directory_password
    from connector.values.readable import readable

    dn = _dn_of(settings, identity)
    names = expression.attributes.keys()
    entry = read_entry(settings.directory, dn, names, password=directory_password(settings))
    if entry is None:
        raise UnknownObject(f"{cut(dn)} is not in the directory.")
    own = {"dn": (entry.dn,), "distinguishedname": (entry.dn,)}
    return own | readable(entry.attributes)


def _dn_of(settings: Settings, identity: str) -> str:
    """Return the DN of the object that an identity means; an unknown one may be a DN itself."""
    from connector.report.identity import objects_meant, the_one

    with opening.reading(settings) as readers:
        found = objects_meant(readers.space, readers.tenant, identity)
    if not found and "=" in identity:
        return identity
    if not found:
        raise UnknownObject(
            f"Nothing is staged by the name {cut(identity)}. Name the DN of an entry."
        )
    if (dn := the_one(identity, found).dn) is None:
        raise UnknownObject(f"{cut(identity)} is in the cloud alone.")
    return dn


def _surroundings(context: typer.Context, expressions: Iterable[Expression]) -> Surroundings:
    """Return clock and chance; parameters come from the settings, if an expression names any."""
    from connector.rules.expression import parameters
    from connector.rules.language.evaluation import Surroundings

    known: dict[str, str] = {}
    if any(one.parameters and not one.mistakes for one in expressions):
        known = parameters(opening.settings(context, needs_storage=False).directory.base_dn)
    return Surroundings(
        known, lambda: datetime.now(UTC), SystemRandom().randint, lambda: str(uuid4())
    )


def _complain_of(expression: Expression) -> None:
    """Write each mistake, the expression below it, and carets under the place."""
    from connector.rules.language.mistakes import pointed

    width = shutil.get_terminal_size().columns - 2 if sys.stderr.isatty() else None
    for mistake in expression.mistakes:
        end = "" if mistake.sentence.endswith("?") else "."
        complain(f"connector: {printable(cut(mistake.sentence))}{end}")
        with suppress(OSError):
            for line in pointed(expression.text, mistake, width):
                sys.stderr.write(f"  {line}\n")


def _print(found: dict[str, Any]) -> None:
    """Print the result, then the attributes that it was made of."""
    if found["error"] is not None:
        output.facts({"error": found["error"]})
    else:
        value = _SAID.get(found["outcome"], found["value"])
        output.facts({found["outcome"].replace("-", " "): _told(value)})
    read = {f"[{name}]": _told(values) or "-" for name, values in found["attributes"].items()}
    if read:
        output.line()
        output.facts(read)


def _told(value: Any) -> Any:
    """Write a value for people: octets in base64, a truth value as in the language."""
    match value:
        case list():
            return [_told(each) for each in value]
        case {"base64": text}:
            return f"base64 {text}"
        case bool():
            return str(value)
    return value


app.command()(rules_diff.diff)
app.command("import")(rules_import.import_rules)
