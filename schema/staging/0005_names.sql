-- Names are compared as the directories do, and no longer as addresses are: Straße is not Strasse, two
-- spaces are one. Keys are computed anew; a target has lost its spelling, so it follows the entries that
-- it meant, all of them where it meant several. The next import reads everything and sets that right.
CREATE TEMP TABLE renamed (id INTEGER PRIMARY KEY, old TEXT NOT NULL, new TEXT NOT NULL) STRICT;
INSERT INTO renamed
SELECT id, dn_key, staged_key(dn) FROM entry WHERE dn_key <> staged_key(dn);

CREATE TEMP TABLE retargeted (entry INTEGER NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL) STRICT;
INSERT INTO retargeted
SELECT r.entry, r.target, staged_key(e.dn) FROM reference r JOIN entry e ON e.dn_key = r.target
WHERE r.target IN (SELECT old FROM renamed);
INSERT INTO retargeted
SELECT entry, target, staged_key(target) FROM reference r
WHERE target <> staged_key(target) AND NOT EXISTS (SELECT 1 FROM entry WHERE dn_key = r.target);

INSERT OR IGNORE INTO dirty_group SELECT entry FROM retargeted;
INSERT OR IGNORE INTO dirty_group SELECT entry FROM reference WHERE target IN (SELECT new FROM renamed);
DELETE FROM reference WHERE (entry, target) IN (SELECT entry, old FROM retargeted);
INSERT OR IGNORE INTO reference SELECT entry, new FROM retargeted;
UPDATE entry SET dn_key = (SELECT new FROM renamed WHERE id = entry.id) WHERE id IN (SELECT id FROM renamed);
UPDATE entry SET hash = staged_hash(
    coalesce(wanted_anchor, anchor), type, attributes, dn,
    (SELECT json_group_array(target) FROM reference WHERE entry = entry.id)
)
WHERE id IN (SELECT entry FROM retargeted);
DROP TABLE renamed;
DROP TABLE retargeted;
UPDATE state SET value = json_set(value, '$.fingerprint', '') WHERE name = 'watermark';

-- Of several values the one of the name counts, and stands first; it was the first in the alphabet.
INSERT OR IGNORE INTO dirty
SELECT created, anchor FROM entry
WHERE attributes LIKE '%","%' AND attributes <> choose_by_name(attributes, dn);
UPDATE entry SET attributes = choose_by_name(attributes, dn)
WHERE attributes LIKE '%","%' AND attributes <> choose_by_name(attributes, dn);
