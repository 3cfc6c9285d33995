-- The state now notes two batches at a time instead of one.
INSERT INTO state (name, value) SELECT 'export-batches', '[' || value || ']' FROM state WHERE name = 'export-batch';
DELETE FROM state WHERE name = 'export-batch';
