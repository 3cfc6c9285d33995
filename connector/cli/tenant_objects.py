"""``connector tenant add``, ``set``, ``license``, ``delete``, ``restore``: objects of the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import completion, opening, output
from connector.cli.objects import Type
from connector.cli.output import Json
from connector.values.printable import cut_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Identity = Annotated[
    str,
    typer.Argument(
        metavar="IDENTITY",
        help="A DN, a UPN, an address, a source anchor, a cloud id, a uid or another name.",
    ),
]
Properties = Annotated[
    list[str],
    typer.Argument(
        metavar="KEY=VALUE...",
        help="Graph properties, such as userPrincipalName=joe@contoso.com; a KEY that is repeated "
        "makes a list.",
    ),
]


def add(
    context: typer.Context,
    kind: Annotated[
        Type,
        typer.Argument(metavar="user|group|contact", help="What to create.", case_sensitive=False),
    ],
    properties: Properties,
    admin_role: Annotated[
        bool, typer.Option("--admin-role", help="Give the user an administrator role.")
    ] = False,
    json: Json = False,
) -> None:
    """Create a cloud-only object.

    A value that another object holds is refused: quarantine is for synchronized objects.

    Examples:
      $ connector tenant add user userPrincipalName=ann@contoso.com displayName=Ann
      $ connector tenant add user userPrincipalName=root@contoso.com displayName=Root --admin-role
      $ connector tenant add group displayName=All proxyAddresses=SMTP:all@contoso.com
    """
    from connector.operations import cloud

    answer = opening.perform(
        opening.settings(context),
        cloud.add,
        type=kind,
        properties=pairs(properties),
        admin_role=admin_role,
    )
    _tell("Added", answer["object"], json=json)


def change(
    context: typer.Context,
    identity: Identity,
    properties: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE...",
            help="Graph properties, such as jobTitle=Engineer; a KEY that is repeated makes a list.",
        ),
    ] = None,
    admin_role: Annotated[
        bool | None,
        typer.Option(
            "--admin-role/--no-admin-role",
            help="Give the user an administrator role, or take it away; a synchronized one too.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Change an object that is not synchronized; KEY= without a value removes one.

    What is synchronized is changed in the directory, all but usageLocation. Roles are given in the
    cloud, to any user.

    Examples:
      $ connector tenant set ann@contoso.com displayName='Ann Arbor' mail=
      $ connector tenant set ann@contoso.com --no-admin-role     so that the sync can match the user
    """
    from connector.operations import cloud

    if not properties and admin_role is None:
        raise typer.BadParameter("give KEY=VALUE, --admin-role or --no-admin-role")
    answer = opening.perform(
        opening.settings(context),
        cloud.set_,
        identity=identity,
        properties=pairs(properties or ()),
        admin_role=admin_role,
    )
    role = {None: "Changed", True: "Gave an administrator role to"}
    _tell(
        "Changed" if properties else role.get(admin_role, "Took the administrator role from"),
        answer["object"],
        json=json,
    )


def match(
    context: typer.Context,
    identity: Identity,
    to: Annotated[
        str | None,
        typer.Option("--to", help="The source anchor that the user gets.", metavar="ANCHOR"),
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Leave the user without a source anchor.")
    ] = False,
    json: Json = False,
) -> None:
    """Repair a match: move the source anchor of a user, as Set-MsolUser -ImmutableId does.

    The next export with that anchor goes to this user (hard match). Without an anchor, a user that is no
    longer synchronized can be matched by its primary address or its UPN (soft match). An anchor that
    another object has is refused, one in the recycle bin too.

    Examples:
      $ connector tenant match ann@contoso.com --to x4V0iaeB60KXxjftcwd7Hw==
      $ connector tenant match ann@contoso.com --clear
    """
    from connector.operations import cloud

    if (to is None) is not clear:
        raise typer.BadParameter("give either --to ANCHOR or --clear")
    answer = opening.perform(opening.settings(context), cloud.match, identity=identity, anchor=to)
    _tell("Cleared the source anchor of" if clear else "Matched", answer["object"], json=json)
    if json:
        return
    if answer["refusedRole"]:
        user = answer["object"]["id"]
        output.line("No cycle joins a user who has an administrator role. Take that away first:")
        output.line(f"  connector tenant set {user} --no-admin-role")
    else:
        output.line(
            "The next cycle joins it by address or UPN: connector sync"
            if clear
            else f"The next cycle joins the entry with {output.text(to)} to it: connector sync"
        )


