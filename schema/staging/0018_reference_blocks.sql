-- What the sorted references of an entry that has thousands of them come to, block by block: an import reads
-- those of a block only where its digest differs. A block goes from "first" up to the next one of its entry.
-- An entry without blocks has its references compared one by one.
CREATE TABLE reference_block (
    entry  INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    first  TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (entry, first)
) STRICT, WITHOUT ROWID;
