-- The claims of a first export wait in `arrived_claim`, in the order in which they come, until they are sorted
-- into `settled_claim`, whose primary key guarantees that a value has one holder. `claim` has both.
-- For as long as that takes, there are no indexes object_anchor, object_listing and object_version: see
-- tenant/arrivals.py, which makes them again. A migration that drops one of them has to say IF EXISTS.
CREATE TABLE settled_claim (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    holder INTEGER NOT NULL,
    PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;

INSERT INTO settled_claim (namespace, key, holder) SELECT namespace, key, holder FROM claim;
DROP TABLE claim;

CREATE TABLE arrived_claim (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    holder INTEGER NOT NULL
) STRICT;

CREATE VIEW claim (namespace, key, holder) AS
SELECT namespace, key, holder FROM settled_claim
UNION ALL SELECT namespace, key, holder FROM arrived_claim;
