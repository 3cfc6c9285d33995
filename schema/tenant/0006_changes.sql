-- What the web's delta queries count. `change` has a row for each transaction that changed what Graph shows,
-- with the tenant's time and a mark: a copy that goes its own way has other marks. `object.version` counts
-- for sync clients, and not what an administrator or a sweep does.
CREATE TABLE change (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    mark TEXT NOT NULL
) STRICT;

INSERT INTO change (number, at, mark) VALUES (0, '', lower(hex(randomblob(8))));
INSERT INTO state (name, value) VALUES ('timeline', lower(hex(randomblob(8))));

-- The last change of an object, and the last one that was not of its members alone. `usage_location` is what
-- an administrator chose in place of the directory's, until the directory has another one.
ALTER TABLE object ADD COLUMN usage_location TEXT;
ALTER TABLE object ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE object ADD COLUMN own_changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX object_changed ON object (type, changed);

ALTER TABLE link ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Objects and memberships that were removed within the last days.
CREATE TABLE gone (
    type TEXT NOT NULL,
    changed INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (type, changed, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE unlinked (
    parent INTEGER NOT NULL,
    member TEXT NOT NULL,
    type TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (parent, member)
) STRICT, WITHOUT ROWID;

CREATE INDEX unlinked_changed ON unlinked (changed);
