-- Members and managers that other clients own, as schema/tenant/0009_coowners.sql lets them be read anew.
UPDATE object SET version = 1 + (SELECT value::bigint FROM state WHERE name = 'version'),
    members_version = 1 + (SELECT value::bigint FROM state WHERE name = 'version')
WHERE type = 'group' AND (SELECT count(*) FROM client) > 1 AND number IN (
    SELECT g.number FROM link JOIN object g ON g.number = parent JOIN object m ON m.number = member
    WHERE m.owner <> g.owner);
UPDATE object SET version = 1 + (SELECT value::bigint FROM state WHERE name = 'version')
WHERE (SELECT count(*) FROM client) > 1 AND number IN (
    SELECT o.number FROM manager JOIN object o ON o.number = manager.object
    JOIN object m ON m.number = manager.manager WHERE m.owner <> o.owner);
UPDATE taken SET version = 1 + (SELECT value::bigint FROM state WHERE name = 'version');
INSERT INTO mark (version, mark)
SELECT value::bigint + 1, left(md5(random()::text || clock_timestamp()::text), 16) FROM state
WHERE name = 'version' AND (SELECT count(*) FROM client) > 1;
UPDATE state SET value = (value::bigint + 1)::text
WHERE name = 'version' AND (SELECT count(*) FROM client) > 1;
