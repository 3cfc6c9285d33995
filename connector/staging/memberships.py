"""Work out the membership changes: what the groups refer to, compared with what was exported.

A whole group is compared where it is new or was read back otherwise; else only the memberships in doubt are, so
that a change of one member costs the same in every group. Memberships that are as they should be are left out
first. CROSS JOIN makes SQLite begin with the table on the left, here the short one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging.accounts import ambiguous_members

if TYPE_CHECKING:
    from connector.staging.accounts import Ambiguous
    from connector.storage.rows import Behind

# An object that is exported and not to be deleted, or that is to be added: its pending export, if there
# is one, is an add.
_WANTED = """CASE WHEN EXISTS (SELECT 1 FROM cloud_entry WHERE anchor = {0})
    THEN NOT EXISTS (SELECT 1 FROM pending_export WHERE anchor = {0} AND rank = 0)
    ELSE EXISTS (SELECT 1 FROM pending_export WHERE anchor = {0}) END"""

# A user e who is the only one in the cloud, or about to be, with the uid of the account a.
_ALONE = f"""NOT EXISTS (SELECT 1 FROM account b JOIN entry o ON o.id = b.entry
    WHERE b.name = a.name AND o.anchor <> e.anchor AND {_WANTED.format("o.anchor")})"""  # noqa: S608

# The group {0} refers to the object {1} by DN, or by a uid that nobody else has.
_BY_DN = """EXISTS (SELECT 1 FROM entry e CROSS JOIN reference r
    ON r.entry = {0} AND r.target = e.dn_key WHERE e.anchor = {1})"""
_BY_UID = f"""EXISTS (SELECT 1 FROM entry e CROSS JOIN account a ON a.entry = e.id
    CROSS JOIN reference r ON r.entry = {{0}} AND r.target = a.name
    WHERE e.anchor = {{1}} AND {_ALONE})"""  # noqa: S608

_EXPORTED = "EXISTS (SELECT 1 FROM cloud_member c WHERE c.grp = {0} AND c.member = {1})"
_CHANGE = "INSERT OR IGNORE INTO pending_member (grp, member, adds)"


def compute(connection: Behind, *, any_accounts: bool) -> list[Ambiguous]:
    """Write the pending membership changes of what is on the worklist.

    ``any_accounts`` says that groups name members by uid. Returns the uids that mean several users.
    """
    ambiguous = list(ambiguous_members(connection, _WANTED)) if any_accounts else []
    _compare_groups(connection, any_accounts=any_accounts)
    _compare_pairs(connection, any_accounts=any_accounts)
    return ambiguous


def _compare_groups(connection: Behind, *, any_accounts: bool) -> None:
    connection.execute(
        """DELETE FROM pending_member WHERE grp IN
           (SELECT g.anchor FROM dirty_group d CROSS JOIN entry g ON g.id = d.entry)"""
    )
    groups = f"""WITH groups AS MATERIALIZED (
        SELECT g.id, g.anchor FROM dirty_group d CROSS JOIN entry g ON g.id = d.entry
        WHERE {_WANTED.format("g.anchor")})"""  # noqa: S608
    is_new = f"""e.type IS NOT NULL AND NOT {_EXPORTED.format("g.anchor", "e.anchor")}
        AND {_WANTED.format("e.anchor")}"""
    connection.execute(
        f"""{groups} {_CHANGE}
            SELECT g.anchor, e.anchor, 1 FROM groups g
            CROSS JOIN reference r ON r.entry = g.id
            CROSS JOIN entry e ON e.dn_key = r.target
            WHERE {is_new}"""  # noqa: S608
    )
    if any_accounts:
        connection.execute(
            f"""{groups} {_CHANGE}
                SELECT g.anchor, e.anchor, 1 FROM groups g
                CROSS JOIN reference r ON r.entry = g.id
                CROSS JOIN account a ON a.name = r.target
                CROSS JOIN entry e ON e.id = a.entry
                WHERE {is_new} AND {_ALONE}"""  # noqa: S608
        )
    connection.execute(
        f"""{groups} {_CHANGE}
            SELECT g.anchor, c.member, 0 FROM groups g
            CROSS JOIN cloud_member c ON c.grp = g.anchor
            WHERE NOT ({_refers("g.id", "c.member", any_accounts=any_accounts)})
            OR NOT {_WANTED.format("c.member")}"""  # noqa: S608
    )


def _compare_pairs(connection: Behind, *, any_accounts: bool) -> None:
    pairs = """WITH pairs AS MATERIALIZED (
        SELECT g.id, g.anchor AS grp, d.member FROM dirty_member d CROSS JOIN entry g ON g.id = d.grp
        WHERE d.grp NOT IN (SELECT entry FROM dirty_group))"""
    connection.execute(
        f"""{pairs} DELETE FROM pending_member
            WHERE (grp, member) IN (SELECT grp, member FROM pairs)"""  # noqa: S608
    )
    refers = _refers("p.id", "p.member", any_accounts=any_accounts)
    exported, wanted = _EXPORTED.format("p.grp", "p.member"), _WANTED.format("p.member")
    connection.execute(
        f"""{pairs} {_CHANGE}
            SELECT p.grp, p.member, NOT {exported} FROM pairs p
            WHERE {exported} <> (({refers}) AND {wanted}) AND {_WANTED.format("p.grp")}"""  # noqa: S608
    )


def _refers(group: str, member: str, *, any_accounts: bool) -> str:
    """Return the condition that the entry of a group refers to an object by its source anchor."""
    by_dn = _BY_DN.format(group, member)
    return f"{by_dn} OR {_BY_UID.format(group, member)}" if any_accounts else by_dn
