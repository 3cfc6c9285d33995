BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'staging','0001_initial','2026-11-23 14:37:22.421537+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'staging','0002_history','2026-11-23 14:37:22.422696+00:00');
CREATE TABLE change (
    run        INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    anchor     TEXT NOT NULL,
    operation  TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
INSERT INTO "change" VALUES(1,1,'4LAQI5d7QRCMSOGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,2,'8nwPI5d7QRCMR+GEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,3,'KDANI5d7QRCMReGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,4,'MOIRI5d7QRCMSeGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,5,'MP4TI5d7QRCMS+GEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,6,'Zh4TI5d7QRCMSuGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,7,'yEMOI5d7QRCMRuGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,8,'9OgUI5d7QRCMTOGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,9,'KvoYI5d7QRCMT+GEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,10,'MgcYI5d7QRCMTuGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,11,'yqwWI5d7QRCMTeGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(1,12,'MOIRI5d7QRCMSeGEn8Zufw==','updated','{"members":[0,3]}');
INSERT INTO "change" VALUES(2,1,'8nwPI5d7QRCMR+GEn8Zufw==','deleted','{"accountEnabled":[true,null],"displayName":["Carla",null],"onPremisesDistinguishedName":["uid=carla,ou=users,dc=contoso,dc=com",null],"onPremisesDomainName":["contoso.com",null],"onPremisesSamAccountName":["carla",null],"proxyAddresses":[["SMTP:carla@contoso.com"],null],"surname":["carla",null],"userPrincipalName":["carla@contoso.com",null]}');
INSERT INTO "change" VALUES(2,2,'yEMOI5d7QRCMRuGEn8Zufw==','updated','{"displayName":["Bob","Bob Bräunlich"],"jobTitle":[null,"Deputy"]}');
INSERT INTO "change" VALUES(2,3,'lNhrI5d7QRCMUOGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(2,4,'lNhrI5d7QRCMUOGEn8Zufw==','quarantined','{"UserPrincipalName":["Ann","ann@contoso.com"]}');
INSERT INTO "change" VALUES(2,5,'lu5sI5d7QRCMUeGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(2,6,'lu5sI5d7QRCMUeGEn8Zufw==','quarantined','{"ProxyAddresses":["Ann","smtp:desk@contoso.com"]}');
INSERT INTO "change" VALUES(3,1,'+nzAI5d7QRCMU+GEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(3,2,'xnjBI5d7QRCMVOGEn8Zufw==','added','{}');
INSERT INTO "change" VALUES(3,3,'xnjBI5d7QRCMVOGEn8Zufw==','quarantined','{"UserPrincipalName":["Bob Bräunlich","bob@contoso.com"]}');
INSERT INTO "change" VALUES(3,4,'xnjBI5d7QRCMVOGEn8Zufw==','quarantined','{"ProxyAddresses":["Bob Bräunlich","SMTP:bob@contoso.com"]}');
INSERT INTO "change" VALUES(3,5,'+nzAI5d7QRCMU+GEn8Zufw==','updated','{"members":[0,1]}');
CREATE TABLE cloud_entry (
    anchor       TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    cloud_anchor TEXT NOT NULL,
    properties   TEXT NOT NULL
) STRICT;
INSERT INTO "cloud_entry" VALUES('4LAQI5d7QRCMSOGEn8Zufw==','contact','Contact_8f9deb5c-982e-4888-9faf-2cb9fae3037f','{"displayName":"supplier","mail":"supplier@fabrikam.example","mailNickname":"supplier","onPremisesDistinguishedName":"cn=supplier,ou=contacts,dc=contoso,dc=com"}');
INSERT INTO "cloud_entry" VALUES('KDANI5d7QRCMReGEn8Zufw==','user','User_8f9deb5c-dc55-4c26-b4b5-ad19088e0371','{"accountEnabled":true,"displayName":"Ann","jobTitle":"Head","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('MOIRI5d7QRCMSeGEn8Zufw==','group','Group_8f9deb5c-ef9c-4b5f-aac9-0be7f3b8f40c','{"displayName":"all","mailEnabled":false,"onPremisesDistinguishedName":"cn=all,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","securityEnabled":true}');
INSERT INTO "cloud_entry" VALUES('MP4TI5d7QRCMS+GEn8Zufw==','user','User_8f9deb5c-27f1-4020-9832-2ceffb23f5b0','{"accountEnabled":true,"department":"Sales","displayName":"Clerk1","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk1,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk1","surname":"clerk1","userPrincipalName":"clerk1@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('Zh4TI5d7QRCMSuGEn8Zufw==','user','User_8f9deb5c-986b-44bc-8d2f-5db21574421e','{"accountEnabled":true,"department":"Sales","displayName":"Clerk0","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk0,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk0","surname":"clerk0","userPrincipalName":"clerk0@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('yEMOI5d7QRCMRuGEn8Zufw==','user','User_8f9deb5c-fd3f-41ff-817d-cef4946d40a4','{"accountEnabled":true,"displayName":"Bob Bräunlich","jobTitle":"Deputy","onPremisesDistinguishedName":"uid=bob,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"bob","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"bob","userPrincipalName":"bob@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('9OgUI5d7QRCMTOGEn8Zufw==','user','User_8f9deb5c-d6b1-47a9-bad5-45378befe3a0','{"accountEnabled":true,"department":"Sales","displayName":"Clerk2","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk2,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk2","surname":"clerk2","userPrincipalName":"clerk2@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('KvoYI5d7QRCMT+GEn8Zufw==','user','User_8f9deb5c-d6fb-443b-8035-dad5433da331','{"accountEnabled":true,"department":"Sales","displayName":"Clerk5","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk5,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk5","surname":"clerk5","userPrincipalName":"clerk5@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('MgcYI5d7QRCMTuGEn8Zufw==','user','User_8f9deb5c-742d-4a16-b3b3-0b80bb3ab03d','{"accountEnabled":true,"department":"Sales","displayName":"Clerk4","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk4,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk4","surname":"clerk4","userPrincipalName":"clerk4@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('yqwWI5d7QRCMTeGEn8Zufw==','user','User_8f9deb5c-2afe-4f8e-bc59-77db041412c5','{"accountEnabled":true,"department":"Sales","displayName":"Clerk3","jobTitle":"Clerk","onPremisesDistinguishedName":"uid=clerk3,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"clerk3","surname":"clerk3","userPrincipalName":"clerk3@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('lNhrI5d7QRCMUOGEn8Zufw==','user','User_a80c6be4-5ea1-48a9-91f6-a17019e329ca','{"accountEnabled":true,"displayName":"Another-Ann","onPremisesDistinguishedName":"uid=another-ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"another-ann","surname":"another-ann","userPrincipalName":"ann@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('lu5sI5d7QRCMUeGEn8Zufw==','user','User_a80c6be4-3fbf-4ead-861a-2b5cd7e2a278','{"accountEnabled":true,"displayName":"Dora","onPremisesDistinguishedName":"uid=dora,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"dora","proxyAddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"surname":"dora","userPrincipalName":"dora@contoso.com"}');
INSERT INTO "cloud_entry" VALUES('+nzAI5d7QRCMU+GEn8Zufw==','group','Group_14af4384-cc03-4dae-9184-4bad0740fa2d','{"displayName":"blue","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=blue,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}');
INSERT INTO "cloud_entry" VALUES('xnjBI5d7QRCMVOGEn8Zufw==','user','User_14af4384-e733-4e94-a8ac-f51b41ec97a0','{"accountEnabled":true,"displayName":"Joe","onPremisesDistinguishedName":"uid=joe,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"joe","proxyAddresses":["SMTP:bob@contoso.com"],"surname":"joe","userPrincipalName":"bob@contoso.com"}');
CREATE TABLE cloud_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "cloud_member" VALUES('+nzAI5d7QRCMU+GEn8Zufw==','KDANI5d7QRCMReGEn8Zufw==');
INSERT INTO "cloud_member" VALUES('MOIRI5d7QRCMSeGEn8Zufw==','KDANI5d7QRCMReGEn8Zufw==');
INSERT INTO "cloud_member" VALUES('MOIRI5d7QRCMSeGEn8Zufw==','yEMOI5d7QRCMRuGEn8Zufw==');
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
INSERT INTO "entry" VALUES(1,X'2307A1087B97104181C68FFF3D6A28D0','CKEHI5d7QRCBxo//PWoo0A==',NULL,NULL,'dc=contoso,dc=com','dc=contoso,dc=com','20261123143721Z','20261123143721.917283Z#000000#000#000000',1,'{}',X'1B2972DAC15421A78F18E99411E7C7FA');
INSERT INTO "entry" VALUES(2,X'2307A32E7B97104181C78FFF3D6A28D0','LqMHI5d7QRCBx4//PWoo0A==',NULL,NULL,'ou=users,dc=contoso,dc=com','ou=users,dc=contoso,dc=com','20261123143721Z','20261123143721.917386Z#000000#000#000000',1,'{}',X'C1CE0D0B6307BB0375016AD38B4FDCB1');
INSERT INTO "entry" VALUES(3,X'2307A3BA7B97104181C88FFF3D6A28D0','uqMHI5d7QRCByI//PWoo0A==',NULL,NULL,'ou=groups,dc=contoso,dc=com','ou=groups,dc=contoso,dc=com','20261123143721Z','20261123143721.917401Z#000000#000#000000',1,'{}',X'F71F0D57CBFBC487C0770DE6AD1A0334');
INSERT INTO "entry" VALUES(4,X'2307A4147B97104181C98FFF3D6A28D0','FKQHI5d7QRCByY//PWoo0A==',NULL,NULL,'ou=contacts,dc=contoso,dc=com','ou=contacts,dc=contoso,dc=com','20261123143721Z','20261123143721.917410Z#000000#000#000000',1,'{}',X'6843E7D595413D40E23D85CCB1A0C8FF');
INSERT INTO "entry" VALUES(5,X'230D30287B9710418C45E1849FC66E7F','KDANI5d7QRCMReGEn8Zufw==',NULL,'user','uid=ann,ou=users,dc=contoso,dc=com','uid=ann,ou=users,dc=contoso,dc=com','20261123143721Z','20261123143723.656807Z#000000#000#000000',4,'{"cn":["ann"],"displayname":["Ann"],"proxyaddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"samaccountname":["ann"],"sn":["ann"],"title":["Director"],"uid":["ann"],"userprincipalname":["ann@contoso.com"]}',X'87116A0F50F949F608E25CA66C674C3D');
INSERT INTO "entry" VALUES(6,X'230E43C87B9710418C46E1849FC66E7F','yEMOI5d7QRCMRuGEn8Zufw==',NULL,'user','uid=bob,ou=users,dc=contoso,dc=com','uid=bob,ou=users,dc=contoso,dc=com','20261123143721Z','20261123143722.589223Z#000000#000#000000',2,'{"cn":["bob"],"displayname":["Bob Br\u00e4unlich"],"proxyaddresses":["SMTP:bob@contoso.com"],"samaccountname":["bob"],"sn":["bob"],"title":["Deputy"],"uid":["bob"],"userprincipalname":["bob@contoso.com"]}',X'6BC5E05D5210FE6068DC1215F65177C4');
INSERT INTO "entry" VALUES(8,X'2310B0E07B9710418C48E1849FC66E7F','4LAQI5d7QRCMSOGEn8Zufw==',NULL,'contact','cn=supplier,ou=contacts,dc=contoso,dc=com','cn=supplier,ou=contacts,dc=contoso,dc=com','20261123143721Z','20261123143721.976718Z#000000#000#000000',1,'{"cn":["supplier"],"mail":["supplier@fabrikam.example"]}',X'653278FF498F66C1B5A3889DA025A8E4');
INSERT INTO "entry" VALUES(9,X'2311E2307B9710418C49E1849FC66E7F','MOIRI5d7QRCMSeGEn8Zufw==',NULL,'group','cn=all,ou=groups,dc=contoso,dc=com','cn=all,ou=groups,dc=contoso,dc=com','20261123143721Z','20261123143721.984534Z#000000#000#000000',1,'{"cn":["all"]}',X'C03FFEBB496CFC29DA243FE28BC37469');
INSERT INTO "entry" VALUES(10,X'23131E667B9710418C4AE1849FC66E7F','Zh4TI5d7QRCMSuGEn8Zufw==',NULL,'user','uid=clerk0,ou=users,dc=contoso,dc=com','uid=clerk0,ou=users,dc=contoso,dc=com','20261123143721Z','20261123143721.992629Z#000000#000#000000',1,'{"cn":["clerk0"],"department":["Sales"],"displayname":["Clerk0"],"samaccountname":["clerk0"],"sn":["clerk0"],"title":["Clerk"],"uid":["clerk0"],"userprincipalname":["clerk0@contoso.com"]}',X'C1BF7D3730504D47D3894C8A76434FA5');
INSERT INTO "entry" VALUES(11,X'2313FE307B9710418C4BE1849FC66E7F','MP4TI5d7QRCMS+GEn8Zufw==',NULL,'user','uid=clerk1,ou=users,dc=contoso,dc=com','uid=clerk1,ou=users,dc=contoso,dc=com','20261123143721Z','20261123143721.998358Z#000000#000#000000',1,'{"cn":["clerk1"],"department":["Sales"],"displayname":["Clerk1"],"samaccountname":["clerk1"],"sn":["clerk1"],"title":["Clerk"],"uid":["clerk1"],"userprincipalname":["clerk1@contoso.com"]}',X'ED1D0B5D5605E5FDA9FBC303CB00F63E');
INSERT INTO "entry" VALUES(12,X'2314E8F47B9710418C4CE1849FC66E7F','9OgUI5d7QRCMTOGEn8Zufw==',NULL,'user','uid=clerk2,ou=users,dc=contoso,dc=com','uid=clerk2,ou=users,dc=contoso,dc=com','20261123143722Z','20261123143722.004368Z#000000#000#000000',1,'{"cn":["clerk2"],"department":["Sales"],"displayname":["Clerk2"],"samaccountname":["clerk2"],"sn":["clerk2"],"title":["Clerk"],"uid":["clerk2"],"userprincipalname":["clerk2@contoso.com"]}',X'DD7F7B537A0418ACCD76D1965A248C93');
INSERT INTO "entry" VALUES(13,X'2316ACCA7B9710418C4DE1849FC66E7F','yqwWI5d7QRCMTeGEn8Zufw==',NULL,'user','uid=clerk3,ou=users,dc=contoso,dc=com','uid=clerk3,ou=users,dc=contoso,dc=com','20261123143722Z','20261123143722.015934Z#000000#000#000000',1,'{"cn":["clerk3"],"department":["Sales"],"displayname":["Clerk3"],"samaccountname":["clerk3"],"sn":["clerk3"],"title":["Clerk"],"uid":["clerk3"],"userprincipalname":["clerk3@contoso.com"]}',X'AE7E9B5FECB68CDC7DBBE3376EA946B9');
INSERT INTO "entry" VALUES(14,X'231807327B9710418C4EE1849FC66E7F','MgcYI5d7QRCMTuGEn8Zufw==',NULL,'user','uid=clerk4,ou=users,dc=contoso,dc=com','uid=clerk4,ou=users,dc=contoso,dc=com','20261123143722Z','20261123143722.024802Z#000000#000#000000',1,'{"cn":["clerk4"],"department":["Sales"],"displayname":["Clerk4"],"samaccountname":["clerk4"],"sn":["clerk4"],"title":["Clerk"],"uid":["clerk4"],"userprincipalname":["clerk4@contoso.com"]}',X'D9E658B9B5F77F5063C8F2E78245CABC');
INSERT INTO "entry" VALUES(15,X'2318FA2A7B9710418C4FE1849FC66E7F','KvoYI5d7QRCMT+GEn8Zufw==',NULL,'user','uid=clerk5,ou=users,dc=contoso,dc=com','uid=clerk5,ou=users,dc=contoso,dc=com','20261123143722Z','20261123143722.031022Z#000000#000#000000',1,'{"cn":["clerk5"],"department":["Sales"],"displayname":["Clerk5"],"samaccountname":["clerk5"],"sn":["clerk5"],"title":["Clerk"],"uid":["clerk5"],"userprincipalname":["clerk5@contoso.com"]}',X'1A602ECC9B7576D7C8C7E33F8D415704');
INSERT INTO "entry" VALUES(16,X'236BD8947B9710418C50E1849FC66E7F','lNhrI5d7QRCMUOGEn8Zufw==',NULL,'user','uid=another-ann,ou=users,dc=contoso,dc=com','uid=another-ann,ou=users,dc=contoso,dc=com','20261123143722Z','20261123143722.574111Z#000000#000#000000',2,'{"cn":["another-ann"],"displayname":["Another-Ann"],"samaccountname":["another-ann"],"sn":["another-ann"],"uid":["another-ann"],"userprincipalname":["ann@contoso.com"]}',X'8908EC99F8EA1A6909BE9686DE0D3B09');
INSERT INTO "entry" VALUES(17,X'236CEE967B9710418C51E1849FC66E7F','lu5sI5d7QRCMUeGEn8Zufw==',NULL,'user','uid=dora,ou=users,dc=contoso,dc=com','uid=dora,ou=users,dc=contoso,dc=com','20261123143722Z','20261123143722.581229Z#000000#000#000000',2,'{"cn":["dora"],"displayname":["Dora"],"proxyaddresses":["SMTP:dora@contoso.com","smtp:desk@contoso.com"],"samaccountname":["dora"],"sn":["dora"],"uid":["dora"],"userprincipalname":["dora@contoso.com"]}',X'1A5D6DF4C6264F21ACAEEBA516F38991');
INSERT INTO "entry" VALUES(18,X'23BF65EA7B9710418C52E1849FC66E7F','6mW/I5d7QRCMUuGEn8Zufw==',NULL,'group','cn=red,ou=groups,dc=contoso,dc=com','cn=red,ou=groups,dc=contoso,dc=com','20261123143723Z','20261123143723.121678Z#000000#000#000000',3,'{"cn":["red"],"mail":["team@contoso.com"],"proxyaddresses":["SMTP:team@contoso.com"]}',X'06547FA4A4C579CEA4DFE667E7CD373B');
INSERT INTO "entry" VALUES(19,X'23C07CFA7B9710418C53E1849FC66E7F','+nzAI5d7QRCMU+GEn8Zufw==',NULL,'group','cn=blue,ou=groups,dc=contoso,dc=com','cn=blue,ou=groups,dc=contoso,dc=com','20261123143723Z','20261123143723.128823Z#000000#000#000000',3,'{"cn":["blue"],"mail":["team@contoso.com"],"proxyaddresses":["SMTP:team@contoso.com"]}',X'AD4FD3ACBD63D3614679CF8F7E1B5192');
INSERT INTO "entry" VALUES(20,X'23C178C67B9710418C54E1849FC66E7F','xnjBI5d7QRCMVOGEn8Zufw==',NULL,'user','uid=joe,ou=users,dc=contoso,dc=com','uid=joe,ou=users,dc=contoso,dc=com','20261123143723Z','20261123143723.135268Z#000000#000#000000',3,'{"cn":["joe"],"displayname":["Joe"],"proxyaddresses":["SMTP:bob@contoso.com"],"samaccountname":["joe"],"sn":["joe"],"uid":["joe"],"userprincipalname":["bob@contoso.com"]}',X'B846787E4C6F6E8D65B0F8E3DDC60127');
INSERT INTO "entry" VALUES(21,X'240FF9A67B9710418C55E1849FC66E7F','pvkPJJd7QRCMVeGEn8Zufw==',NULL,'user','uid=erik,ou=users,dc=contoso,dc=com','uid=erik,ou=users,dc=contoso,dc=com','20261123143723Z','20261123143723.649748Z#000000#000#000000',4,'{"cn":["erik"],"displayname":["Erik"],"samaccountname":["erik"],"sn":["erik"],"uid":["erik"],"userprincipalname":["erik@contoso.com"]}',X'EA9763939D03A6AB30FE637281AF7A13');
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
INSERT INTO "error" VALUES('6mW/I5d7QRCMUuGEn8Zufw==','export','AttributeValueMustBeUnique','ProxyAddresses','SMTP:team@contoso.com','Unable to update this object because the following attributes associated with this object have values that may already be associated with another object in your local directory services: [ProxyAddresses SMTP:team@contoso.com;]. Correct or remove the duplicate values in your local directory.','2026-11-23T14:37:23.570352Z','2026-11-23T14:37:23.570352Z',1);
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
INSERT INTO "pending_export" VALUES('6mW/I5d7QRCMUuGEn8Zufw==','add',1,'group','20261123143723Z','{"displayName":"red","mail":"team@contoso.com","mailEnabled":true,"onPremisesDistinguishedName":"cn=red,ou=groups,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","proxyAddresses":["SMTP:team@contoso.com"],"securityEnabled":true}','["displayName", "mail", "mailEnabled", "onPremisesDistinguishedName", "onPremisesDomainName", "proxyAddresses", "securityEnabled"]',NULL,3);
INSERT INTO "pending_export" VALUES('KDANI5d7QRCMReGEn8Zufw==','update',1,'user','20261123143721Z','{"accountEnabled":true,"displayName":"Ann","jobTitle":"Director","onPremisesDistinguishedName":"uid=ann,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"ann","proxyAddresses":["SMTP:ann@contoso.com","smtp:desk@contoso.com"],"surname":"ann","userPrincipalName":"ann@contoso.com"}','["jobTitle"]',NULL,NULL);
INSERT INTO "pending_export" VALUES('pvkPJJd7QRCMVeGEn8Zufw==','add',1,'user','20261123143723Z','{"accountEnabled":true,"displayName":"Erik","onPremisesDistinguishedName":"uid=erik,ou=users,dc=contoso,dc=com","onPremisesDomainName":"contoso.com","onPremisesSamAccountName":"erik","surname":"erik","userPrincipalName":"erik@contoso.com"}','["accountEnabled", "displayName", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSamAccountName", "surname", "userPrincipalName"]',NULL,NULL);
CREATE TABLE pending_member (
    grp    TEXT NOT NULL,
    member TEXT NOT NULL,
    adds   INTEGER NOT NULL,
    PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;
INSERT INTO "pending_member" VALUES('6mW/I5d7QRCMUuGEn8Zufw==','KDANI5d7QRCMReGEn8Zufw==',1);
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
INSERT INTO "run" VALUES(1,'delta','2026-11-23T14:37:22.480328Z',0.014122,'success');
INSERT INTO "run" VALUES(2,'delta','2026-11-23T14:37:23.026724Z',0.01383,'completed-export-errors');
INSERT INTO "run" VALUES(3,'delta','2026-11-23T14:37:23.557832Z',0.014263,'completed-export-errors');
INSERT INTO "run" VALUES(4,'delta','2026-11-23T14:37:24.071976Z',NULL,'in-progress');
CREATE TABLE run_step (
    run     INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    step    INTEGER NOT NULL,
    counters TEXT NOT NULL,
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
INSERT INTO "run_step" VALUES(1,0,'{"name": "directory-import", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.006204}');
INSERT INTO "run_step" VALUES(1,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.000424}');
INSERT INTO "run_step" VALUES(1,2,'{"name": "synchronization", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.002189}');
INSERT INTO "run_step" VALUES(1,3,'{"name": "export", "result": "success", "adds": 11, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.004983}');
INSERT INTO "run_step" VALUES(2,0,'{"name": "directory-import", "result": "success", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.006035}');
INSERT INTO "run_step" VALUES(2,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 11, "errors": 0, "quarantined": 0, "seconds": 0.000634}');
INSERT INTO "run_step" VALUES(2,2,'{"name": "synchronization", "result": "success", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.001806}');
INSERT INTO "run_step" VALUES(2,3,'{"name": "export", "result": "completed-export-errors", "adds": 2, "updates": 1, "deletes": 1, "unchanged": 0, "errors": 0, "quarantined": 2, "seconds": 0.005018}');
INSERT INTO "run_step" VALUES(3,0,'{"name": "directory-import", "result": "success", "adds": 3, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.005791}');
INSERT INTO "run_step" VALUES(3,1,'{"name": "cloud-import", "result": "success", "adds": 0, "updates": 0, "deletes": 0, "unchanged": 4, "errors": 0, "quarantined": 0, "seconds": 0.000682}');
INSERT INTO "run_step" VALUES(3,2,'{"name": "synchronization", "result": "success", "adds": 3, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 0, "quarantined": 0, "seconds": 0.001698}');
INSERT INTO "run_step" VALUES(3,3,'{"name": "export", "result": "completed-export-errors", "adds": 2, "updates": 0, "deletes": 0, "unchanged": 0, "errors": 1, "quarantined": 2, "seconds": 0.005756}');
CREATE TABLE state (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "state" VALUES('export-batch','["2026-11-23T14:37:24.082610Z/KDANI5d7QRCMReGEn8Zufw==", ["KDANI5d7QRCMReGEn8Zufw==", "6mW/I5d7QRCMUuGEn8Zufw==", "pvkPJJd7QRCMVeGEn8Zufw=="]]');
INSERT INTO "state" VALUES('export-session','4');
INSERT INTO "state" VALUES('last-import','2026-11-23T14:37:23.557832Z');
INSERT INTO "state" VALUES('last-success','2026-11-23T14:37:23.557832Z');
INSERT INTO "state" VALUES('read-back-cookie','5');
INSERT INTO "state" VALUES('rules-version','aa83f43a825bcea3');
INSERT INTO "state" VALUES('watermark','{"fingerprint": "cebc47018e74cc89296232f12a7b83d214924e39e8afca4cb8de2b807f1fa3a5", "cookie": "7269643d3030302c63736e3d32303236313132333134333732332e3635363830375a233030303030302330303023303030303030", "checksum": "d83b139bd19617b6"}');
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
