-- Owners, as schema/tenant/0007_owners.sql has them.
CREATE TABLE client (
    number bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    host text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    last_export text COLLATE "C"
);

ALTER TABLE object ADD COLUMN owner bigint;
ALTER TABLE batch ADD COLUMN client bigint;

CREATE TABLE taken (
    client bigint NOT NULL,
    anchor text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (client, anchor, type)
);
