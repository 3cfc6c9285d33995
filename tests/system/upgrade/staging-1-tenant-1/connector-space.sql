BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'staging','0001_initial','2026-11-23 14:37:10.054766+00:00');
CREATE TABLE cloud_entry (
    anchor       TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    cloud_anchor TEXT NOT NULL,
    properties   TEXT NOT NULL
) STRICT;
INSERT INTO "cloud_entry" VALUES('0tOjG5d7QRCXhHv3TwEWrA==','user','User_8f9deb5c-66a3-42d7-b857-3da1ee1ee3bb','{"accountEnabled":true,"department":"Sales","displayName":"Clerk1","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk1,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk1","surname":"clerk1","userPrincipalName":"clerk1@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('3qqnG5d7QRCXiHv3TwEWrA==','user','User_8f9deb5c-9be6-477d-936d-094e1d77e3a9','{"accountEnabled":true,"department":"Sales","displayName":"Clerk5","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk5,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk5","surname":"clerk5","userPrincipalName":"clerk5@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('8JClG5d7QRCXhnv3TwEWrA==','user','User_8f9deb5c-d4d6-4479-9cc8-2b1507e88fa4','{"accountEnabled":true,"department":"Sales","displayName":"Clerk3","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk3,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk3","surname":"clerk3","userPrincipalName":"clerk3@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('DCGaG5d7QRCXfnv3TwEWrA==','user','User_8f9deb5c-f433-495d-8f86-bded173b4580','{"accountEnabled":true,"displayName":"Ann","jobTitle":"Head","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('LAmhG5d7QRCXgXv3TwEWrA==','contact','Contact_8f9deb5c-5d8e-49a1-a66e-358e5a14a1e2','{"displayName":"supplier","mail":"supplier@fabrikam.example","mailNickname":"supplier","onPremisesDistinguishedName":"cn=supplier,ou=contacts,dc=contoso,dc=com"}');
INSERT INTO "cloud_entry" VALUES('UgCdG5d7QRCXf3v3TwEWrA==','user','User_8f9deb5c-eadb-4853-93f9-0a65a53da22d','{"accountEnabled":true,"displayName":"Bob Bräunlich","jobTitle":"Deputy","onPremisesDistinguishedName":"uid=bob,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"bob","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"bob","userPrincipalName":"bob@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('brSkG5d7QRCXhXv3TwEWrA==','user','User_8f9deb5c-867b-4386-b3bd-e414f199c5bf','{"accountEnabled":true,"department":"Sales","displayName":"Clerk2","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk2,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk2","surname":"clerk2","userPrincipalName":"clerk2@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('eo2mG5d7QRCXh3v3TwEWrA==','user','User_8f9deb5c-088f-419b-8390-58bc7892ab54','{"accountEnabled":true,"department":"Sales","displayName":"Clerk4","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk4,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk4","surname":"clerk4","userPrincipalName":"clerk4@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('jAKiG5d7QRCXgnv3TwEWrA==','group','Group_8f9deb5c-3062-47e4-bad5-241220ab0a16','{"displayName":"all","mailEnabled":false,"onPremisesDistinguishedName":"cn=all,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","securityEnabled":true}');
INSERT INTO "cloud_entry" VALUES('nvSiG5d7QRCXg3v3TwEWrA==','user','User_8f9deb5c-89e9-480f-835a-1cd9237029b2','{"accountEnabled":true,"department":"Sales","displayName":"Clerk0","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk0,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk0","surname":"clerk0","userPrincipalName":"clerk0@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('dO8SHJd7QRCXiXv3TwEWrA==','user','User_a80c6be4-8b30-47a0-830f-0493f673f781','{"accountEnabled":true,"displayName":"Another-Ann","onPremisesDistinguishedName":"uid=another-ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"another-ann","surname":"another-ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('lmIUHJd7QRCXinv3TwEWrA==','user','User_a80c6be4-417f-43d6-879c-17cd5a79c4a9','{"accountEnabled":true,"displayName":"Dora","onPremisesDistinguishedName":"uid=dora,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"dora","proxyAddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"surname":"dora","userPrincipalName":"dora@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('9BSGHJd7QRCXi3v3TwEWrA==','group','Group_14af4384-a86d-4909-bdcb-1595907e0191','{"displayName":"red","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=red,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}');
INSERT INTO "cloud_entry" VALUES('NNqKHJd7QRCXjXv3TwEWrA==','user','User_14af4384-331a-48f4-9c90-00595cd82e00','{"accountEnabled":true,"displayName":"Joe","onPremisesDistinguishedName":"uid=joe,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"joe","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"joe","userPrincipalName":"bob@contoso.com"}');
CREATE TABLE cloud_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "cloud_member" VALUES('9BSGHJd7QRCXi3v3TwEWrA==','DCGaG5d7QRCXfnv3TwEWrA==');
INSERT INTO "cloud_member" VALUES('jAKiG5d7QRCXgnv3TwEWrA==','DCGaG5d7QRCXfnv3TwEWrA==');
INSERT INTO "cloud_member" VALUES('jAKiG5d7QRCXgnv3TwEWrA==','UgCdG5d7QRCXf3v3TwEWrA==');
CREATE TABLE deletion (
    anchor TEXT PRIMARY KEY,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    dn     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE dirty (
    created TEXT NOT NULL,
    anchor  TEXT NOT NULL,
    PRIMARY KEY (created, anchor)
) STRICT, WITHOUT ROWID;
CREATE TABLE dirty_group (
    entry INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE entry (
    id            INTEGER PRIMARY KEY,
    uuid          BLOB NOT NULL UNIQUE,
    anchor        TEXT NOT NULL,
    -- The anchor that the entry carries now, where it differs from the one it was exported with.
    wanted_anchor TEXT,
    type          TEXT CHECK (type IN ('user', 'group', 'contact')),
    dn            TEXT NOT NULL,
    dn_key        TEXT NOT NULL,
    created       TEXT NOT NULL,
    csn           TEXT NOT NULL,
    run           INTEGER NOT NULL,
    attributes    TEXT NOT NULL,
    hash          BLOB NOT NULL
) STRICT;
INSERT INTO "entry" VALUES(1,X'1B9028BE7B9710418CDA4B02D38CABCC','viiQG5d7QRCM2ksC04yrzA==',NULL,NULL,'dc=contoso,dc=com','dc=contoso,dc=com','20261123143709Z','20261123143709.390276Z#000000#000#000000',1,'{}',X'B5C3ABD86173C5618581D3C1DE7F01EA');
INSERT INTO "entry" VALUES(2,X'1B902AC67B9710418CDB4B02D38CABCC','xiqQG5d7QRCM20sC04yrzA==',NULL,NULL,'ou=users,dc=contoso,dc=com','ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.390374Z#000000#000#000000',1,'{}',X'D06B9D669A5133CD49DC82DDC3AAA460');
INSERT INTO "entry" VALUES(3,X'1B902B527B9710418CDC4B02D38CABCC','UiuQG5d7QRCM3EsC04yrzA==',NULL,NULL,'ou=groups,dc=contoso,dc=com','ou=groups,dc=contoso,dc=com','20261123143709Z','20261123143709.390388Z#000000#000#000000',1,'{}',X'2C3A06BAB007F54B0ACE4BA1A93D961F');
INSERT INTO "entry" VALUES(4,X'1B902BAC7B9710418CDD4B02D38CABCC','rCuQG5d7QRCM3UsC04yrzA==',NULL,NULL,'ou=contacts,dc=contoso,dc=com','ou=contacts,dc=contoso,dc=com','20261123143709Z','20261123143709.390397Z#000000#000#000000',1,'{}',X'D80737234B0013A8891CFC3A0698DEBD');
INSERT INTO "entry" VALUES(5,X'1B9A210C7B971041977E7BF74F0116AC','DCGaG5d7QRCXfnv3TwEWrA==',NULL,'user','uid=ann,ou=users,dc=contoso,dc=com','uid=ann,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143711.870814Z#000000#000#000000',4,'{"cn":["ann"],"displayname":["Ann"],"proxyaddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"samaccountname":["ann"],"sn":["ann"],"title":["Director"],"uid":["ann"],"userprincipalname":["ann@contoso.com"]}',X'E7D892A659DD435F1BC369AD674D1038');
INSERT INTO "entry" VALUES(6,X'1B9D00527B971041977F7BF74F0116AC','UgCdG5d7QRCXf3v3TwEWrA==',NULL,'user','uid=bob,ou=users,dc=contoso,dc=com','uid=bob,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143710.264123Z#000000#000#000000',2,'{"cn":["bob"],"displayname":["Bob Br\u00e4unlich"],"proxyaddresses":["SMTP:bob@contoso.com"],"samaccountname":["bob"],"sn":["bob"],"title":["Deputy"],"uid":["bob"],"userprincipalname":["bob@contoso.com"]}',X'91D7517DDF4409E1934D7D8C3B2794CE');
INSERT INTO "entry" VALUES(8,X'1BA1092C7B97104197817BF74F0116AC','LAmhG5d7QRCXgXv3TwEWrA==',NULL,'contact','cn=supplier,ou=contacts,dc=contoso,dc=com','cn=supplier,ou=contacts,dc=contoso,dc=com','20261123143709Z','20261123143709.500924Z#000000#000#000000',1,'{"cn":["supplier"],"mail":["supplier@fabrikam.example"]}',X'75FB43A0502B781072F4D87A04816F53');
INSERT INTO "entry" VALUES(9,X'1BA2028C7B97104197827BF74F0116AC','jAKiG5d7QRCXgnv3TwEWrA==',NULL,'group','cn=all,ou=groups,dc=contoso,dc=com','cn=all,ou=groups,dc=contoso,dc=com','20261123143709Z','20261123143709.507309Z#000000#000#000000',1,'{"cn":["all"]}',X'95E7E9D0CC1E5EBB4DCBD82C067CB8C5');
INSERT INTO "entry" VALUES(10,X'1BA2F49E7B97104197837BF74F0116AC','nvSiG5d7QRCXg3v3TwEWrA==',NULL,'user','uid=clerk0,ou=users,dc=contoso,dc=com','uid=clerk0,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.513505Z#000000#000#000000',1,'{"cn":["clerk0"],"department":["Sales"],"displayname":["Clerk0"],"samaccountname":["clerk0"],"sn":["clerk0"],"title":["Clerk"],"uid":["clerk0"],"userprincipalname":["clerk0@contoso.com"]}',X'BD83E2BEE468E9160F675B021E3AC60E');
INSERT INTO "entry" VALUES(11,X'1BA3D3D27B97104197847BF74F0116AC','0tOjG5d7QRCXhHv3TwEWrA==',NULL,'user','uid=clerk1,ou=users,dc=contoso,dc=com','uid=clerk1,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.519219Z#000000#000#000000',1,'{"cn":["clerk1"],"department":["Sales"],"displayname":["Clerk1"],"samaccountname":["clerk1"],"sn":["clerk1"],"title":["Clerk"],"uid":["clerk1"],"userprincipalname":["clerk1@contoso.com"]}',X'F38B68248A8AA59FB161BF08E8381994');
INSERT INTO "entry" VALUES(12,X'1BA4B46E7B97104197857BF74F0116AC','brSkG5d7QRCXhXv3TwEWrA==',NULL,'user','uid=clerk2,ou=users,dc=contoso,dc=com','uid=clerk2,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.524969Z#000000#000#000000',1,'{"cn":["clerk2"],"department":["Sales"],"displayname":["Clerk2"],"samaccountname":["clerk2"],"sn":["clerk2"],"title":["Clerk"],"uid":["clerk2"],"userprincipalname":["clerk2@contoso.com"]}',X'29D92CD2EF3E93B495EB8CCC3D90EA2F');
INSERT INTO "entry" VALUES(13,X'1BA590F07B97104197867BF74F0116AC','8JClG5d7QRCXhnv3TwEWrA==',NULL,'user','uid=clerk3,ou=users,dc=contoso,dc=com','uid=clerk3,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.530614Z#000000#000#000000',1,'{"cn":["clerk3"],"department":["Sales"],"displayname":["Clerk3"],"samaccountname":["clerk3"],"sn":["clerk3"],"title":["Clerk"],"uid":["clerk3"],"userprincipalname":["clerk3@contoso.com"]}',X'6B8D67FCB7E4A680906DE1BC89096108');
INSERT INTO "entry" VALUES(14,X'1BA68D7A7B97104197877BF74F0116AC','eo2mG5d7QRCXh3v3TwEWrA==',NULL,'user','uid=clerk4,ou=users,dc=contoso,dc=com','uid=clerk4,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.537079Z#000000#000#000000',1,'{"cn":["clerk4"],"department":["Sales"],"displayname":["Clerk4"],"samaccountname":["clerk4"],"sn":["clerk4"],"title":["Clerk"],"uid":["clerk4"],"userprincipalname":["clerk4@contoso.com"]}',X'F9BC11096BA5BCBC6676F3DC74CE3959');
INSERT INTO "entry" VALUES(15,X'1BA7AADE7B97104197887BF74F0116AC','3qqnG5d7QRCXiHv3TwEWrA==',NULL,'user','uid=clerk5,ou=users,dc=contoso,dc=com','uid=clerk5,ou=users,dc=contoso,dc=com','20261123143709Z','20261123143709.544385Z#000000#000#000000',1,'{"cn":["clerk5"],"department":["Sales"],"displayname":["Clerk5"],"samaccountname":["clerk5"],"sn":["clerk5"],"title":["Clerk"],"uid":["clerk5"],"userprincipalname":["clerk5@contoso.com"]}',X'2BD16847DB88ABFEB5AAD5D7C132A0FB');
INSERT INTO "entry" VALUES(16,X'1C12EF747B97104197897BF74F0116AC','dO8SHJd7QRCXiXv3TwEWrA==',NULL,'user','uid=another-ann,ou=users,dc=contoso,dc=com','uid=another-ann,ou=users,dc=contoso,dc=com','20261123143710Z','20261123143710.247374Z#000000#000#000000',2,'{"cn":["another-ann"],"displayname":["Another-Ann"],"samaccountname":["another-ann"],"sn":["another-ann"],"uid":["another-ann"],"userprincipalname":["ann@contoso.com"]}',X'7D8708F0A7EF4FAA46370743D3CEF1A5');
INSERT INTO "entry" VALUES(17,X'1C1462967B971041978A7BF74F0116AC','lmIUHJd7QRCXinv3TwEWrA==',NULL,'user','uid=dora,ou=users,dc=contoso,dc=com','uid=dora,ou=users,dc=contoso,dc=com','20261123143710Z','20261123143710.256877Z#000000#000#000000',2,'{"cn":["dora"],"displayname":["Dora"],"proxyaddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"samaccountname":["dora"],"sn":["dora"],"uid":["dora"],"userprincipalname":["dora@contoso.com"]}',X'93A6B33103973279C3DBC3477E191DEE');
INSERT INTO "entry" VALUES(18,X'1C8614F47B971041978B7BF74F0116AC','9BSGHJd7QRCXi3v3TwEWrA==',NULL,'group','cn=red,ou=groups,dc=contoso,dc=com','cn=red,ou=groups,dc=contoso,dc=com','20261123143711Z','20261123143711.001999Z#000000#000#000000',3,'{"cn":["red"],"mail":["team@contoso.com"],"proxyaddresses":["SMTP:team@contoso.com"]}',X'F8FBFE7FA2801C66D3CDCDB2E35443E9');
INSERT INTO "entry" VALUES(19,X'1C8910827B971041978C7BF74F0116AC','ghCJHJd7QRCXjHv3TwEWrA==',NULL,'group','cn=blue,ou=groups,dc=contoso,dc=com','cn=blue,ou=groups,dc=contoso,dc=com','20261123143711Z','20261123143711.021544Z#000000#000#000000',3,'{"cn":["blue"],"mail":["team@contoso.com"],"proxyaddresses":["SMTP:team@contoso.com"]}',X'D28135A9578E9A82629513D6E2BEF6D6');
INSERT INTO "entry" VALUES(20,X'1C8ADA347B971041978D7BF74F0116AC','NNqKHJd7QRCXjXv3TwEWrA==',NULL,'user','uid=joe,ou=users,dc=contoso,dc=com','uid=joe,ou=users,dc=contoso,dc=com','20261123143711Z','20261123143711.033264Z#000000#000#000000',3,'{"cn":["joe"],"displayname":["Joe"],"proxyaddresses":["SMTP:bob@contoso.com"],"samaccountname":["joe"],"sn":["joe"],"uid":["joe"],"userprincipalname":["bob@contoso.com"]}',X'98B6E4CC4EDE59AC8102CCA8CE7654F7');
INSERT INTO "entry" VALUES(21,X'1D08FF5E7B971041978E7BF74F0116AC','Xv8IHZd7QRCXjnv3TwEWrA==',NULL,'user','uid=erik,ou=users,dc=contoso,dc=com','uid=erik,ou=users,dc=contoso,dc=com','20261123143711Z','20261123143711.859969Z#000000#000#000000',4,'{"cn":["erik"],"displayname":["Erik"],"samaccountname":["erik"],"sn":["erik"],"uid":["erik"],"userprincipalname":["erik@contoso.com"]}',X'875F1D4B5C8FDED0F51C7A9A02F36D1F');
CREATE TABLE error (
    anchor    TEXT PRIMARY KEY,
    stage     TEXT NOT NULL CHECK (stage IN ('synchronization', 'export')),
    error     TEXT NOT NULL,
    attribute TEXT,
    value     TEXT,
    message   TEXT NOT NULL,
    first_at  TEXT NOT NULL,
    last_at   TEXT NOT NULL,
    attempts  INTEGER NOT NULL
) STRICT;
INSERT INTO "error" VALUES('ghCJHJd7QRCXjHv3TwEWrA==','export','AttributeValueMustBeUnique','ProxyAddresses','SMTP:team@contoso.com','Unable to update this object because the following attributes associated with this object have values that may already be associated with another object in your local directory services: [ProxyAddresses SMTP:team@contoso.com;]. Correct or remove the duplicate values in your local directory.','2026-11-23T14:37:11.675591Z','2026-11-23T14:37:11.675591Z',1);
CREATE TABLE outbox (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    event  TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;
CREATE TABLE pending_export (
    anchor     TEXT PRIMARY KEY,
    operation  TEXT NOT NULL CHECK (operation IN ('add', 'update', 'delete')),
    rank       INTEGER NOT NULL,
    type       TEXT NOT NULL,
    created    TEXT NOT NULL,
    properties TEXT NOT NULL,
    changed    TEXT NOT NULL,
    releases   TEXT,
    -- The export session that tried it last: an export resumed after a crash does not try again.
    tried      INTEGER
) STRICT;
INSERT INTO "pending_export" VALUES('ghCJHJd7QRCXjHv3TwEWrA==','add',1,'group','20261123143711Z','{"displayName":"blue","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=blue,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}','["displayName", "mail", "mailEnabled", "onPremisesDistinguishedName", "onPremisesDomainName", "proxyAddresses", "securityEnabled"]',NULL,3);
INSERT INTO "pending_export" VALUES('DCGaG5d7QRCXfnv3TwEWrA==','update',1,'user','20261123143709Z','{"accountEnabled":true,"displayName":"Ann","jobTitle":"Director","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}','["jobTitle"]',NULL,NULL);
INSERT INTO "pending_export" VALUES('Xv8IHZd7QRCXjnv3TwEWrA==','add',1,'user','20261123143711Z','{"accountEnabled":true,"displayName":"Erik","onPremisesDistinguishedName":"uid=erik,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"erik","surname":"erik","userPrincipalName":"erik@contoso.com"}','["accountEnabled", "displayName", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSamAccountName", "surname", "userPrincipalName"]',NULL,NULL);
CREATE TABLE pending_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    adds   INTEGER NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "pending_member" VALUES('ghCJHJd7QRCXjHv3TwEWrA==','DCGaG5d7QRCXfnv3TwEWrA==',1);
CREATE TABLE reference (
    entry  INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    PRIMARY KEY (entry, target)
) STRICT, WITHOUT ROWID;
INSERT INTO "reference" VALUES(9,'uid=ann,ou=users,dc=contoso,dc=com');
INSERT INTO "reference" VALUES(18,'uid=ann,ou=users,dc=contoso,dc=com');
INSERT INTO "reference" VALUES(19,'uid=ann,ou=users,dc=contoso,dc=com');
INSERT INTO "reference" VALUES(9,'uid=bob,ou=users,dc=contoso,dc=com');
INSERT INTO "reference" VALUES(9,'uid=carla,ou=users,dc=contoso,dc=com');
CREATE TABLE run (
    number  INTEGER PRIMARY KEY,
    policy  TEXT NOT NULL,
    started TEXT NOT NULL,
    seconds REAL,
    result  TEXT NOT NULL
) STRICT;
INSERT INTO "run" VALUES(1,'delta','2026-11-23T14:37:10.113693Z',0.014666,'success');
INSERT INTO "run" VALUES(2,'delta','2026-11-23T14:37:10.884306Z',0.017872,'completed-export-errors');
INSERT INTO "run" VALUES(3,'delta','2026-11-23T14:37:11.638573Z',0.052034,'completed-export-errors');
INSERT INTO "run" VALUES(4,'delta','2026-11-23T14:37:12.494049Z',0.016073,'success');
CREATE TABLE run_step (
    run     INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    step    INTEGER NOT NULL,
    counters TEXT NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
INSERT INTO "run_step" VALUES(1,0,'{"name": "directory-import", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.005919}');
INSERT INTO "run_step" VALUES(1,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.000512}');
INSERT INTO "run_step" VALUES(1,2,'{"name": "synchronization", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.002378}');
INSERT INTO "run_step" VALUES(1,3,'{"name": "export", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.005535}');
INSERT INTO "run_step" VALUES(2,0,'{"name": "directory-import", "result": "success", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.00741}');
INSERT INTO "run_step" VALUES(2,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 11, "errors": 0, "quarantined": 0, "seconds": 0.000842}');
INSERT INTO "run_step" VALUES(2,2,'{"name": "synchronization", "result": "success", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.001859}');
INSERT INTO "run_step" VALUES(2,3,'{"name": "export", "result": "completed-export-errors", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 2, "seconds": 0.007348}');
INSERT INTO "run_step" VALUES(3,0,'{"name": "directory-import", "result": "success", "adds": 3, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.007833}');
INSERT INTO "run_step" VALUES(3,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 4, "errors": 0, "quarantined": 0, "seconds": 0.001774}');
INSERT INTO "run_step" VALUES(3,2,'{"name": "synchronization", "result": "success", "adds": 3, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.002095}');
INSERT INTO "run_step" VALUES(3,3,'{"name": "export", "result": "completed-export-errors", "adds": 2, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 1, "quarantined": 2, "seconds": 0.039993}');
INSERT INTO "run_step" VALUES(4,0,'{"name": "directory-import", "result": "success", "adds": 1, "updates": 1, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.007854}');
INSERT INTO "run_step" VALUES(4,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 2, "errors": 0, "quarantined": 0, "seconds": 0.000695}');
INSERT INTO "run_step" VALUES(4,2,'{"name": "synchronization", "result": "success", "adds": 1, "updates": 1, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.007183}');
INSERT INTO "run_step" VALUES(4,3,'{"name": "export", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 9e-06}');
CREATE TABLE state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "state" VALUES('read-back-cookie','5');
INSERT INTO "state" VALUES('rules-version','f11cabb65af52bad');
INSERT INTO "state" VALUES('watermark','{"fingerprint": "54259020bdabf346e9ba11279b98da4d6bbe521d1e8560230ce90e54e4b77c6f", "cookie": "7269643d3030302c63736e3d32303236313132333134333731312e3837303831345a233030303030302330303023303030303030", "checksum": "554faa4091aaaa10"}');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX entry_anchor ON entry (anchor, dn_key);
CREATE INDEX entry_dn ON entry (dn_key, anchor, type);
CREATE INDEX entry_group ON entry (id) WHERE type = 'group';
CREATE INDEX entry_container ON entry (id) WHERE type IS NULL;
CREATE INDEX reference_target ON reference (target);
CREATE INDEX cloud_member_member ON cloud_member (member);
CREATE INDEX pending_export_order ON pending_export (rank, created, anchor);
CREATE INDEX pending_export_releases ON pending_export (anchor) WHERE releases IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',5);
COMMIT;
