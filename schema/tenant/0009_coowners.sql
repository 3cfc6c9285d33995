-- A client reads back the members of its groups, and the managers of its objects, whoever owns these. What is so today
-- counts as changed, so that the clients come to know it; those from whom objects were taken hear again of these.
UPDATE object SET version = 1 + (SELECT CAST(value AS INTEGER) FROM state WHERE name = 'version'),
    members_version = 1 + (SELECT CAST(value AS INTEGER) FROM state WHERE name = 'version')
WHERE type = 'group' AND (SELECT count(*) FROM client) > 1 AND number IN (
    SELECT g.number FROM link JOIN object g ON g.number = parent JOIN object m ON m.number = member
    WHERE m.owner <> g.owner);
UPDATE object SET version = 1 + (SELECT CAST(value AS INTEGER) FROM state WHERE name = 'version')
WHERE (SELECT count(*) FROM client) > 1 AND number IN (
    SELECT o.number FROM manager JOIN object o ON o.number = manager.object
    JOIN object m ON m.number = manager.manager WHERE m.owner <> o.owner);
UPDATE taken SET version = 1 + (SELECT CAST(value AS INTEGER) FROM state WHERE name = 'version');
INSERT INTO mark (version, mark)
SELECT CAST(value AS INTEGER) + 1, lower(hex(randomblob(8))) FROM state
WHERE name = 'version' AND (SELECT count(*) FROM client) > 1;
UPDATE state SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
WHERE name = 'version' AND (SELECT count(*) FROM client) > 1;
