BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'tenant','0001_initial','2026-11-23 14:37:22.426790+00:00');
CREATE TABLE claim (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    holder INTEGER NOT NULL,
    PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "claim" VALUES('proxy','ann@contoso.com',3);
INSERT INTO "claim" VALUES('proxy','bob@contoso.com',7);
INSERT INTO "claim" VALUES('proxy','desk@contoso.com',3);
INSERT INTO "claim" VALUES('proxy','dora@contoso.com',13);
INSERT INTO "claim" VALUES('proxy','supplier@fabrikam.example',1);
INSERT INTO "claim" VALUES('proxy','team@contoso.com',14);
INSERT INTO "claim" VALUES('upn','ann7832@contoso.onmicrosoft.com',12);
INSERT INTO "claim" VALUES('upn','ann@contoso.com',3);
INSERT INTO "claim" VALUES('upn','bob3093@contoso.onmicrosoft.com',16);
INSERT INTO "claim" VALUES('upn','bob@contoso.com',7);
INSERT INTO "claim" VALUES('upn','clerk0@contoso.com',6);
INSERT INTO "claim" VALUES('upn','clerk1@contoso.com',5);
INSERT INTO "claim" VALUES('upn','clerk2@contoso.com',8);
INSERT INTO "claim" VALUES('upn','clerk3@contoso.com',11);
INSERT INTO "claim" VALUES('upn','clerk4@contoso.com',10);
INSERT INTO "claim" VALUES('upn','clerk5@contoso.com',9);
INSERT INTO "claim" VALUES('upn','dora@contoso.com',13);
INSERT INTO "claim" VALUES('upn','erik@contoso.com',18);
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
CREATE TABLE link (
    parent INTEGER NOT NULL,
    member INTEGER NOT NULL,
    PRIMARY KEY (parent, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "link" VALUES(4,3);
INSERT INTO "link" VALUES(14,3);
INSERT INTO "link" VALUES(4,7);
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
INSERT INTO "object" VALUES(1,'8f9deb5c-982e-4888-9faf-2cb9fae3037f','contact','4LAQI5d7QRCMSOGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'supplier',NULL,'supplier@fabrikam.example','supplier','["SMTP:supplier@fabrikam.example"]',0,0,NULL,0,'{"displayName":"supplier","mail":"supplier@fabrikam.example","mailNickname":"supplier","onPremisesDistinguishedName":"cn=supplier,ou=contacts,dc=contoso,dc=com"}');
INSERT INTO "object" VALUES(2,'8f9deb5c-7913-4fac-9d40-040826162077','user','8nwPI5d7QRCMR+GEn8Zufw==',0,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z','2026-11-23T14:37:23.037936Z',3,0,'Carla','carla@contoso.com','carla@contoso.com','carla','["SMTP:carla@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Carla","onPremisesDistinguishedName":"uid=carla,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"carla","proxyAddresses":["SMTP:carla@contoso.com"],"surname":"carla","userPrincipalName":"carla@contoso.com"}');
INSERT INTO "object" VALUES(3,'8f9deb5c-dc55-4c26-b4b5-ad19088e0371','user','KDANI5d7QRCMReGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:24.083034Z',NULL,6,0,'Ann','ann@contoso.com','ann@contoso.com','ann','["SMTP:ann@contoso.com","smtp:desk@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Ann","jobTitle":"Director","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "object" VALUES(4,'8f9deb5c-ef9c-4b5f-aac9-0be7f3b8f40c','group','MOIRI5d7QRCMSeGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,3,3,'all',NULL,NULL,NULL,'[]',0,0,NULL,0,'{"displayName":"all","mailEnabled":false,"onPremisesDistinguishedName":"cn=all,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","securityEnabled":true}');
INSERT INTO "object" VALUES(5,'8f9deb5c-27f1-4020-9832-2ceffb23f5b0','user','MP4TI5d7QRCMS+GEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'Clerk1','clerk1@contoso.com',NULL,'clerk1','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk1","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk1,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk1","surname":"clerk1","userPrincipalName":"clerk1@contoso.com"}');
INSERT INTO "object" VALUES(6,'8f9deb5c-986b-44bc-8d2f-5db21574421e','user','Zh4TI5d7QRCMSuGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'Clerk0','clerk0@contoso.com',NULL,'clerk0','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk0","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk0,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk0","surname":"clerk0","userPrincipalName":"clerk0@contoso.com"}');
INSERT INTO "object" VALUES(7,'8f9deb5c-fd3f-41ff-817d-cef4946d40a4','user','yEMOI5d7QRCMRuGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:23.037936Z',NULL,3,0,'Bob Bräunlich','bob@contoso.com','bob@contoso.com','bob','["SMTP:bob@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Bob Bräunlich","jobTitle":"Deputy","onPremisesDistinguishedName":"uid=bob,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"bob","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"bob","userPrincipalName":"bob@contoso.com"}');
INSERT INTO "object" VALUES(8,'8f9deb5c-d6b1-47a9-bad5-45378befe3a0','user','9OgUI5d7QRCMTOGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'Clerk2','clerk2@contoso.com',NULL,'clerk2','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk2","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk2,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk2","surname":"clerk2","userPrincipalName":"clerk2@contoso.com"}');
INSERT INTO "object" VALUES(9,'8f9deb5c-d6fb-443b-8035-dad5433da331','user','KvoYI5d7QRCMT+GEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'Clerk5','clerk5@contoso.com',NULL,'clerk5','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk5","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk5,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk5","surname":"clerk5","userPrincipalName":"clerk5@contoso.com"}');
INSERT INTO "object" VALUES(10,'8f9deb5c-742d-4a16-b3b3-0b80bb3ab03d','user','MgcYI5d7QRCMTuGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'Clerk4','clerk4@contoso.com',NULL,'clerk4','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk4","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk4,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk4","surname":"clerk4","userPrincipalName":"clerk4@contoso.com"}');
INSERT INTO "object" VALUES(11,'8f9deb5c-2afe-4f8e-bc59-77db041412c5','user','yqwWI5d7QRCMTeGEn8Zufw==',1,'2026-11-23T14:37:22.491163Z','2026-11-23T14:37:22.491163Z',NULL,1,0,'Clerk3','clerk3@contoso.com',NULL,'clerk3','[]',0,0,NULL,0,'{"accountEnabled":true,"department":"Sales","displayName":"Clerk3","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk3,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk3","surname":"clerk3","userPrincipalName":"clerk3@contoso.com"}');
INSERT INTO "object" VALUES(12,'a80c6be4-5ea1-48a9-91f6-a17019e329ca','user','lNhrI5d7QRCMUOGEn8Zufw==',1,'2026-11-23T14:37:23.037936Z','2026-11-23T14:37:23.037936Z',NULL,3,0,'Another-Ann','ann7832@contoso.onmicrosoft.com',NULL,'ann','[]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Another-Ann","onPremisesDistinguishedName":"uid=another-ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"another-ann","surname":"another-ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "object" VALUES(13,'a80c6be4-3fbf-4ead-861a-2b5cd7e2a278','user','lu5sI5d7QRCMUeGEn8Zufw==',1,'2026-11-23T14:37:23.037936Z','2026-11-23T14:37:23.037936Z',NULL,3,0,'Dora','dora@contoso.com','dora@contoso.com','dora','["SMTP:dora@contoso.com"]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Dora","onPremisesDistinguishedName":"uid=dora,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"dora","proxyAddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"surname":"dora","userPrincipalName":"dora@contoso.com"}');
INSERT INTO "object" VALUES(14,'14af4384-cc03-4dae-9184-4bad0740fa2d','group','+nzAI5d7QRCMU+GEn8Zufw==',1,'2026-11-23T14:37:23.568728Z','2026-11-23T14:37:23.568728Z',NULL,5,5,'blue',NULL,'team@contoso.com','team','["SMTP:team@contoso.com"]',0,0,NULL,0,'{"displayName":"blue","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=blue,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}');
INSERT INTO "object" VALUES(16,'14af4384-e733-4e94-a8ac-f51b41ec97a0','user','xnjBI5d7QRCMVOGEn8Zufw==',1,'2026-11-23T14:37:23.568728Z','2026-11-23T14:37:23.568728Z',NULL,4,0,'Joe','bob3093@contoso.onmicrosoft.com',NULL,'bob','[]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Joe","onPremisesDistinguishedName":"uid=joe,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"joe","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"joe","userPrincipalName":"bob@contoso.com"}');
INSERT INTO "object" VALUES(17,'a8a687da-016a-4af7-b553-58e61d77da90','group','6mW/I5d7QRCMUuGEn8Zufw==',1,'2026-11-23T14:37:24.083034Z','2026-11-23T14:37:24.083034Z',NULL,6,0,'red',NULL,NULL,'team','[]',0,0,NULL,0,'{"displayName":"red","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=red,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}');
INSERT INTO "object" VALUES(18,'a8a687da-e7ae-4faf-be25-dfd304eecc50','user','pvkPJJd7QRCMVeGEn8Zufw==',1,'2026-11-23T14:37:24.083034Z','2026-11-23T14:37:24.083034Z',NULL,6,0,'Erik','erik@contoso.com',NULL,'erik','[]',0,0,NULL,0,'{"accountEnabled":true,"displayName":"Erik","onPremisesDistinguishedName":"uid=erik,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"erik","surname":"erik","userPrincipalName":"erik@contoso.com"}');
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
INSERT INTO "provisioning_error" VALUES(12,'UserPrincipalName','ann@contoso.com','ann@contoso.com','2026-11-23T14:37:23.037936Z','user','Another-Ann','ann7832@contoso.onmicrosoft.com','another-ann
ann7832@contoso.onmicrosoft.com
ann@contoso.com');
INSERT INTO "provisioning_error" VALUES(13,'ProxyAddresses','desk@contoso.com','smtp:desk@contoso.com','2026-11-23T14:37:23.037936Z','user','Dora','dora@contoso.com','dora
dora@contoso.com
smtp:desk@contoso.com');
INSERT INTO "provisioning_error" VALUES(16,'ProxyAddresses','bob@contoso.com','SMTP:bob@contoso.com','2026-11-23T14:37:23.568728Z','user','Joe','bob3093@contoso.onmicrosoft.com','joe
bob3093@contoso.onmicrosoft.com
smtp:bob@contoso.com');
INSERT INTO "provisioning_error" VALUES(16,'UserPrincipalName','bob@contoso.com','bob@contoso.com','2026-11-23T14:37:23.568728Z','user','Joe','bob3093@contoso.onmicrosoft.com','joe
bob3093@contoso.onmicrosoft.com
bob@contoso.com');
INSERT INTO "provisioning_error" VALUES(17,'ProxyAddresses','team@contoso.com','SMTP:team@contoso.com','2026-11-23T14:37:24.083034Z','group','red',NULL,'red

smtp:team@contoso.com');
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
INSERT INTO "state" VALUES('batch','2026-11-23T14:37:24.082610Z/KDANI5d7QRCMReGEn8Zufw==');
INSERT INTO "state" VALUES('domains','contoso.com
contoso.onmicrosoft.com
fabrikam.com');
INSERT INTO "state" VALUES('last_export','{"exported":2,"failed":1,"at":"2026-11-23T14:37:23.572992Z"}');
INSERT INTO "state" VALUES('results','[["KDANI5d7QRCMReGEn8Zufw==","Success","updated",null,"User_8f9deb5c-dc55-4c26-b4b5-ad19088e0371",[],null,null],["6mW/I5d7QRCMUuGEn8Zufw==","Success","added","This object has been updated in your Azure Active Directory, but with some modified properties, because the following attributes are associated with another object [ProxyAddresses SMTP:team@contoso.com;]. Please refer to https://aka.ms/duplicateattributeresiliency for steps on how to resolve this issue.","Group_a8a687da-016a-4af7-b553-58e61d77da90",[["ProxyAddresses","SMTP:team@contoso.com","14af4384-cc03-4dae-9184-4bad0740fa2d","group","blue"]],null,null],["pvkPJJd7QRCMVeGEn8Zufw==","Success","added",null,"User_a8a687da-e7ae-4faf-be25-dfd304eecc50",[],null,null]]');
INSERT INTO "state" VALUES('seed','54015a6156dbcf9e');
INSERT INTO "state" VALUES('version','6');
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
