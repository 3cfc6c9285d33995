-- What the cloud took in a run, in the order in which it did: rows are only ever appended, and removed
-- by run, so that a first sync pays for no other index. attributes maps a name to [before, after]; it is
-- empty for an object that was added, whose every attribute is new.
CREATE TABLE change (
    run        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    anchor     TEXT NOT NULL,
    operation  TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

-- Of a group that is to stay: how many of its memberships a guard kept from being removed.
ALTER TABLE deletion ADD COLUMN members INTEGER;
