BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'staging','0001_initial','2026-11-23 14:37:16.488734+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'staging','0002_history','2026-11-23 14:37:16.492101+00:00');
CREATE TABLE change (
    run        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    anchor     TEXT NOT NULL,
    operation  TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "change" VALUES(1,1,'FJRhH5d7QRCStadvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,2,'FmduH5d7QRCSvadvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,3,'HoZqH5d7QRCSuqdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,4,'JptrH5d7QRCSu6dvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,5,'MBdjH5d7QRCStqdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,6,'Nt1fH5d7QRCStKdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,7,'ZOplH5d7QRCSuKdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,8,'dppsH5d7QRCSvKdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,9,'khleH5d7QRCSs6dvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,10,'puVkH5d7QRCSt6dvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,11,'ttdnH5d7QRCSuadvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(1,12,'puVkH5d7QRCSt6dvcfWnZg==','updated','{"members":[0,3]}');
INSERT INTO "change" VALUES(2,1,'FJRhH5d7QRCStadvcfWnZg==','deleted','{"accountEnabled":[true,null],"displayName":["Carla",null],"onPremisesDistinguishedName":["uid=carla,ou=users,dc=contoso,dc=com",null],"onPremisesDomainName":["contoso.com",null],"onPremisesSamAccountName":["carla",null],"proxyAddresses":[["SMTP:carla@contoso.com"],null],"surname":["carla",null],"userPrincipalName":["carla@contoso.com",null]}');
INSERT INTO "change" VALUES(2,2,'Nt1fH5d7QRCStKdvcfWnZg==','updated','{"displayName":["Bob","Bob Bräunlich"],"jobTitle":[null,"Deputy"]}');
INSERT INTO "change" VALUES(2,3,'Fhb2H5d7QRCSvqdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(2,4,'Fhb2H5d7QRCSvqdvcfWnZg==','quarantined','{"UserPrincipalName":["Ann","ann@contoso.com"]}');
INSERT INTO "change" VALUES(2,5,'flb4H5d7QRCSv6dvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(2,6,'flb4H5d7QRCSv6dvcfWnZg==','quarantined','{"ProxyAddresses":["Ann","smtp:desk@contoso.com"]}');
INSERT INTO "change" VALUES(3,1,'0D9xIJd7QRCSwKdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(3,2,'UEBzIJd7QRCSwqdvcfWnZg==','added','{}');
INSERT INTO "change" VALUES(3,3,'UEBzIJd7QRCSwqdvcfWnZg==','quarantined','{"UserPrincipalName":["Bob Bräunlich","bob@contoso.com"]}');
INSERT INTO "change" VALUES(3,4,'UEBzIJd7QRCSwqdvcfWnZg==','quarantined','{"ProxyAddresses":["Bob Bräunlich","SMTP:bob@contoso.com"]}');
INSERT INTO "change" VALUES(3,5,'0D9xIJd7QRCSwKdvcfWnZg==','updated','{"members":[0,1]}');
CREATE TABLE cloud_entry (
    anchor       TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    cloud_anchor TEXT NOT NULL,
    properties   TEXT NOT NULL
) STRICT;
INSERT INTO "cloud_entry" VALUES('FmduH5d7QRCSvadvcfWnZg==','user','User_8f9deb5c-dc8b-4789-9830-32720643ebb0','{"accountEnabled":true,"department":"Sales","displayName":"Clerk5","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk5,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk5","surname":"clerk5","userPrincipalName":"clerk5@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('HoZqH5d7QRCSuqdvcfWnZg==','user','User_8f9deb5c-b7b5-41d6-b206-9a1904a54397','{"accountEnabled":true,"department":"Sales","displayName":"Clerk2","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk2,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk2","surname":"clerk2","userPrincipalName":"clerk2@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('JptrH5d7QRCSu6dvcfWnZg==','user','User_8f9deb5c-e52d-4ec0-acee-580055a1764b','{"accountEnabled":true,"department":"Sales","displayName":"Clerk3","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk3,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk3","surname":"clerk3","userPrincipalName":"clerk3@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('MBdjH5d7QRCStqdvcfWnZg==','contact','Contact_8f9deb5c-6547-41ec-bd16-283b992f2289','{"displayName":"supplier","mail":"supplier@fabrikam.example","mailNickname":"supplier","onPremisesDistinguishedName":"cn=supplier,ou=contacts,dc=contoso,dc=com"}');
INSERT INTO "cloud_entry" VALUES('Nt1fH5d7QRCStKdvcfWnZg==','user','User_8f9deb5c-b45a-4ee9-984e-4696a6d8481e','{"accountEnabled":true,"displayName":"Bob Bräunlich","jobTitle":"Deputy","onPremisesDistinguishedName":"uid=bob,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"bob","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"bob","userPrincipalName":"bob@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('ZOplH5d7QRCSuKdvcfWnZg==','user','User_8f9deb5c-19fe-4d5d-ae50-f1cca871ffc4','{"accountEnabled":true,"department":"Sales","displayName":"Clerk0","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk0,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk0","surname":"clerk0","userPrincipalName":"clerk0@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('dppsH5d7QRCSvKdvcfWnZg==','user','User_8f9deb5c-eeb6-42f5-a328-f5598ea42da8','{"accountEnabled":true,"department":"Sales","displayName":"Clerk4","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk4,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk4","surname":"clerk4","userPrincipalName":"clerk4@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('khleH5d7QRCSs6dvcfWnZg==','user','User_8f9deb5c-a9c3-4378-95d5-ee8f66b26766','{"accountEnabled":true,"displayName":"Ann","jobTitle":"Head","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('puVkH5d7QRCSt6dvcfWnZg==','group','Group_8f9deb5c-6041-41a7-b8a2-7f55b52a6728','{"displayName":"all","mailEnabled":false,"onPremisesDistinguishedName":"cn=all,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","securityEnabled":true}');
INSERT INTO "cloud_entry" VALUES('ttdnH5d7QRCSuadvcfWnZg==','user','User_8f9deb5c-64aa-4bc4-8a6f-0a9782964633','{"accountEnabled":true,"department":"Sales","displayName":"Clerk1","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk1,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk1","surname":"clerk1","userPrincipalName":"clerk1@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('Fhb2H5d7QRCSvqdvcfWnZg==','user','User_a80c6be4-971d-4f4d-8fc5-d726cb763153','{"accountEnabled":true,"displayName":"Another-Ann","onPremisesDistinguishedName":"uid=another-ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"another-ann","surname":"another-ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('flb4H5d7QRCSv6dvcfWnZg==','user','User_a80c6be4-9a24-4e06-852e-0349123089e1','{"accountEnabled":true,"displayName":"Dora","onPremisesDistinguishedName":"uid=dora,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"dora","proxyAddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"surname":"dora","userPrincipalName":"dora@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('0D9xIJd7QRCSwKdvcfWnZg==','group','Group_14af4384-b0ba-4080-bc8f-ef35509ee51d','{"displayName":"red","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=red,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}');
INSERT INTO "cloud_entry" VALUES('UEBzIJd7QRCSwqdvcfWnZg==','user','User_14af4384-f26a-447c-a2c4-6623d0da0ed2','{"accountEnabled":true,"displayName":"Joe","onPremisesDistinguishedName":"uid=joe,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"joe","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"joe","userPrincipalName":"bob@contoso.com"}');
CREATE TABLE cloud_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "cloud_member" VALUES('puVkH5d7QRCSt6dvcfWnZg==','Nt1fH5d7QRCStKdvcfWnZg==');
INSERT INTO "cloud_member" VALUES('0D9xIJd7QRCSwKdvcfWnZg==','khleH5d7QRCSs6dvcfWnZg==');
INSERT INTO "cloud_member" VALUES('puVkH5d7QRCSt6dvcfWnZg==','khleH5d7QRCSs6dvcfWnZg==');
CREATE TABLE deletion (
    anchor TEXT PRIMARY KEY,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    dn     TEXT NOT NULL
, members INTEGER) STRICT, WITHOUT ROWID;
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
INSERT INTO "entry" VALUES(1,X'1F54205E7B971041824251C05C13D465','XiBUH5d7QRCCQlHAXBPUZQ==',NULL,NULL,'dc=contoso,dc=com','dc=contoso,dc=com','20261123143715Z','20261123143715.707724Z#000000#000#000000',1,'{}',X'6E07DE75FB73596863E22A1CCD25A0FF');
INSERT INTO "entry" VALUES(2,X'1F5422AC7B971041824351C05C13D465','rCJUH5d7QRCCQ1HAXBPUZQ==',NULL,NULL,'ou=users,dc=contoso,dc=com','ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.707837Z#000000#000#000000',1,'{}',X'BFE1C6D136C32AE307787D80AFEACC5E');
INSERT INTO "entry" VALUES(3,X'1F5423387B971041824451C05C13D465','OCNUH5d7QRCCRFHAXBPUZQ==',NULL,NULL,'ou=groups,dc=contoso,dc=com','ou=groups,dc=contoso,dc=com','20261123143715Z','20261123143715.707851Z#000000#000#000000',1,'{}',X'C323524639F6EDA03227CB502A354A93');
INSERT INTO "entry" VALUES(4,X'1F5423927B971041824551C05C13D465','kiNUH5d7QRCCRVHAXBPUZQ==',NULL,NULL,'ou=contacts,dc=contoso,dc=com','ou=contacts,dc=contoso,dc=com','20261123143715Z','20261123143715.707860Z#000000#000#000000',1,'{}',X'241B9E159A57429D33826E078BB31FA7');
INSERT INTO "entry" VALUES(5,X'1F5E19927B97104192B3A76F71F5A766','khleH5d7QRCSs6dvcfWnZg==',NULL,'user','uid=ann,ou=users,dc=contoso,dc=com','uid=ann,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143718.295687Z#000000#000#000000',4,'{"cn":["ann"],"displayname":["Ann"],"proxyaddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"samaccountname":["ann"],"sn":["ann"],"title":["Director"],"uid":["ann"],"userprincipalname":["ann@contoso.com"]}',X'F2DA046A405CC1D9F3CF68CDF1C54E58');
INSERT INTO "entry" VALUES(6,X'1F5FDD367B97104192B4A76F71F5A766','Nt1fH5d7QRCStKdvcfWnZg==',NULL,'user','uid=bob,ou=users,dc=contoso,dc=com','uid=bob,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143716.797141Z#000000#000#000000',2,'{"cn":["bob"],"displayname":["Bob Br\u00e4unlich"],"proxyaddresses":["SMTP:bob@contoso.com"],"samaccountname":["bob"],"sn":["bob"],"title":["Deputy"],"uid":["bob"],"userprincipalname":["bob@contoso.com"]}',X'38BC8DFAB7154C1EDE2BB72FB62F5FAC');
INSERT INTO "entry" VALUES(8,X'1F6317307B97104192B6A76F71F5A766','MBdjH5d7QRCStqdvcfWnZg==',NULL,'contact','cn=supplier,ou=contacts,dc=contoso,dc=com','cn=supplier,ou=contacts,dc=contoso,dc=com','20261123143715Z','20261123143715.805845Z#000000#000#000000',1,'{"cn":["supplier"],"mail":["supplier@fabrikam.example"]}',X'586D56215B4E84048CE628E0C651F19D');
INSERT INTO "entry" VALUES(9,X'1F64E5A67B97104192B7A76F71F5A766','puVkH5d7QRCSt6dvcfWnZg==',NULL,'group','cn=all,ou=groups,dc=contoso,dc=com','cn=all,ou=groups,dc=contoso,dc=com','20261123143715Z','20261123143715.817685Z#000000#000#000000',1,'{"cn":["all"]}',X'72088C7BC49657773829E2D10972F0A4');
INSERT INTO "entry" VALUES(10,X'1F65EA647B97104192B8A76F71F5A766','ZOplH5d7QRCSuKdvcfWnZg==',NULL,'user','uid=clerk0,ou=users,dc=contoso,dc=com','uid=clerk0,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.824360Z#000000#000#000000',1,'{"cn":["clerk0"],"department":["Sales"],"displayname":["Clerk0"],"samaccountname":["clerk0"],"sn":["clerk0"],"title":["Clerk"],"uid":["clerk0"],"userprincipalname":["clerk0@contoso.com"]}',X'CD3B54FFF11BED461C274213026713FE');
INSERT INTO "entry" VALUES(11,X'1F67D7B67B97104192B9A76F71F5A766','ttdnH5d7QRCSuadvcfWnZg==',NULL,'user','uid=clerk1,ou=users,dc=contoso,dc=com','uid=clerk1,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.836989Z#000000#000#000000',1,'{"cn":["clerk1"],"department":["Sales"],"displayname":["Clerk1"],"samaccountname":["clerk1"],"sn":["clerk1"],"title":["Clerk"],"uid":["clerk1"],"userprincipalname":["clerk1@contoso.com"]}',X'86E98A86D20312889F0B581C54D348AC');
INSERT INTO "entry" VALUES(12,X'1F6A861E7B97104192BAA76F71F5A766','HoZqH5d7QRCSuqdvcfWnZg==',NULL,'user','uid=clerk2,ou=users,dc=contoso,dc=com','uid=clerk2,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.854560Z#000000#000#000000',1,'{"cn":["clerk2"],"department":["Sales"],"displayname":["Clerk2"],"samaccountname":["clerk2"],"sn":["clerk2"],"title":["Clerk"],"uid":["clerk2"],"userprincipalname":["clerk2@contoso.com"]}',X'D84E3B7A68B2780CE3CDD9587921A9EE');
INSERT INTO "entry" VALUES(13,X'1F6B9B267B97104192BBA76F71F5A766','JptrH5d7QRCSu6dvcfWnZg==',NULL,'user','uid=clerk3,ou=users,dc=contoso,dc=com','uid=clerk3,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.861653Z#000000#000#000000',1,'{"cn":["clerk3"],"department":["Sales"],"displayname":["Clerk3"],"samaccountname":["clerk3"],"sn":["clerk3"],"title":["Clerk"],"uid":["clerk3"],"userprincipalname":["clerk3@contoso.com"]}',X'54F64C5C729B93E0882FC073D5864ADB');
INSERT INTO "entry" VALUES(14,X'1F6C9A767B97104192BCA76F71F5A766','dppsH5d7QRCSvKdvcfWnZg==',NULL,'user','uid=clerk4,ou=users,dc=contoso,dc=com','uid=clerk4,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.868189Z#000000#000#000000',1,'{"cn":["clerk4"],"department":["Sales"],"displayname":["Clerk4"],"samaccountname":["clerk4"],"sn":["clerk4"],"title":["Clerk"],"uid":["clerk4"],"userprincipalname":["clerk4@contoso.com"]}',X'451D3A859AAB0C8128EB78B299203251');
INSERT INTO "entry" VALUES(15,X'1F6E67167B97104192BDA76F71F5A766','FmduH5d7QRCSvadvcfWnZg==',NULL,'user','uid=clerk5,ou=users,dc=contoso,dc=com','uid=clerk5,ou=users,dc=contoso,dc=com','20261123143715Z','20261123143715.879982Z#000000#000#000000',1,'{"cn":["clerk5"],"department":["Sales"],"displayname":["Clerk5"],"samaccountname":["clerk5"],"sn":["clerk5"],"title":["Clerk"],"uid":["clerk5"],"userprincipalname":["clerk5@contoso.com"]}',X'65A5EC5ABB5CD2FB7BDD19ADFDA2C9CE');
INSERT INTO "entry" VALUES(16,X'1FF616167B97104192BEA76F71F5A766','Fhb2H5d7QRCSvqdvcfWnZg==',NULL,'user','uid=another-ann,ou=users,dc=contoso,dc=com','uid=another-ann,ou=users,dc=contoso,dc=com','20261123143716Z','20261123143716.769196Z#000000#000#000000',2,'{"cn":["another-ann"],"displayname":["Another-Ann"],"samaccountname":["another-ann"],"sn":["another-ann"],"uid":["another-ann"],"userprincipalname":["ann@contoso.com"]}',X'04F9E38D46621862F713A96FD0BA2F2C');
INSERT INTO "entry" VALUES(17,X'1FF8567E7B97104192BFA76F71F5A766','flb4H5d7QRCSv6dvcfWnZg==',NULL,'user','uid=dora,ou=users,dc=contoso,dc=com','uid=dora,ou=users,dc=contoso,dc=com','20261123143716Z','20261123143716.783952Z#000000#000#000000',2,'{"cn":["dora"],"displayname":["Dora"],"proxyaddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"samaccountname":["dora"],"sn":["dora"],"uid":["dora"],"userprincipalname":["dora@contoso.com"]}',X'A0034AB2AE315A1C5969F7B3D9AA9BB4');
INSERT INTO "entry" VALUES(18,X'20713FD07B97104192C0A76F71F5A766','0D9xIJd7QRCSwKdvcfWnZg==',NULL,'group','cn=red,ou=groups,dc=contoso,dc=com','cn=red,ou=groups,dc=contoso,dc=com','20261123143717Z','20261123143717.576358Z#000000#000#000000',3,'{"cn":["red"],"mail":["team@contoso.com"],"proxyaddresses":["SMTP:team@contoso.com"]}',X'CECBCFD7F56876053B5D2465E96440A9');
INSERT INTO "entry" VALUES(19,X'2072529E7B97104192C1A76F71F5A766','nlJyIJd7QRCSwadvcfWnZg==',NULL,'group','cn=blue,ou=groups,dc=contoso,dc=com','cn=blue,ou=groups,dc=contoso,dc=com','20261123143717Z','20261123143717.583393Z#000000#000#000000',3,'{"cn":["blue"],"mail":["team@contoso.com"],"proxyaddresses":["SMTP:team@contoso.com"]}',X'14DACFABDBB27A147FDD0C4A204FE4F3');
INSERT INTO "entry" VALUES(20,X'207340507B97104192C2A76F71F5A766','UEBzIJd7QRCSwqdvcfWnZg==',NULL,'user','uid=joe,ou=users,dc=contoso,dc=com','uid=joe,ou=users,dc=contoso,dc=com','20261123143717Z','20261123143717.589478Z#000000#000#000000',3,'{"cn":["joe"],"displayname":["Joe"],"proxyaddresses":["SMTP:bob@contoso.com"],"samaccountname":["joe"],"sn":["joe"],"uid":["joe"],"userprincipalname":["bob@contoso.com"]}',X'9213D24B9A5A3BCD5B4767F64029310F');
INSERT INTO "entry" VALUES(21,X'20DDE2027B97104192C3A76F71F5A766','AuLdIJd7QRCSw6dvcfWnZg==',NULL,'user','uid=erik,ou=users,dc=contoso,dc=com','uid=erik,ou=users,dc=contoso,dc=com','20261123143718Z','20261123143718.288298Z#000000#000#000000',4,'{"cn":["erik"],"displayname":["Erik"],"samaccountname":["erik"],"sn":["erik"],"uid":["erik"],"userprincipalname":["erik@contoso.com"]}',X'606DF77E0CC7D2E1A0FCB0BFB6789F96');
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
INSERT INTO "error" VALUES('nlJyIJd7QRCSwadvcfWnZg==','export','AttributeValueMustBeUnique','ProxyAddresses','SMTP:team@contoso.com','Unable to update this object because the following attributes associated with this object have values that may already be associated with another object in your local directory services: [ProxyAddresses SMTP:team@contoso.com;]. Correct or remove the duplicate values in your local directory.','2026-11-23T14:37:18.187711Z','2026-11-23T14:37:18.187711Z',1);
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
INSERT INTO "pending_export" VALUES('nlJyIJd7QRCSwadvcfWnZg==','add',1,'group','20261123143717Z','{"displayName":"blue","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=blue,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}','["displayName", "mail", "mailEnabled", "onPremisesDistinguishedName", "onPremisesDomainName", "proxyAddresses", "securityEnabled"]',NULL,3);
INSERT INTO "pending_export" VALUES('khleH5d7QRCSs6dvcfWnZg==','update',1,'user','20261123143715Z','{"accountEnabled":true,"displayName":"Ann","jobTitle":"Director","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}','["jobTitle"]',NULL,NULL);
INSERT INTO "pending_export" VALUES('AuLdIJd7QRCSw6dvcfWnZg==','add',1,'user','20261123143718Z','{"accountEnabled":true,"displayName":"Erik","onPremisesDistinguishedName":"uid=erik,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"erik","surname":"erik","userPrincipalName":"erik@contoso.com"}','["accountEnabled", "displayName", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSamAccountName", "surname", "userPrincipalName"]',NULL,NULL);
CREATE TABLE pending_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    adds   INTEGER NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "pending_member" VALUES('nlJyIJd7QRCSwadvcfWnZg==','khleH5d7QRCSs6dvcfWnZg==',1);
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
INSERT INTO "run" VALUES(1,'delta','2026-11-23T14:37:16.590450Z',0.048138,'success');
INSERT INTO "run" VALUES(2,'delta','2026-11-23T14:37:17.417706Z',0.050821,'completed-export-errors');
INSERT INTO "run" VALUES(3,'delta','2026-11-23T14:37:18.169665Z',0.02128,'completed-export-errors');
INSERT INTO "run" VALUES(4,'delta','2026-11-23T14:37:18.984905Z',0.013812,'success');
CREATE TABLE run_step (
    run     INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    step    INTEGER NOT NULL,
    counters TEXT NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
INSERT INTO "run_step" VALUES(1,0,'{"name": "directory-import", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.011941}');
INSERT INTO "run_step" VALUES(1,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.00186}');
INSERT INTO "run_step" VALUES(1,2,'{"name": "synchronization", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.004527}');
INSERT INTO "run_step" VALUES(1,3,'{"name": "export", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.029441}');
INSERT INTO "run_step" VALUES(2,0,'{"name": "directory-import", "result": "success", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.012882}');
INSERT INTO "run_step" VALUES(2,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 11, "errors": 0, "quarantined": 0, "seconds": 0.003789}');
INSERT INTO "run_step" VALUES(2,2,'{"name": "synchronization", "result": "success", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.004083}');
INSERT INTO "run_step" VALUES(2,3,'{"name": "export", "result": "completed-export-errors", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 2, "seconds": 0.02976}');
INSERT INTO "run_step" VALUES(3,0,'{"name": "directory-import", "result": "success", "adds": 3, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.005379}');
INSERT INTO "run_step" VALUES(3,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 4, "errors": 0, "quarantined": 0, "seconds": 0.000614}');
INSERT INTO "run_step" VALUES(3,2,'{"name": "synchronization", "result": "success", "adds": 3, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.001596}');
INSERT INTO "run_step" VALUES(3,3,'{"name": "export", "result": "completed-export-errors", "adds": 2, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 1, "quarantined": 2, "seconds": 0.013366}');
INSERT INTO "run_step" VALUES(4,0,'{"name": "directory-import", "result": "success", "adds": 1, "updates": 1, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.011107}');
INSERT INTO "run_step" VALUES(4,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 2, "errors": 0, "quarantined": 0, "seconds": 0.000625}');
INSERT INTO "run_step" VALUES(4,2,'{"name": "synchronization", "result": "success", "adds": 1, "updates": 1, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.001811}');
INSERT INTO "run_step" VALUES(4,3,'{"name": "export", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 7e-06}');
CREATE TABLE state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "state" VALUES('last-import','2026-11-23T14:37:18.984905Z');
INSERT INTO "state" VALUES('last-success','2026-11-23T14:37:18.984905Z');
INSERT INTO "state" VALUES('read-back-cookie','5');
INSERT INTO "state" VALUES('rules-version','aa83f43a825bcea3');
INSERT INTO "state" VALUES('watermark','{"fingerprint": "40cb90cfc74342f281791dd93adfb863ffa13f7948c65c25256ac2f539dec52e", "cookie": "7269643d3030302c63736e3d32303236313132333134333731382e3239353638375a233030303030302330303023303030303030", "checksum": "b38cd457d6aba698"}');
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
