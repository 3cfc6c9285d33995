-- The cloud directory. A unique value belongs to one object at a time; the primary key of `claim`
-- guarantees that. `docs/decisions.md` says why there are two namespaces.

-- Every object: synchronized, cloud-only (anchor and synced are NULL) and soft-deleted users.
-- `shadow` is what was asked for (canonical JSON); upn, mail, nickname and proxies are what it
-- became. The unique values of an object follow from its row, see `objects.claims_of`.
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

CREATE UNIQUE INDEX object_anchor ON object (anchor, type) WHERE anchor IS NOT NULL;
CREATE INDEX object_version ON object (version);
CREATE INDEX object_listing ON object (type, display_name) WHERE deleted IS NULL;
CREATE INDEX object_deleted ON object (deleted) WHERE deleted IS NOT NULL;

-- The holder of each unique value. Namespaces: upn (users), proxy (SMTP addresses of every type), sip
-- and sid. `key` is the folded address without its type prefix.
CREATE TABLE claim (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    holder INTEGER NOT NULL,
    PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;

-- DirSyncProvisioningErrors: values in quarantine because another object holds them. Type, name and upn
-- repeat the object's, and `search` has the folded text that a search looks at, so that a query reads
-- this table alone, even with a filter, an order or a search.
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

CREATE INDEX provisioning_error_value ON provisioning_error (property, key);
CREATE INDEX provisioning_error_occurred ON provisioning_error (occurred);
CREATE INDEX provisioning_error_name ON provisioning_error (name);
CREATE INDEX provisioning_error_upn ON provisioning_error (upn);

-- Memberships; both ends are objects of this tenant.
CREATE TABLE link (
    parent INTEGER NOT NULL,
    member INTEGER NOT NULL,
    PRIMARY KEY (parent, member)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_member ON link (member);

-- Source anchors of removed objects, which read-back reports.
CREATE TABLE removed (
    anchor TEXT NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (anchor, type)
) STRICT, WITHOUT ROWID;

CREATE INDEX removed_version ON removed (version);

-- Groups that failed once because of another group's address; known issue 2 lets them through next time.
CREATE TABLE first_failure (
    anchor TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Features that an administrator switched in the tenant; the settings file gives the rest.
CREATE TABLE feature (
    name TEXT PRIMARY KEY,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE domain (
    name TEXT PRIMARY KEY,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    federated INTEGER NOT NULL CHECK (federated IN (0, 1))
) STRICT, WITHOUT ROWID;

-- One value each: seed, version, batch, results, last_sweep, clock_offset, last_export, domains.
CREATE TABLE state (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
