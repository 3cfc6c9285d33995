-- What other clients of the tenant have, and this one would export. "refused" is what the tenant refuses at each
-- export, the rest was taken over; "there" tells whether the tenant has it now, "wanted" whether the rules would export
-- what was taken over. Groups name such objects as their members, and objects as their managers.
ALTER TABLE foreign_anchor ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE foreign_anchor ADD COLUMN there INTEGER NOT NULL DEFAULT 1;
ALTER TABLE foreign_anchor ADD COLUMN wanted INTEGER NOT NULL DEFAULT 0;

-- An addition waits, and is not pending, while the tenant does not have the member.
DROP VIEW pending_member;
CREATE VIEW pending_member AS
SELECT g.anchor AS grp, o.anchor AS member, m.adds AS adds
FROM wanted_member m JOIN projection g ON g.id = m.grp JOIN projection o ON o.id = m.member
WHERE NOT m.adds OR o.told IS NOT NULL
    OR NOT EXISTS (SELECT 1 FROM foreign_anchor WHERE anchor = o.anchor AND NOT there);
