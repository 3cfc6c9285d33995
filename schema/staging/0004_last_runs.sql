-- When the last run came to its end was read from the history, which forgets; now it is kept beside it.
INSERT INTO state (name, value)
SELECT 'last-success', started FROM run
WHERE (result = 'success' OR result LIKE 'completed-%')
    AND NOT EXISTS (SELECT 1 FROM state WHERE name = 'last-success')
ORDER BY number DESC LIMIT 1;

INSERT INTO state (name, value)
SELECT 'last-import', value FROM state
WHERE name = 'last-success' AND NOT EXISTS (SELECT 1 FROM state WHERE name = 'last-import');
