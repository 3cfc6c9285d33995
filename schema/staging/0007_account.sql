-- The users by uid, folded, for groups that name their members so (memberUid). Empty as long as no group
-- does: then there is nothing to keep up to date.
CREATE TABLE account (
    name  TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    PRIMARY KEY (name, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_entry ON account (entry);
