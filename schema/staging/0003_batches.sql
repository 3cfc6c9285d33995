-- Two batches are noted at a time, where it was one.
INSERT INTO state (name, value) SELECT 'export-batches', '[' || value || ']' FROM state WHERE name = 'export-batch';
DELETE FROM state WHERE name = 'export-batch';
