-- The manager of an object: of a user or a contact, or who manages a group. Both ends are objects of this tenant.
CREATE TABLE manager (
    object  INTEGER PRIMARY KEY,
    manager INTEGER NOT NULL
) STRICT;

CREATE INDEX manager_manager ON manager (manager);
