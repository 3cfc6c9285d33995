-- The time of the last complete run came from the history, which forgets; now the state keeps it.
INSERT INTO state (name, value)
SELECT 'last-success', started FROM run
WHERE (result = 'success' OR result LIKE 'completed-%')
    AND NOT EXISTS (SELECT 1 FROM state WHERE name = 'last-success')
ORDER BY number DESC LIMIT 1;

INSERT INTO state (name, value)
SELECT 'last-import', value FROM state
WHERE name = 'last-success' AND NOT EXISTS (SELECT 1 FROM state WHERE name = 'last-import');
