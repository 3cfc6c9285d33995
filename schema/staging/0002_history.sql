-- The changes that the cloud accepted in a run, in that order. Rows are only appended, and removed by run,
-- so that a first sync does not pay for another index. attributes maps a name to [before, after]; it is
-- empty for an added object, because all its attributes are new.
CREATE TABLE change (
    run        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    anchor     TEXT NOT NULL,
    operation  TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

-- For a group that stays: the number of removed memberships that a guard held back.
ALTER TABLE deletion ADD COLUMN members INTEGER;
