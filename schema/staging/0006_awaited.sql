-- References that the directory may be about to rewrite without telling: group entry shows the folded DN
-- named, and counts for target instead (nothing where that is empty) until it has been read again,
-- so many imports later. A named that is its own target is only to be read again.
CREATE TABLE awaited (
    entry   INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    named   TEXT NOT NULL,
    target  TEXT NOT NULL,
    imports INTEGER NOT NULL,
    PRIMARY KEY (entry, named)
) STRICT, WITHOUT ROWID;
