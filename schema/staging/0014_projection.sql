-- One row an object that the cloud has, or is to have: what it was told, and what is pending. A first
-- synchronization gives the ids in the order of the export, so that answers change neighbouring rows.

-- The properties of an object, as canonical JSON: written once, when they are worked out. Rows never change;
-- one is removed with the last that names it, which is always of the same object (staging/texts.py).
CREATE TABLE text (
    id         INTEGER PRIMARY KEY,
    properties TEXT NOT NULL
) STRICT;

CREATE TABLE projection (
    id           INTEGER PRIMARY KEY,
    anchor       TEXT NOT NULL,
    -- What the cloud accepted last: a text, the type, and the name that the cloud gave. NULL where the
    -- cloud does not have the object.
    told         INTEGER,
    told_type    TEXT,
    cloud_anchor TEXT,
    -- What is pending, all NULL where nothing is. A delete wants what was told. changed is NULL for adds,
    -- which change all their properties, and for deletes.
    operation    TEXT CHECK (operation IN ('add', 'update', 'delete')),
    wanted       INTEGER,
    type         TEXT,
    created      TEXT,
    changed      TEXT,
    releases     TEXT,
    -- The last export session that tried it: an export resumed after a crash does not try it again.
    tried        INTEGER
) STRICT;

-- Memberships by projection: what the cloud was told, and what is pending.
CREATE TABLE told_member (
    grp    INTEGER NOT NULL,
    member INTEGER NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE wanted_member (
    grp    INTEGER NOT NULL,
    member INTEGER NOT NULL,
    adds   INTEGER NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;

INSERT INTO projection (anchor, told_type, cloud_anchor, operation, type, created, changed, releases, tried)
SELECT a.anchor, c.type, c.cloud_anchor, p.operation, p.type, p.created, p.changed, p.releases, p.tried
FROM (
    SELECT anchor FROM cloud_entry UNION SELECT anchor FROM pending_export
    UNION SELECT grp FROM cloud_member UNION SELECT member FROM cloud_member
    UNION SELECT grp FROM pending_member UNION SELECT member FROM pending_member
) a
LEFT JOIN cloud_entry c ON c.anchor = a.anchor
LEFT JOIN pending_export p ON p.anchor = a.anchor
ORDER BY coalesce(p.created, (SELECT min(created) FROM entry WHERE anchor = a.anchor), ''), a.anchor;
CREATE UNIQUE INDEX projection_anchor ON projection (anchor);

-- Of an object that is told and pending, two texts: the second only where it differs.
INSERT INTO text
SELECT 2 * o.id, c.properties FROM projection o JOIN cloud_entry c ON c.anchor = o.anchor ORDER BY o.id;
INSERT INTO text
SELECT 2 * o.id + 1, p.properties FROM projection o JOIN pending_export p ON p.anchor = o.anchor
WHERE p.properties IS NOT (SELECT properties FROM cloud_entry WHERE anchor = o.anchor) ORDER BY o.id;
UPDATE projection SET told = 2 * id WHERE told_type IS NOT NULL;
UPDATE projection SET wanted = 2 * id + (2 * id + 1 IN (SELECT id FROM text)) WHERE operation IS NOT NULL;

INSERT INTO told_member
SELECT g.id, o.id FROM cloud_member c
JOIN projection g ON g.anchor = c.grp JOIN projection o ON o.anchor = c.member ORDER BY 1, 2;
INSERT INTO wanted_member
SELECT g.id, o.id, p.adds FROM pending_member p
JOIN projection g ON g.anchor = p.grp JOIN projection o ON o.anchor = p.member ORDER BY 1, 2;

DROP TABLE cloud_entry;
DROP TABLE pending_export;
DROP TABLE cloud_member;
DROP TABLE pending_member;

CREATE INDEX told_member_member ON told_member (member);
-- The pending exports, and the few rows of which nothing was told.
CREATE INDEX projection_pending ON projection (operation) WHERE operation IS NOT NULL OR told IS NULL;

-- The properties that the import worked out of an entry, by the rules that the state "rules-version" names;
-- NULL where it did not, and the synchronization does.
ALTER TABLE entry ADD COLUMN text INTEGER;

-- Those who only read ask by source anchor. Rank 0 is for deletes, which come first.
CREATE VIEW cloud_entry AS
SELECT anchor, told_type AS type, cloud_anchor,
    (SELECT properties FROM text WHERE id = told) AS properties
FROM projection WHERE told IS NOT NULL;
CREATE VIEW pending_export AS
SELECT anchor, operation, operation <> 'delete' AS rank, type, created,
    (SELECT properties FROM text WHERE id = wanted) AS properties,
    coalesce(changed, CASE operation WHEN 'delete' THEN '[]' ELSE
        (SELECT '["' || group_concat(key, '", "') || '"]' FROM text, json_each(text.properties)
            WHERE text.id = wanted) END)
    AS changed, releases, tried
FROM projection WHERE operation IS NOT NULL;
CREATE VIEW cloud_member AS
SELECT g.anchor AS grp, o.anchor AS member
FROM told_member m JOIN projection g ON g.id = m.grp JOIN projection o ON o.id = m.member;
CREATE VIEW pending_member AS
SELECT g.anchor AS grp, o.anchor AS member, m.adds AS adds
FROM wanted_member m JOIN projection g ON g.id = m.grp JOIN projection o ON o.id = m.member;
