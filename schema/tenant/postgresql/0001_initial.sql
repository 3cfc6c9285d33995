-- The tenant in PostgreSQL: the tables of schema/tenant as they are after its migrations, see there for what
-- they mean. Texts compare by code point on every server. `name_key` and its like are what people sort by,
-- worked out by the connector; `fold` is made by it too, from its own tables of letters.
CREATE TABLE object (
    number bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    type text COLLATE "C" NOT NULL CHECK (type IN ('user', 'group', 'contact')),
    anchor text COLLATE "C",
    synced integer,
    created text COLLATE "C" NOT NULL,
    last_sync text COLLATE "C",
    deleted text COLLATE "C",
    version bigint NOT NULL,
    members_version bigint NOT NULL,
    display_name text COLLATE "C" NOT NULL,
    upn text COLLATE "C",
    mail text COLLATE "C",
    nickname text COLLATE "C",
    proxies text COLLATE "C" NOT NULL,
    exchange integer NOT NULL,
    upn_proxy integer NOT NULL,
    moera text COLLATE "C",
    admin_role integer NOT NULL,
    shadow text COLLATE "C" NOT NULL,
    chosen_upn text COLLATE "C",
    usage_location text COLLATE "C",
    changed bigint NOT NULL,
    own_changed bigint NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    CHECK ((type = 'user') = (upn IS NOT NULL)),
    CHECK (deleted IS NULL OR type = 'user')
);

CREATE UNIQUE INDEX object_anchor ON object (anchor, type) WHERE anchor IS NOT NULL;
CREATE INDEX object_version ON object (version, number);
CREATE INDEX object_listing ON object (type, display_name, number) WHERE deleted IS NULL;
CREATE INDEX object_name ON object (name_key, display_name, id) WHERE deleted IS NULL;
CREATE INDEX object_deleted ON object (deleted) WHERE deleted IS NOT NULL;
CREATE INDEX object_changed ON object (type, changed, number);

CREATE TABLE claim (
    namespace text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    holder bigint NOT NULL,
    PRIMARY KEY (namespace, key)
);

CREATE TABLE provisioning_error (
    object bigint NOT NULL,
    property text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    occurred text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    upn text COLLATE "C",
    search text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    upn_key text COLLATE "C" NOT NULL,
    PRIMARY KEY (object, property, key)
);

CREATE INDEX provisioning_error_value ON provisioning_error (property, key);
CREATE INDEX provisioning_error_key ON provisioning_error (key);
CREATE INDEX provisioning_error_occurred ON provisioning_error (occurred);
CREATE INDEX provisioning_error_name ON provisioning_error (name_key, name);
CREATE INDEX provisioning_error_upn ON provisioning_error (upn_key, upn);

CREATE TABLE link (
    parent bigint NOT NULL,
    member bigint NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (parent, member)
);

CREATE INDEX link_member ON link (member);

CREATE TABLE removed (
    anchor text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (anchor, type)
);

CREATE INDEX removed_version ON removed (version);

CREATE TABLE first_failure (
    anchor text COLLATE "C" PRIMARY KEY
);

CREATE TABLE feature (
    name text COLLATE "C" PRIMARY KEY,
    enabled integer NOT NULL
);

CREATE TABLE domain (
    name text COLLATE "C" PRIMARY KEY,
    verified integer NOT NULL,
    federated integer NOT NULL
);

CREATE TABLE state (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);

CREATE TABLE batch (
    number bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    results text COLLATE "C" NOT NULL
);

CREATE TABLE mark (
    version bigint PRIMARY KEY,
    mark text COLLATE "C" NOT NULL
);

CREATE TABLE change (
    number bigint PRIMARY KEY,
    at text COLLATE "C" NOT NULL,
    mark text COLLATE "C" NOT NULL
);

CREATE INDEX change_at ON change (at);

CREATE TABLE gone (
    type text COLLATE "C" NOT NULL,
    changed bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (type, changed, id)
);

CREATE TABLE unlinked (
    parent bigint NOT NULL,
    member text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (parent, member)
);

CREATE INDEX unlinked_changed ON unlinked (changed);
