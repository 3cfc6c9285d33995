"""Project the objects of a first synchronization with one statement: those that are new and plain.

A plain object has one entry, of which the import worked out the properties. Where the rules take all such
entries, nothing about them is left to decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.values.references import MEMBER_REFERENCES

if TYPE_CHECKING:
    from connector.storage.rows import Behind

# Several entries of one source anchor, which the rules refuse. A walk through the index on anchors.
_SHARED = "SELECT anchor FROM entry GROUP BY anchor HAVING count(*) > 1"
_PUT = f"""INSERT INTO projection (anchor, operation, wanted, type, created)
    SELECT d.anchor, 'add', e.text, e.type, d.created
    FROM dirty d CROSS JOIN entry e ON e.anchor = d.anchor AND e.created = d.created
    WHERE e.text IS NOT NULL AND e.wanted_anchor IS NULL
    AND d.anchor NOT IN ({_SHARED})
    AND (e.type <> 'group' OR (SELECT count(*) FROM reference
        WHERE entry = e.id AND target >= '{MEMBER_REFERENCES}') <= :members)
    ORDER BY d.created, d.anchor"""  # noqa: S608 - a constant
# With all times under which an object is listed: an entry may have come anew before this.
_DECIDED = "DELETE FROM dirty WHERE anchor IN (SELECT anchor FROM projection)"
# A UPN from its first @ on: few texts, whatever number of users there is.
_UPN_ENDS = """SELECT substr(upn, instr(upn, '@')), count(*) FROM (
    SELECT json_extract(t.properties, '$.userPrincipalName') AS upn
    FROM projection p CROSS JOIN text t ON t.id = p.wanted WHERE p.type = 'user'
    ) GROUP BY 1"""


def put(connection: Behind, *, member_limit: int) -> int:
    """Project the plain objects of the worklist, in the order of the export; return how many.

    To be called while nothing is projected. Groups of more than ``member_limit`` members are left to the rules.
    The worklist then has the rest.
    """
    number = connection.execute(_PUT, {"members": member_limit}).rowcount
    (listed,) = connection.execute("SELECT count(*) FROM dirty").fetchone()
    # Mostly nothing is left, and a table is emptied at no cost.
    connection.execute("DELETE FROM dirty" if number == listed else _DECIDED)
    return number


def upn_ends(connection: Behind) -> dict[str, int]:
    """Count the users that were projected so by the end of their UPN, from an ``@`` on."""
    return dict(connection.execute(_UPN_ENDS).fetchall())
