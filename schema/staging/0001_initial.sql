-- The connector space: the entries of the directory, the exported objects, and the pending exports.

-- The entries of the search. Containers are kept too (type is null): renaming one moves all entries below.
CREATE TABLE entry (
    id            INTEGER PRIMARY KEY,
    uuid          BLOB NOT NULL UNIQUE,
    anchor        TEXT NOT NULL,
    -- The current anchor of the entry, if it differs from the one that it was exported with.
    wanted_anchor TEXT,
    type          TEXT CHECK (type IN ('user', 'group', 'contact')),
    dn            TEXT NOT NULL,
    dn_key        TEXT NOT NULL,
    created       TEXT NOT NULL,
    csn           TEXT NOT NULL,
    run           INTEGER NOT NULL,
    attributes    TEXT NOT NULL,
    hash          BLOB NOT NULL
) STRICT;
-- Finds the names of a member without reading the entry.
CREATE INDEX entry_anchor ON entry (anchor, dn_key);
-- Resolves a reference to a source anchor without reading the entry.
CREATE INDEX entry_dn ON entry (dn_key, anchor, type);
CREATE INDEX entry_group ON entry (id) WHERE type = 'group';
CREATE INDEX entry_container ON entry (id) WHERE type IS NULL;

-- References of entries to others by DN. A reference to an unknown entry waits here.
CREATE TABLE reference (
    entry  INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    PRIMARY KEY (entry, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_target ON reference (target);

-- The objects that the next synchronization has to decide, in the order of the export, so that pending
-- exports are written, read and removed side by side. created is empty for a deleted entry.
CREATE TABLE dirty (
    created TEXT NOT NULL,
    anchor  TEXT NOT NULL,
    PRIMARY KEY (created, anchor)
) STRICT, WITHOUT ROWID;
CREATE TABLE dirty_group (
    entry INTEGER PRIMARY KEY
) STRICT;

-- The exported objects, as the cloud accepted them: properties as canonical JSON.
CREATE TABLE cloud_entry (
    anchor       TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    cloud_anchor TEXT NOT NULL,
    properties   TEXT NOT NULL
) STRICT;
CREATE TABLE cloud_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX cloud_member_member ON cloud_member (member);

-- The pending exports. Rank 0 is for deletes, which come first.
CREATE TABLE pending_export (
    anchor     TEXT PRIMARY KEY,
    operation  TEXT NOT NULL CHECK (operation IN ('add', 'update', 'delete')),
    rank       INTEGER NOT NULL,
    type       TEXT NOT NULL,
    created    TEXT NOT NULL,
    properties TEXT NOT NULL,
    changed    TEXT NOT NULL,
    releases   TEXT,
    -- The last export session that tried it: an export resumed after a crash does not try it again.
    tried      INTEGER
) STRICT;
CREATE INDEX pending_export_order ON pending_export (rank, created, anchor);
CREATE INDEX pending_export_releases ON pending_export (anchor) WHERE releases IS NOT NULL;
CREATE TABLE pending_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    adds   INTEGER NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;

-- Objects whose synchronization or export failed; kept until it succeeds.
CREATE TABLE error (
    anchor    TEXT PRIMARY KEY,
    stage     TEXT NOT NULL CHECK (stage IN ('synchronization', 'export')),
    error     TEXT NOT NULL,
    attribute TEXT,
    value     TEXT,
    message   TEXT NOT NULL,
    first_at  TEXT NOT NULL,
    last_at   TEXT NOT NULL,
    attempts  INTEGER NOT NULL
) STRICT;

-- Log events that must appear exactly once; kept until they are known to be in the log.
CREATE TABLE outbox (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    event  TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;

-- The runs of the connector and their steps.
CREATE TABLE run (
    number  INTEGER PRIMARY KEY,
    policy  TEXT NOT NULL,
    started TEXT NOT NULL,
    seconds REAL,
    result  TEXT NOT NULL
) STRICT;
CREATE TABLE run_step (
    run     INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    step    INTEGER NOT NULL,
    counters TEXT NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- Deletions that a guard stopped, waiting for a person to approve exactly them.
CREATE TABLE deletion (
    anchor TEXT PRIMARY KEY,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    dn     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Single facts: the watermark, the read-back cookie, the open export session and batch, the
-- deletion plan's hash, reason and approval.
CREATE TABLE state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
