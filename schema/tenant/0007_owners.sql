-- The sync clients of the tenant. An object that one exported is its own; those from before, and those of the
-- cloud alone, have no owner. `place` is the storage folder of the client on its host.
CREATE TABLE client (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    host        TEXT NOT NULL,
    place       TEXT NOT NULL,
    last_export TEXT
) STRICT;

ALTER TABLE object ADD COLUMN owner INTEGER;

-- The last two batches of each client.
ALTER TABLE batch ADD COLUMN client INTEGER;

-- The objects that were taken from a client, which its read-back reports.
CREATE TABLE taken (
    client  INTEGER NOT NULL,
    anchor  TEXT NOT NULL,
    type    TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (client, anchor, type)
) STRICT, WITHOUT ROWID;

CREATE INDEX taken_anchor ON taken (anchor);
