BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'tenant','0001_initial','2026-11-23 14:37:10.060651+00:00');
CREATE TABLE claim (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    holder INTEGER NOT NULL,
    PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "claim" VALUES('proxy','ann@contoso.com',4);
INSERT INTO "claim" VALUES('proxy','bob@contoso.com',7);
INSERT INTO "claim" VALUES('proxy','desk@contoso.com',4);
INSERT INTO "claim" VALUES('proxy','dora@contoso.com',13);
INSERT INTO "claim" VALUES('proxy','supplier@fabrikam.example',6);
INSERT INTO "claim" VALUES('proxy','team@contoso.com',14);
INSERT INTO "claim" VALUES('upn','ann7448@contoso.onmicrosoft.com',12);
INSERT INTO "claim" VALUES('upn','ann@contoso.com',4);
INSERT INTO "claim" VALUES('upn','bob4104@contoso.onmicrosoft.com',15);
INSERT INTO "claim" VALUES('upn','bob@contoso.com',7);
INSERT INTO "claim" VALUES('upn','clerk0@contoso.com',11);
INSERT INTO "claim" VALUES('upn','clerk1@contoso.com',1);
INSERT INTO "claim" VALUES('upn','clerk2@contoso.com',8);
INSERT INTO "claim" VALUES('upn','clerk3@contoso.com',3);
INSERT INTO "claim" VALUES('upn','clerk4@contoso.com',9);
INSERT INTO "claim" VALUES('upn','clerk5@contoso.com',2);
INSERT INTO "claim" VALUES('upn','dora@contoso.com',13);
CREATE TABLE domain (
    name TEXT PRIMARY KEY,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    federated INTEGER NOT NULL CHECK (federated IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE feature (
    name TEXT PRIMARY KEY,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE first_failure (
    anchor TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO "first_failure" VALUES('ghCJHJd7QRCXjHv3TwEWrA==');
CREATE TABLE link (
    parent INTEGER NOT NULL,
    member INTEGER NOT NULL,
    PRIMARY KEY (parent, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "link" VALUES(10,4);
INSERT INTO "link" VALUES(14,4);
INSERT INTO "link" VALUES(10,7);
CREATE TABLE object (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL CHECK (type = 'user' OR type = 'group' OR type = 'contact'),
    anchor TEXT,
    synced INTEGER,
    created TEXT NOT NULL,
    last_sync TEXT,
    deleted TEXT,
    version INTEGER NOT NULL,
    members_version INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    upn TEXT,
    mail TEXT,
    nickname TEXT,
    proxies TEXT NOT NULL,
    exchange INTEGER NOT NULL,
    upn_proxy INTEGER NOT NULL,
    moera TEXT,
    admin_role INTEGER NOT NULL,
    shadow TEXT NOT NULL,
    CHECK ((type = 'user') = (upn IS NOT NULL)),
    CHECK (deleted IS NULL OR type = 'user')
) STRICT;
INSERT INTO "object" VALUES(1,'8f9deb5c-66a3-42d7-b857-3da1ee1ee3bb','user','0tOjG5d7QRCXhHv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Clerk1','clerk1@contoso.com',NULL,'clerk1','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk1","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk1,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk1","surname":"clerk1","userPrincipalName":"clerk1@contoso.com"}');
INSERT INTO "object" VALUES(2,'8f9deb5c-9be6-477d-936d-094e1d77e3a9','user','3qqnG5d7QRCXiHv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Clerk5','clerk5@contoso.com',NULL,'clerk5','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk5","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk5,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk5","surname":"clerk5","userPrincipalName":"clerk5@contoso.com"}');
INSERT INTO "object" VALUES(3,'8f9deb5c-d4d6-4479-9cc8-2b1507e88fa4','user','8JClG5d7QRCXhnv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Clerk3','clerk3@contoso.com',NULL,'clerk3','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk3","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk3,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk3","surname":"clerk3","userPrincipalName":"clerk3@contoso.com"}');
INSERT INTO "object" VALUES(4,'8f9deb5c-f433-495d-8f86-bded173b4580','user','DCGaG5d7QRCXfnv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Ann','ann@contoso.com','ann@contoso.com','ann','["SMTP:ann@contoso.com","smtp:desk@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Ann","jobTitle":"Head","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "object" VALUES(5,'8f9deb5c-bde7-4962-8d3e-83a16802b2fd','user','Kp6fG5d7QRCXgHv3TwEWrA==',0,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.898402Z',3,0,'Carla','carla@contoso.com','carla@contoso.com','carla','["SMTP:carla@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Carla","onPremisesDistinguishedName":"uid=carla,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"carla","proxyAddresses":["SMTP:carla@contoso.com"],"surname":"carla","userPrincipalName":"carla@contoso.com"}');
INSERT INTO "object" VALUES(6,'8f9deb5c-5d8e-49a1-a66e-358e5a14a1e2','contact','LAmhG5d7QRCXgXv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'supplier',NULL,'supplier@fabrikam.example','supplier','["SMTP:supplier@fabrikam.example"]',0,0,NULL,0,'{"displayName":"supplier","mail":"supplier@fabrikam.example","mailNickname":"supplier","onPremisesDistinguishedName":"cn=supplier,ou=contacts,dc=contoso,dc=com"}');
INSERT INTO "object" VALUES(7,'8f9deb5c-eadb-4853-93f9-0a65a53da22d','user','UgCdG5d7QRCXf3v3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.898402Z',NULL,3,0,'Bob Bräunlich','bob@contoso.com','bob@contoso.com','bob','["SMTP:bob@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Bob Bräunlich","jobTitle":"Deputy","onPremisesDistinguishedName":"uid=bob,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"bob","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"bob","userPrincipalName":"bob@contoso.com"}');
INSERT INTO "object" VALUES(8,'8f9deb5c-867b-4386-b3bd-e414f199c5bf','user','brSkG5d7QRCXhXv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Clerk2','clerk2@contoso.com',NULL,'clerk2','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk2","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk2,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk2","surname":"clerk2","userPrincipalName":"clerk2@contoso.com"}');
INSERT INTO "object" VALUES(9,'8f9deb5c-088f-419b-8390-58bc7892ab54','user','eo2mG5d7QRCXh3v3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Clerk4','clerk4@contoso.com',NULL,'clerk4','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk4","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk4,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk4","surname":"clerk4","userPrincipalName":"clerk4@contoso.com"}');
INSERT INTO "object" VALUES(10,'8f9deb5c-3062-47e4-bad5-241220ab0a16','group','jAKiG5d7QRCXgnv3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,3,3,'all',NULL,NULL,NULL,'[]',0,0,NULL,0,'{"displayName":"all","mailEnabled":false,"onPremisesDistinguishedName":"cn=all,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","securityEnabled":true}');
INSERT INTO "object" VALUES(11,'8f9deb5c-89e9-480f-835a-1cd9237029b2','user','nvSiG5d7QRCXg3v3TwEWrA==',1,'2026-11-23T14:37:10.124715Z','2026-11-23T14:37:10.124715Z',NULL,1,0,'Clerk0','clerk0@contoso.com',NULL,'clerk0','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk0","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk0,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk0","surname":"clerk0","userPrincipalName":"clerk0@contoso.com"}');
INSERT INTO "object" VALUES(12,'a80c6be4-8b30-47a0-830f-0493f673f781','user','dO8SHJd7QRCXiXv3TwEWrA==',1,'2026-11-23T14:37:10.898402Z','2026-11-23T14:37:10.898402Z',NULL,3,0,'Another-Ann','ann7448@contoso.onmicrosoft.com',NULL,'ann','[]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Another-Ann","onPremisesDistinguishedName":"uid=another-ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"another-ann","surname":"another-ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "object" VALUES(13,'a80c6be4-417f-43d6-879c-17cd5a79c4a9','user','lmIUHJd7QRCXinv3TwEWrA==',1,'2026-11-23T14:37:10.898402Z','2026-11-23T14:37:10.898402Z',NULL,3,0,'Dora','dora@contoso.com','dora@contoso.com','dora','["SMTP:dora@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Dora","onPremisesDistinguishedName":"uid=dora,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"dora","proxyAddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"surname":"dora","userPrincipalName":"dora@contoso.com"}');
INSERT INTO "object" VALUES(14,'14af4384-a86d-4909-bdcb-1595907e0191','group','9BSGHJd7QRCXi3v3TwEWrA==',1,'2026-11-23T14:37:11.667706Z','2026-11-23T14:37:11.667706Z',NULL,5,5,'red',NULL,'team@contoso.com','team','["SMTP:team@contoso.com"]',0,0,NULL,0,'{"displayName":"red","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=red,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}');
INSERT INTO "object" VALUES(15,'14af4384-331a-48f4-9c90-00595cd82e00','user','NNqKHJd7QRCXjXv3TwEWrA==',1,'2026-11-23T14:37:11.667706Z','2026-11-23T14:37:11.667706Z',NULL,4,0,'Joe','bob4104@contoso.onmicrosoft.com',NULL,'bob','[]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Joe","onPremisesDistinguishedName":"uid=joe,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"joe","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"joe","userPrincipalName":"bob@contoso.com"}');
CREATE TABLE provisioning_error (
    object INTEGER NOT NULL,
    property TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    occurred TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    upn TEXT,
    search TEXT NOT NULL,
    PRIMARY KEY (object, property, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "provisioning_error" VALUES(12,'UserPrincipalName','ann@contoso.com','ann@contoso.com','2026-11-23T14:37:10.898402Z','user','Another-Ann','ann7448@contoso.onmicrosoft.com','another-ann
ann7448@contoso.onmicrosoft.com
ann@contoso.com');
INSERT INTO "provisioning_error" VALUES(13,'ProxyAddresses','desk@contoso.com','smtp:desk@contoso.com','2026-11-23T14:37:10.898402Z','user','Dora','dora@contoso.com','dora
dora@contoso.com
smtp:desk@contoso.com');
INSERT INTO "provisioning_error" VALUES(15,'ProxyAddresses','bob@contoso.com','SMTP:bob@contoso.com','2026-11-23T14:37:11.667706Z','user','Joe','bob4104@contoso.onmicrosoft.com','joe
bob4104@contoso.onmicrosoft.com
smtp:bob@contoso.com');
INSERT INTO "provisioning_error" VALUES(15,'UserPrincipalName','bob@contoso.com','bob@contoso.com','2026-11-23T14:37:11.667706Z','user','Joe','bob4104@contoso.onmicrosoft.com','joe
bob4104@contoso.onmicrosoft.com
bob@contoso.com');
CREATE TABLE removed (
    anchor TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (anchor, type)
) STRICT, WITHOUT ROWID;
CREATE TABLE state (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "state" VALUES('batch','2026-11-23T14:37:11.683718Z/3/members/0');
INSERT INTO "state" VALUES('last_export','{"exported":2,"failed":1,"at":"2026-11-23T14:37:11.695552Z"}');
INSERT INTO "state" VALUES('results','[["9BSGHJd7QRCXi3v3TwEWrA==","Success","updated",null,"Group_14af4384-a86d-4909-bdcb-1595907e0191",[],null,null]]');
INSERT INTO "state" VALUES('seed','f2430e6ca0dc8238');
INSERT INTO "state" VALUES('version','5');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE UNIQUE INDEX object_anchor ON object (anchor, type) WHERE anchor IS NOT NULL;
CREATE INDEX object_version ON object (version);
CREATE INDEX object_listing ON object (type, display_name) WHERE deleted IS NULL;
CREATE INDEX object_deleted ON object (deleted) WHERE deleted IS NOT NULL;
CREATE INDEX provisioning_error_value ON provisioning_error (property, key);
CREATE INDEX provisioning_error_occurred ON provisioning_error (occurred);
CREATE INDEX provisioning_error_name ON provisioning_error (name);
CREATE INDEX provisioning_error_upn ON provisioning_error (upn);
CREATE INDEX link_member ON link (member);
CREATE INDEX removed_version ON removed (version);
COMMIT;
