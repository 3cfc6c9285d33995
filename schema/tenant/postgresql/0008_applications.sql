-- As schema/tenant/0012_applications.sql.
ALTER TABLE client ADD COLUMN app text COLLATE "C";
CREATE UNIQUE INDEX client_of_app ON client (app) WHERE app IS NOT NULL;
