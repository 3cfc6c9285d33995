-- The migrations that a database has; made before the first of them.
CREATE TABLE IF NOT EXISTS migration (
    name text COLLATE "C" PRIMARY KEY
);
