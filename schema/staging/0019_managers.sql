-- Objects, by entry, of which the next synchronization compares the manager.
CREATE TABLE dirty_manager (
    entry INTEGER PRIMARY KEY
) STRICT;

-- The managers of objects, by projection: what the cloud was told, and what is pending. An object has one manager
-- at most, and NULL is to take it away. "beside" is the operation that was pending of the object as well, NULL where
-- only its manager changes.
CREATE TABLE told_manager (
    object  INTEGER PRIMARY KEY,
    manager INTEGER NOT NULL
) STRICT;
CREATE INDEX told_manager_manager ON told_manager (manager);
CREATE TABLE wanted_manager (
    object  INTEGER PRIMARY KEY,
    manager INTEGER,
    beside  TEXT
) STRICT;
