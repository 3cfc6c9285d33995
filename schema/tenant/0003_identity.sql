-- Who this tenant is, and a mark for each version that it had: a client that comes with a cookie of
-- another tenant, or of a version that a restored one never had, is told so. A copy is the same tenant.
CREATE TABLE mark (
    version INTEGER PRIMARY KEY,
    mark TEXT NOT NULL
) STRICT;

INSERT INTO state (name, value) VALUES ('identity', lower(hex(randomblob(16))));
INSERT INTO mark (version, mark)
SELECT coalesce((SELECT CAST(value AS INTEGER) FROM state WHERE name = 'version'), 0), lower(hex(randomblob(8)));
