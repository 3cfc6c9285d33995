"""Work out the membership changes: what the groups refer to, compared with what was exported.

A whole group is compared where it is new or was read back otherwise; else only the memberships in doubt are, so
that a change of one member costs the same in every group. Memberships that are as they should be are left out
first. CROSS JOIN makes SQLite begin with the table on the left, here the short one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.staging.accounts import ambiguous_members
from connector.staging.projection import CAN_BE_NAMED, IS_WANTED

if TYPE_CHECKING:
    from connector.staging.accounts import Ambiguous
    from connector.storage.rows import Behind

# The object {0}, by source anchor, may be a member.
_WANTED = (
    f"""EXISTS (SELECT 1 FROM projection w WHERE w.anchor = {{0}} AND {CAN_BE_NAMED.format("w")})"""  # noqa: S608
)

# A user e who is the only one in the cloud, or about to be, with the uid of the account a.
_ALONE = f"""NOT EXISTS (SELECT 1 FROM account b JOIN entry o ON o.id = b.entry
    WHERE b.name = a.name AND o.anchor <> e.anchor AND {_WANTED.format("o.anchor")})"""  # noqa: S608

# The group {0} refers to the object {1} by DN, or by a uid that nobody else has.
_BY_DN = """EXISTS (SELECT 1 FROM entry e CROSS JOIN reference r
    ON r.entry = {0} AND r.target = e.dn_key WHERE e.anchor = {1})"""
_BY_UID = f"""EXISTS (SELECT 1 FROM entry e CROSS JOIN account a ON a.entry = e.id
    CROSS JOIN reference r ON r.entry = {{0}} AND r.target = a.name
    WHERE e.anchor = {{1}} AND {_ALONE})"""  # noqa: S608

_EXPORTED = "EXISTS (SELECT 1 FROM told_member c WHERE c.grp = {0} AND c.member = {1})"
_CHANGE = "INSERT OR IGNORE INTO wanted_member (grp, member, adds)"


def compute(connection: Behind, *, any_accounts: bool) -> list[Ambiguous]:
    """Write the pending membership changes of what is on the worklist.

    ``any_accounts`` says that groups name members by uid. Returns the uids that mean several users.
    """
    ambiguous = list(ambiguous_members(connection, _WANTED)) if any_accounts else []
    _compare_groups(connection, any_accounts=any_accounts)
    _compare_pairs(connection, any_accounts=any_accounts)
    return ambiguous


def _compare_groups(connection: Behind, *, any_accounts: bool) -> None:
    of_worklist = """dirty_group d CROSS JOIN entry g ON g.id = d.entry
        CROSS JOIN projection p ON p.anchor = g.anchor"""
    connection.execute(
        f"DELETE FROM wanted_member WHERE grp IN (SELECT p.id FROM {of_worklist})"  # noqa: S608
    )
    groups = f"""WITH groups AS MATERIALIZED (
        SELECT p.id, g.id AS entry FROM {of_worklist} WHERE {IS_WANTED.format("p")})"""  # noqa: S608
    is_new = f"""e.type IS NOT NULL AND {CAN_BE_NAMED.format("m")}
        AND NOT {_EXPORTED.format("g.id", "m.id")}"""
    connection.execute(
        f"""{groups} {_CHANGE}
            SELECT g.id, m.id, 1 FROM groups g
            CROSS JOIN reference r ON r.entry = g.entry
            CROSS JOIN entry e ON e.dn_key = r.target
            CROSS JOIN projection m ON m.anchor = e.anchor
            WHERE {is_new}"""  # noqa: S608
    )
    if any_accounts:
        connection.execute(
            f"""{groups} {_CHANGE}
                SELECT g.id, m.id, 1 FROM groups g
                CROSS JOIN reference r ON r.entry = g.entry
                CROSS JOIN account a ON a.name = r.target
                CROSS JOIN entry e ON e.id = a.entry
                CROSS JOIN projection m ON m.anchor = e.anchor
                WHERE {is_new} AND {_ALONE}"""  # noqa: S608
        )
    connection.execute(
        f"""{groups} {_CHANGE}
            SELECT g.id, m.id, 0 FROM groups g
            CROSS JOIN told_member c ON c.grp = g.id
            CROSS JOIN projection m ON m.id = c.member
            WHERE NOT ({_refers("g.entry", "m.anchor", any_accounts=any_accounts)})
            OR NOT {CAN_BE_NAMED.format("m")}"""  # noqa: S608
    )


def _compare_pairs(connection: Behind, *, any_accounts: bool) -> None:
    of_worklist = """dirty_member d CROSS JOIN entry g ON g.id = d.grp
        CROSS JOIN projection p ON p.anchor = g.anchor CROSS JOIN projection m ON m.anchor = d.member
        WHERE d.grp NOT IN (SELECT entry FROM dirty_group)"""
    connection.execute(
        f"""DELETE FROM wanted_member
            WHERE (grp, member) IN (SELECT p.id, m.id FROM {of_worklist})"""  # noqa: S608
    )
    refers = _refers("d.grp", "d.member", any_accounts=any_accounts)
    connection.execute(
        f"""WITH pairs AS MATERIALIZED (
                SELECT p.id AS grp, m.id AS member,
                    {CAN_BE_NAMED.format("m")} AND ({refers}) AS is_member,
                    {_EXPORTED.format("p.id", "m.id")} AS is_told
                FROM {of_worklist} AND {IS_WANTED.format("p")})
            {_CHANGE} SELECT grp, member, NOT is_told FROM pairs WHERE is_told <> is_member"""  # noqa: S608
    )


def _refers(group: str, member: str, *, any_accounts: bool) -> str:
    """Return the condition that the entry of a group refers to an object by its source anchor."""
    by_dn = _BY_DN.format(group, member)
    return f"{by_dn} OR {_BY_UID.format(group, member)}" if any_accounts else by_dn