def license_(
    context: typer.Context,
    identity: Identity,
    assign: Annotated[
        str | None,
        typer.Option(
            "--assign",
            help="Give this licence.",
            metavar="EXCHANGE",
            autocompletion=completion.licence,
        ),
    ] = None,
    remove: Annotated[
        str | None,
        typer.Option(
            "--remove",
            help="Take this licence away.",
            metavar="EXCHANGE",
            autocompletion=completion.licence,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Assign an Exchange licence to a user, or remove it.

    With the licence, the UPN and the routing address are proxy addresses too, which others may hold.

    Examples:
      $ connector tenant license user.a@contoso.com --assign EXCHANGE
      $ connector tenant license user.a@contoso.com --remove EXCHANGE
    """
    from connector.operations import cloud

    named = [name for name in (assign, remove) if name is not None]
    if len(named) != 1:
        raise typer.BadParameter("give either --assign EXCHANGE or --remove EXCHANGE")
    if named[0].upper() not in completion.LICENCES:
        raise typer.BadParameter(f"no licence is called {named[0]!r}: there is EXCHANGE")
    answer = opening.perform(
        opening.settings(context), cloud.license_, identity=identity, assign=assign is not None
    )
    done = "Assigned EXCHANGE to" if assign is not None else "Removed EXCHANGE from"
    _tell(done, answer["object"], json=json)


def delete(
    context: typer.Context,
    identity: Identity,
    hard: Annotated[
        bool, typer.Option("--hard", help="Remove a user for good, a deleted one too.")
    ] = False,
    json: Json = False,
) -> None:
    """Delete an object in the cloud: users can be restored for 30 days, groups and contacts cannot.

    A synchronized object comes back with the next cycle that reads everything.

    Examples:
      $ connector tenant delete ann@contoso.com
      $ connector tenant delete ann@contoso.com --hard      for good, also one that is deleted already
    """
    from connector.operations import cloud

    settings = opening.settings(context)
    gone = opening.perform(settings, cloud.delete, identity=identity, hard=hard)["object"]
    _tell("Deleted", gone, json=json)
    if not json and gone["objectType"] == "user" and not hard:
        output.line(f"To bring it back: connector tenant restore {gone['id']}")


def restore(
    context: typer.Context,
    identity: Annotated[
        str,
        typer.Argument(metavar="USER", help="The deleted user: cloud id, UPN, anchor or name."),
    ],
    new_upn: Annotated[
        str | None, typer.Option("--new-upn", help="Take this UPN instead.", metavar="UPN")
    ] = None,
    reconcile_proxies: Annotated[
        bool,
        typer.Option("--reconcile-proxies", help="Leave out addresses that another object has."),
    ] = False,
    json: Json = False,
) -> None:
    """Bring a soft-deleted user back.

    Its values run through the same checks as those of a new user: where another object holds one by now,
    give a new UPN, or leave the address out.

    Examples:
      $ connector tenant restore ann@contoso.com
      $ connector tenant restore ann@contoso.com --new-upn ann2@contoso.com --reconcile-proxies
    """
    from connector.operations import cloud

    answer = opening.perform(
        opening.settings(context),
        cloud.restore,
        identity=identity,
        new_upn=new_upn,
        reconcile_proxies=reconcile_proxies,
    )
    restored = cut_within(answer["object"])
    if json:
        output.as_json(restored)
    else:
        output.line(f"Restored {restored['displayName']} as {restored['userPrincipalName']}.")
        for value in cut_within(answer["quarantined"]):
            what = f"{value['attribute']} {value['value']}"
            output.line(f"Quarantined: {what}, held by {value['holder']}")
        if answer["quarantined"]:
            output.line("See what resolves that: connector errors")


def pairs(texts: Iterable[str]) -> dict[str, str | list[str] | dict[str, str]]:
    """Read ``KEY=VALUE``; a repeated KEY makes a list. Raises BadParameter without an equals sign."""
    found: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="KEY=VALUE")
        found.setdefault(key, []).append(value)
    return {key: values if len(values) > 1 else values[0] for key, values in found.items()}


def _tell(done: str, item: Mapping[str, Any], *, json: bool) -> None:
    if json:
        output.as_json(item)
        return
    item = cut_within(item)
    address = item.get("userPrincipalName") or item["mail"]
    known_as = f", {address}" if address else ""
    output.line(f"{done} {item['displayName']} ({item['objectType']} {item['id']}{known_as}).")
