-- Memberships that the next synchronization compares one by one, where not the whole group is in doubt: a
-- big group costs as much as what changed in it. The member is a source anchor.
CREATE TABLE dirty_member (
    grp    INTEGER NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
