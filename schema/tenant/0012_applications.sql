-- A sync client that comes over the network: the client id of the application by which it proves itself. One
-- application is one client.
ALTER TABLE client ADD COLUMN app TEXT;
CREATE UNIQUE INDEX client_of_app ON client (app) WHERE app IS NOT NULL;
